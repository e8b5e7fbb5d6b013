/// TURN over DTLS (RFC 7350): sessions over one UDP socket, by BouncyCastle. Nothing of it is
/// loaded without a listener.
@NullMarked
package dev.hairpin.turnserver.transport.dtls;

import org.jspecify.annotations.NullMarked;
