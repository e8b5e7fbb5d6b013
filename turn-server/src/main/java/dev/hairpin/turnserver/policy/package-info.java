/// Decides what a client may do; pure functions of the request.
@NullMarked
package dev.hairpin.turnserver.policy;

import org.jspecify.annotations.NullMarked;
