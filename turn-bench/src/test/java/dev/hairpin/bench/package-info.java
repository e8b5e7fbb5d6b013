@NullMarked
package dev.hairpin.bench;

import org.jspecify.annotations.NullMarked;
