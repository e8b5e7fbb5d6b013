/// TURN on the wire by RFC 8656: typed requests and answers, ChannelData framing.
@NullMarked
package dev.hairpin.turnserver.turn;

import org.jspecify.annotations.NullMarked;
