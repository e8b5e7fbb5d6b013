/// A load generator for any TURN server: many clients, one peer, and what came through.
@NullMarked
package dev.hairpin.bench;

import org.jspecify.annotations.NullMarked;
