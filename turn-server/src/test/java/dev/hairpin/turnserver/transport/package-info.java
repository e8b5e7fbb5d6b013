@NullMarked
package dev.hairpin.turnserver.transport;

import org.jspecify.annotations.NullMarked;
