@NullMarked
package dev.hairpin.deploy;

import org.jspecify.annotations.NullMarked;
