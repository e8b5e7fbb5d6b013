/// The sockets towards clients; tells STUN from ChannelData by the first byte.
@NullMarked
package dev.hairpin.turnserver.transport;

import org.jspecify.annotations.NullMarked;
