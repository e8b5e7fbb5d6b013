package dev.hairpin.turnserver.telemetry;

import java.util.List;
import java.util.Map;
import java.util.function.IntSupplier;

/// The counters of all loops; a number is summed when it is asked for.
public record Telemetry(List<Counters> loops, Map<Gauge, IntSupplier> gauges) {
  public int get(Gauge gauge) {
    return gauges.getOrDefault(gauge, () -> 0).getAsInt();
  }

  public long get(Counter counter) {
    return loops.stream().mapToLong(c -> c.get(counter)).sum();
  }

  public long get(DropReason reason) {
    return loops.stream().mapToLong(c -> c.get(reason)).sum();
  }

  /// Error responses of a code.
  public long errors(int code) {
    return loops.stream().mapToLong(c -> c.errors(code)).sum();
  }

  /// Allocations that live now.
  public long liveAllocations() {
    long closed = get(Counter.ALLOCATIONS_CLOSED); // first, or there would be fewer than none
    return get(Counter.ALLOCATIONS_OPENED) - closed;
  }
}
