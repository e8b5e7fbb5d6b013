/// The sockets towards clients, on every transport.
@NullMarked
package dev.hairpin.turnserver.transport;

import org.jspecify.annotations.NullMarked;
