package dev.hairpin.turnserver.telemetry;

import java.util.List;
import java.util.function.IntSupplier;

/// The counters of all loops; a number is summed when it is asked for.
public final class Telemetry {
  private final List<Counters> loops;
  private final List<Gauge> gauges;

  public Telemetry(List<Counters> loops, List<Gauge> gauges) {
    this.loops = List.copyOf(loops);
    this.gauges = List.copyOf(gauges);
  }

  /// How much of something there is now.
  ///
  /// @param metric its name, without prefix
  public record Gauge(String metric, String help, IntSupplier value) {}

  public List<Gauge> gauges() {
    return gauges;
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
