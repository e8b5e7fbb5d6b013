@NullMarked
package dev.hairpin.bench.measure;

import org.jspecify.annotations.NullMarked;
