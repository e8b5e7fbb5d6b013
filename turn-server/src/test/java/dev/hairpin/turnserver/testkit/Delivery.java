package dev.hairpin.turnserver.testkit;

import java.net.InetSocketAddress;

/// A payload from a peer, as the client got it.
public sealed interface Delivery {
  Bytes payload();

  /// By a Data indication (RFC 8656 §11.3).
  record Indication(InetSocketAddress peer, Bytes payload) implements Delivery {}

  /// By a ChannelData message (RFC 8656 §12.7).
  record OnChannel(int channel, Bytes payload) implements Delivery {}
}
