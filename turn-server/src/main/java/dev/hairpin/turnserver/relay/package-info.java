/// The relayed sockets, towards peers.
@NullMarked
package dev.hairpin.turnserver.relay;

import org.jspecify.annotations.NullMarked;
