package dev.hairpin.turnserver.loop;

import dev.hairpin.turnserver.net.TransportAddress;
import dev.hairpin.turnserver.stun.TransactionId;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;

/// The last allocations that their clients released, so that a retransmitted request meets the same
/// answer (RFC 8656 §5), and not the client's next one. A fixed number: the oldest makes room.
final class Releases {
  /// RFC 8489 §6.3.1: responses are remembered for 40 seconds.
  private static final Duration LIFETIME = Duration.ofSeconds(40);

  private static final int MAX = 256;

  private final Deque<Release> latest = new ArrayDeque<>(MAX);

  private record Release(TransportAddress client, TransactionId id, long nanos) {}

  void add(TransportAddress client, TransactionId id, long nowNanos) {
    if (latest.size() == MAX) {
      latest.removeFirst();
    }
    latest.addLast(new Release(client, id, nowNanos));
  }

  boolean contains(TransportAddress client, TransactionId id, long nowNanos) {
    return latest.stream()
        .filter(release -> release.id().equals(id) && release.client().equals(client))
        .anyMatch(release -> nowNanos - release.nanos() < LIFETIME.toNanos());
  }
}
