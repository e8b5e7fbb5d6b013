package dev.hairpin.bench;

import java.util.OptionalInt;

/// Finds the highest rate that passes, by doubling and then by halves. A rate that fails is tried
/// once more: one hiccup of a machine is not a server's limit.
public final class Search {
  private static final double PRECISION = 0.05;

  private Search() {}

  /// Puts a rate on a server.
  @FunctionalInterface
  public interface Trial {
    /// Whether nothing was lost.
    boolean passes(int rate) throws BenchException, InterruptedException;
  }

  /// The highest rate up to `max` that passes, to five percent; empty where not even one packet a
  /// second does.
  public static OptionalInt highest(int first, int max, Trial trial)
      throws BenchException, InterruptedException {
    int low = 0;
    int high = Math.min(first, max);
    while (twice(trial, high)) {
      low = high;
      if (high == max) {
        return OptionalInt.of(max);
      }
      high = (int) Math.min(2L * high, max);
    }
    while (high - low > Math.max(1, low * PRECISION)) {
      int middle = low + (high - low) / 2;
      if (twice(trial, middle)) {
        low = middle;
      } else {
        high = middle;
      }
    }
    return low == 0 ? OptionalInt.empty() : OptionalInt.of(low);
  }

  private static boolean twice(Trial trial, int rate) throws BenchException, InterruptedException {
    boolean passed = trial.passes(rate);
    return passed || trial.passes(rate);
  }
}
