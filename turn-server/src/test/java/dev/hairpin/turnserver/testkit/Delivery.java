package dev.hairpin.turnserver.testkit;

import java.net.InetSocketAddress;

/// A payload from a peer, as the client got it.
public sealed interface Delivery {
  Bytes payload();

  /// By a Data indication (RFC 8656 §11.3).
  record Indication(InetSocketAddress peer, Bytes payload) implements Delivery {}

  /// What became of a datagram to a peer (RFC 8656 §11.5).
  record Icmp(InetSocketAddress peer, int type, int code, long data) implements Delivery {
    static Icmp of(Message indication) {
      var value = indication.require(Attributes.ICMP);
      Expect.that(value.length() == 8 && value.uint16At(0) == 0, "a strange ICMP: ", indication);
      return new Icmp(
          indication.address(Attributes.XOR_PEER_ADDRESS),
          value.at(2),
          value.at(3),
          value.uint32At(4));
    }

    @Override
    public Bytes payload() {
      return Bytes.EMPTY;
    }
  }

  /// By a ChannelData message (RFC 8656 §12.7).
  record OnChannel(int channel, Bytes payload) implements Delivery {}
}
