package dev.hairpin.turnserver.telemetry;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.AbstractList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class TelemetryTest {
  /// A loop that opens and closes an allocation whenever somebody is about to look at it.
  private static List<Counters> busy() {
    var counters = new Counters();
    return new AbstractList<>() {
      @Override
      public Counters get(int index) {
        counters.increment(Counter.ALLOCATIONS_OPENED);
        counters.increment(Counter.ALLOCATIONS_CLOSED);
        return counters;
      }

      @Override
      public int size() {
        return 1;
      }
    };
  }

  @Test
  void thereAreNeverFewerAllocationsThanNone() {
    assertEquals(1, new Telemetry(busy(), Map.of()).liveAllocations());
  }
}
