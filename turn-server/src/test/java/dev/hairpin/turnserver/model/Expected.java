package dev.hairpin.turnserver.model;

import dev.hairpin.turnserver.testkit.Message;
import java.net.InetSocketAddress;
import java.util.Set;
import java.util.function.Consumer;

/// What the model says must come of one datagram: one thing at most.
sealed interface Expected {
  /// An answer with one of these codes, 0 for success.
  ///
  /// @param onSuccess looks at a success response and lets the model follow
  record Reply(Set<Integer> codes, boolean signed, Consumer<Message> onSuccess)
      implements Expected {}

  record ToPeer(InetSocketAddress relayed, InetSocketAddress peer) implements Expected {}

  /// A payload for a client.
  ///
  /// @param channel 0 for a Data indication
  record ToClient(int client, InetSocketAddress peer, int channel) implements Expected {}

  record IcmpToClient(int client, InetSocketAddress peer) implements Expected {}

  /// Silence, under the name of a reason to drop.
  record Drop(String reason) implements Expected {}

  /// Silence, and nothing is counted.
  record Nothing() implements Expected {}

  static Reply refused(int code) {
    return new Reply(Set.of(code), true, _ -> {});
  }

  static Reply unsigned(int code) {
    return new Reply(Set.of(code), false, _ -> {});
  }

  static Reply granted(Consumer<Message> onSuccess) {
    return new Reply(Set.of(0), true, onSuccess);
  }
}
