package dev.hairpin.turnserver.loop;

import dev.hairpin.turnserver.allocation.Allocation;
import dev.hairpin.turnserver.allocation.FiveTuple;
import dev.hairpin.turnserver.loop.Session.End;
import dev.hairpin.turnserver.telemetry.Counter;
import dev.hairpin.turnserver.telemetry.Counters;
import dev.hairpin.turnserver.transport.ClientSocket;
import dev.hairpin.turnserver.udp.Packet;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Every allocation of one loop. One that has run out is closed when somebody meets it, or by the
/// sweep, which looks at a bounded number each time.
final class AllocationBook {
  private static final int SWEEP_BUDGET = 2_000;
  private static final Logger LOG = LoggerFactory.getLogger(AllocationBook.class);

  final Counters counters;
  private final Roaming roaming;
  private final List<Allocation> allocations = new ArrayList<>();
  private final AtomicReference<Session.@Nullable Listener> listener;
  private int cursor;

  AllocationBook(
      Counters counters, Roaming roaming, AtomicReference<Session.@Nullable Listener> listener) {
    this.counters = counters;
    this.roaming = roaming;
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

  private void expire(Allocation allocation, long nowNanos) {
    remove(allocation, allocation.isAged(nowNanos) ? End.AGED : End.EXPIRED, nowNanos);
  }

  void add(ClientSocket socket, FiveTuple fiveTuple, Allocation allocation, long nowNanos) {
    socket.add(fiveTuple.client(), allocation);
    allocations.add(allocation);
    counters.increment(Counter.ALLOCATIONS_OPENED);
    var told = listener.get();
    if (told != null) {
      told.started(Session.of(allocation, nowNanos));
    }
  }

  /// Ends an allocation and forgets it. Its place in the list goes at the next sweep.
  void remove(Allocation allocation, End end, long nowNanos) {
    allocation.close();
    roaming.ended(allocation);
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
    int budget = Math.min(SWEEP_BUDGET, allocations.size());
    for (int i = 0; i < budget; i++) {
      cursor = cursor >= allocations.size() ? 0 : cursor;
      var allocation = allocations.get(cursor);
      if (!allocation.isClosed() && !allocation.isLive(nowNanos)) {
        expire(allocation, nowNanos);
      }
      if (!allocation.isClosed() && allocation.isIdle(nowNanos)) {
        remove(allocation, End.IDLE, nowNanos);
      }
      if (!allocation.isClosed() && allocation.traffic().isSpent()) {
        remove(allocation, End.SPENT, nowNanos);
      }
      allocation.sweep(nowNanos);
      if (allocation.isClosed()) {
        var last = allocations.removeLast();
        if (cursor < allocations.size()) {
          allocations.set(cursor, last);
        }
      } else {
        cursor++;
      }
    }
  }

  List<Session> sessions(long nowNanos) {
    return open().map(allocation -> Session.of(allocation, nowNanos)).toList();
  }

  /// Ends those of a kind, and says how many there were.
  int endWhere(Predicate<Allocation> kind, End end, long nowNanos) {
    var ended = open().filter(kind).toList();
    ended.forEach(allocation -> remove(allocation, end, nowNanos));
    return ended.size();
  }

  /// The policy has changed.
  void judgeAgain(long nowNanos) {
    open().forEach(allocation -> allocation.judgeAgain(nowNanos));
  }

  private Stream<Allocation> open() {
    return allocations.stream().filter(allocation -> !allocation.isClosed());
  }
}
