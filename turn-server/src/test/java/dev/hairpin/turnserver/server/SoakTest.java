package dev.hairpin.turnserver.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// Days of comings and goings on a clock that runs ahead: whatever an allocation leaves behind
/// shows up as a slope. `-Dsoak.seed=…` draws the same days again.
class SoakTest {
  /// Bytes of heap that a thousand allocations may leave behind. In a day, what the tests before it
  /// and classes that come late leave still shows; whatever holds an allocation holds a kilobyte.
  private static final double MAX_SLOPE_OF_A_DAY = 128 << 10;

  private static final double MAX_SLOPE_OF_A_MONTH = 1_024;

  private static final long SEED = Long.getLong("soak.seed", System.nanoTime());

  @Test
  void aDayLeavesNothingBehind() {
    assertLeavesNothing(Duration.ofDays(1), 200, MAX_SLOPE_OF_A_DAY);
  }

  @Test
  @Tag("nightly")
  void aMonthLeavesNothingBehind() {
    assertLeavesNothing(Duration.ofDays(30), 5_000, MAX_SLOPE_OF_A_MONTH);
  }

  private static void assertLeavesNothing(Duration time, int users, double maxSlope) {
    try (var soak = new Soak(SEED, time, users)) {
      var samples = soak.run();
      String told = "seed " + SEED + ", " + samples;
      for (var sample : samples.measured()) {
        assertEquals(samples.first().descriptors(), sample.descriptors(), told);
        // those of tests before this one may still be ending
        assertTrue(sample.threads() <= samples.first().threads(), told);
        assertEquals(0, sample.held(), told);
      }
      assertTrue(samples.bytesPerThousand() < maxSlope, told);
    }
  }
}
