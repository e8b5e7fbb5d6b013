/// STUN messages by RFC 8489: knows nothing of TURN, users or sockets.
@NullMarked
package dev.hairpin.turnserver.stun;

import org.jspecify.annotations.NullMarked;
