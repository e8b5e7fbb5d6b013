package dev.hairpin.turnserver.testkit;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/// Waits for what another process or the system's clock brings about, never longer than a deadline;
/// and holds threads that a test lets go again.
public final class Await {
  private static final Duration PAUSE = Duration.ofMillis(10);

  private Await() {}

  /// Asks again and again until the condition holds.
  ///
  /// @param what describes the state for the error, once it is clear that it does not come
  public static void until(Duration patience, BooleanSupplier condition, Supplier<String> what) {
    long deadline = System.nanoTime() + patience.toNanos();
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() - deadline > 0) {
        throw new AssertionError("not within " + patience.toSeconds() + " s: " + what.get());
      }
      try {
        Thread.sleep(PAUSE);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new AssertionError("interrupted", e);
      }
    }
  }

  /// Holds the thread until somebody counts down, or interrupts it.
  public static void released(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }
}
