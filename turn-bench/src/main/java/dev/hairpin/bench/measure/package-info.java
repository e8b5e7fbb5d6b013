/// What came through, what the server spent on it, and what the generator itself could not keep up
/// with.
@NullMarked
package dev.hairpin.bench.measure;

import org.jspecify.annotations.NullMarked;
