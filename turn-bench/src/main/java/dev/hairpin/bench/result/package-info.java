/// The results as a table, as JSON and while they come.
@NullMarked
package dev.hairpin.bench.result;

import org.jspecify.annotations.NullMarked;
