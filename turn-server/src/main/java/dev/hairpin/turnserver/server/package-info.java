/// Starts the loops, binds the listeners, stops them; speaks to all loops at once.
@NullMarked
package dev.hairpin.turnserver.server;

import org.jspecify.annotations.NullMarked;
