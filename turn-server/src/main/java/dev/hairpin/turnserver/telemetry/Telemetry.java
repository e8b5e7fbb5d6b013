package dev.hairpin.turnserver.telemetry;

import java.util.List;

/// The counters of all loops; a number is summed when it is asked for.
public final class Telemetry {
  private final List<Counters> loops;

  public Telemetry(List<Counters> loops) {
    this.loops = List.copyOf(loops);
  }

  public long get(Counter counter) {
    return loops.stream().mapToLong(c -> c.get(counter)).sum();
  }

  public long get(DropReason reason) {
    return loops.stream().mapToLong(c -> c.get(reason)).sum();
  }

  /// Allocations that live now.
  public long liveAllocations() {
    return get(Counter.ALLOCATIONS_OPENED) - get(Counter.ALLOCATIONS_CLOSED);
  }
}
