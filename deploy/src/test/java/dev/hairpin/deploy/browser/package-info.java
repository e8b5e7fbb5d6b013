/// Tests in real browsers: the page of the API against the TURN server, both in this process.
@NullMarked
package dev.hairpin.deploy.browser;

import org.jspecify.annotations.NullMarked;
