package dev.hairpin.turnserver.loop;

import dev.hairpin.turnserver.allocation.Allocation;
import dev.hairpin.turnserver.loop.RequestPath.Request;
import dev.hairpin.turnserver.loop.Session.End;
import dev.hairpin.turnserver.net.TransportAddress;
import dev.hairpin.turnserver.stun.TransactionId;
import dev.hairpin.turnserver.telemetry.Counter;
import dev.hairpin.turnserver.telemetry.Counters;
import dev.hairpin.turnserver.transport.ClientSocket;
import dev.hairpin.turnserver.udp.Packet;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Every allocation of one loop, and the last that their clients released. One that has run out is
/// closed when somebody meets it, or by the sweep, which looks at a bounded number each time.
final class AllocationBook {
  private static final int SWEEP_BUDGET = 2_000;

  /// RFC 8489 §6.3.1: responses are remembered for 40 seconds.
  private static final Duration MEMORY = Duration.ofSeconds(40);

  private static final int MAX_RELEASES = 256;
  private static final Logger LOG = LoggerFactory.getLogger(AllocationBook.class);

  final Counters counters;

  /// Those that the next sweep looks at come first.
  private final SequencedMap<Long, Allocation> byId = new LinkedHashMap<>();

  /// A fixed number: the oldest makes room.
  private final Deque<Release> releases = new ArrayDeque<>(MAX_RELEASES);

  private final AtomicReference<Session.@Nullable Listener> listener;

  private record Release(TransportAddress client, TransactionId id, long nanos) {}

  AllocationBook(Counters counters, AtomicReference<Session.@Nullable Listener> listener) {
    this.counters = counters;
    this.listener = listener;
  }

  /// The allocation of the client that sent a packet, or null.
  @Nullable Allocation live(ClientSocket socket, Packet packet, long nowNanos) {
    var allocation = socket.allocationOf(packet);
    if (allocation != null && !allocation.isLive(nowNanos)) {
      expire(allocation, nowNanos);
      return null;
    }
    return allocation;
  }

  /// The live allocation of this id, or null.
  @Nullable Allocation live(long id, long nowNanos) {
    var found = byId.get(id);
    return found != null && found.isLive(nowNanos) ? found : null;
  }

  private void expire(Allocation allocation, long nowNanos) {
    remove(allocation, allocation.isAged(nowNanos) ? End.AGED : End.EXPIRED, nowNanos);
  }

  void add(Allocation allocation, Request request) {
    byId.put(allocation.id(), allocation);
    counters.increment(Counter.ALLOCATIONS_OPENED);
    var told = listener.get();
    if (told != null) {
      told.started(Session.of(allocation, request.nanos()));
    }
    // which tells at once where the client is gone
    request.socket().add(request.client(), allocation);
  }

  /// Forgets an allocation, and remembers by which request.
  void released(Allocation allocation, Request request) {
    if (releases.size() == MAX_RELEASES) {
      releases.removeFirst();
    }
    releases.addLast(new Release(request.client(), request.id(), request.nanos()));
    remove(allocation, End.RELEASED, request.nanos());
  }

  /// Whether this very request has released an allocation: retransmitted, it is to meet the same
  /// answer (RFC 8656 §5), and not the client's next allocation.
  boolean hasReleased(Request request) {
    return releases.stream()
        .filter(r -> r.id().equals(request.id()) && r.client().equals(request.client()))
        .anyMatch(r -> request.nanos() - r.nanos() < MEMORY.toNanos());
  }

  /// Ends an allocation and forgets it.
  void remove(Allocation allocation, End end, long nowNanos) {
    allocation.close();
    byId.remove(allocation.id());
    counters.increment(Counter.ALLOCATIONS_CLOSED);
    LOG.info(
        "allocation ended: {}, {}, relayed {}, {} s, {}",
        end,
        allocation.owner().credential().account(),
        allocation.relayedAddresses(),
        Duration.ofNanos(nowNanos - allocation.openedNanos()).toSeconds(),
        allocation.traffic().passed());
    var told = listener.get();
    if (told != null) {
      told.ended(Session.of(allocation, nowNanos), end);
    }
  }

  void sweep(long nowNanos) {
    for (int left = Math.min(SWEEP_BUDGET, byId.size()); left > 0 && !byId.isEmpty(); left--) {
      var next = byId.sequencedValues().getFirst();
      byId.putLast(next.id(), next);
      sweep(next, nowNanos);
    }
  }

  private void sweep(Allocation allocation, long nowNanos) {
    if (!allocation.isLive(nowNanos)) {
      expire(allocation, nowNanos);
    } else if (allocation.isIdle(nowNanos)) {
      remove(allocation, End.IDLE, nowNanos);
    } else if (allocation.traffic().isSpent()) {
      remove(allocation, End.SPENT, nowNanos);
    } else {
      allocation.sweep(nowNanos);
    }
  }

  List<Session> sessions(long nowNanos) {
    return byId.values().stream().map(allocation -> Session.of(allocation, nowNanos)).toList();
  }

  /// Ends those of a kind, and says how many there were.
  int endWhere(Predicate<Allocation> kind, End end, long nowNanos) {
    var ended = byId.values().stream().filter(kind).toList();
    ended.forEach(allocation -> remove(allocation, end, nowNanos));
    return ended.size();
  }

  /// The policy has changed.
  void judgeAgain(long nowNanos) {
    byId.values().forEach(allocation -> allocation.judgeAgain(nowNanos));
  }
}
