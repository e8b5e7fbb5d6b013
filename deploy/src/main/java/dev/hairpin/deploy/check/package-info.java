/// Tests a running server from outside, as a WebRTC client would use it.
@NullMarked
package dev.hairpin.deploy.check;

import org.jspecify.annotations.NullMarked;
