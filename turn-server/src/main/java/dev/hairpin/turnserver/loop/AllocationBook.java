package dev.hairpin.turnserver.loop;

import dev.hairpin.turnserver.allocation.Allocation;
import dev.hairpin.turnserver.telemetry.Counter;
import dev.hairpin.turnserver.telemetry.Counters;
import dev.hairpin.turnserver.transport.UdpListener;
import dev.hairpin.turnserver.udp.Packet;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Every allocation of one loop. One that has run out is closed when somebody meets it, or by the
/// sweep, which looks at a bounded number each time.
final class AllocationBook {
  static final Duration SWEEP_INTERVAL = Duration.ofMillis(250);
  private static final int SWEEP_BUDGET = 2_000;
  private static final Logger LOG = LoggerFactory.getLogger(AllocationBook.class);

  private final Counters counters;
  private final List<Entry> entries = new ArrayList<>();
  private int cursor;

  AllocationBook(Counters counters) {
    this.counters = counters;
  }

  private record Entry(UdpListener listener, Allocation allocation) {}

  /// Why an allocation ended.
  enum End {
    RELEASED,
    EXPIRED,
    STOPPED
  }

  Counters counters() {
    return counters;
  }

  /// The allocation of the client that sent a packet, or null.
  @Nullable Allocation live(UdpListener listener, Packet packet, long nowNanos) {
    var allocation = listener.allocationOf(packet);
    if (allocation != null && !allocation.isLive(nowNanos)) {
      remove(listener, allocation, End.EXPIRED, nowNanos);
      return null;
    }
    return allocation;
  }

  void add(UdpListener listener, Allocation allocation) {
    listener.add(allocation);
    entries.add(new Entry(listener, allocation));
    counters.increment(Counter.ALLOCATIONS_OPENED);
  }

  /// Ends an allocation and forgets it. Its place in the list goes at the next sweep.
  void remove(UdpListener listener, Allocation allocation, End end, long nowNanos) {
    allocation.close();
    listener.remove(allocation);
    counters.increment(Counter.ALLOCATIONS_CLOSED);
    LOG.info(
        "allocation ended: {}, user {}, relayed {}, {} s, {}",
        end,
        allocation.owner().user(),
        allocation.relay().relayedAddress(),
        Duration.ofNanos(nowNanos - allocation.openedNanos()).toSeconds(),
        allocation.traffic());
  }

  void sweep(long nowNanos) {
    int budget = Math.min(SWEEP_BUDGET, entries.size());
    for (int i = 0; i < budget; i++) {
      cursor = cursor >= entries.size() ? 0 : cursor;
      var entry = entries.get(cursor);
      if (!entry.allocation.isClosed() && !entry.allocation.isLive(nowNanos)) {
        remove(entry.listener, entry.allocation, End.EXPIRED, nowNanos);
      }
      if (entry.allocation.isClosed()) {
        var last = entries.removeLast();
        if (cursor < entries.size()) {
          entries.set(cursor, last);
        }
      } else {
        cursor++;
      }
    }
  }

  void closeAll(long nowNanos) {
    for (var entry : entries) {
      if (!entry.allocation.isClosed()) {
        remove(entry.listener, entry.allocation, End.STOPPED, nowNanos);
      }
    }
    entries.clear();
  }
}
