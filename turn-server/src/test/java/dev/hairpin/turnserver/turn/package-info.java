@NullMarked
package dev.hairpin.turnserver.turn;

import org.jspecify.annotations.NullMarked;
