package dev.hairpin.turnserver.testkit;

import java.net.InetSocketAddress;

/// A peer has connected to the relayed address of a TCP allocation (RFC 6062 §4.4).
///
/// @param connectionId what to bind the data connection by
public record ConnectionAttempt(long connectionId, InetSocketAddress peer) {
  static ConnectionAttempt of(Message indication) {
    Expect.that(indication.attributes().size() == 2, "a ConnectionAttempt has two: ", indication);
    return new ConnectionAttempt(
        indication.uint32(Attributes.CONNECTION_ID),
        indication.address(Attributes.XOR_PEER_ADDRESS));
  }
}
