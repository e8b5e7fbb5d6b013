package dev.hairpin.turnserver.model;

import dev.hairpin.turnserver.testkit.Bytes;
import java.net.InetSocketAddress;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A request as it was sent: what a step's small numbers stood for at that moment.
///
/// @param nonceSeconds when its nonce was made
record Ask(
    Step.Request step,
    Bytes bytes,
    Bytes transaction,
    long nonceSeconds,
    List<InetSocketAddress> peers,
    @Nullable Bytes token,
    @Nullable Bytes ticket) {
  int client() {
    return step.by().client();
  }

  User user() {
    return step.by().user();
  }
}
