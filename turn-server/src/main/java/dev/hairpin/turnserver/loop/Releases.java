package dev.hairpin.turnserver.loop;

import dev.hairpin.turnserver.net.TransportAddress;
import dev.hairpin.turnserver.stun.TransactionId;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// The last allocations that their clients released, so that a retransmitted request meets the same
/// answer (RFC 8656 §5). A fixed number: the oldest makes room.
final class Releases {
  /// RFC 8489 §6.3.1: responses are remembered for 40 seconds.
  private static final Duration LIFETIME = Duration.ofSeconds(40);

  private static final int MAX = 256;

  private final @Nullable Release[] latest = new @Nullable Release[MAX];
  private int next;

  private record Release(TransportAddress client, TransactionId id, long nanos) {}

  void add(TransportAddress client, TransactionId id, long nowNanos) {
    latest[next] = new Release(client, id, nowNanos);
    next = (next + 1) % MAX;
  }

  boolean contains(TransportAddress client, TransactionId id, long nowNanos) {
    for (var release : latest) {
      if (release != null && release.id().equals(id) && release.client().equals(client)) {
        return nowNanos - release.nanos() < LIFETIME.toNanos();
      }
    }
    return false;
  }
}
