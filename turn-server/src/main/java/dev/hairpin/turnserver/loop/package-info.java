/// One event loop and everything that it owns.
@NullMarked
package dev.hairpin.turnserver.loop;

import org.jspecify.annotations.NullMarked;
