/// What the server reads from strangers, as targets that take any bytes: with a corpus each, by
/// chance, and for Jazzer. See docs/testing.md.
@NullMarked
package dev.hairpin.turnserver.fuzz;

import org.jspecify.annotations.NullMarked;
