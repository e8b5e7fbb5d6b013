@NullMarked
package dev.hairpin.bench.result;

import org.jspecify.annotations.NullMarked;
