package dev.hairpin.turnserver.net;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLongArray;

/// How often each source may have something: so many at once, and one more after each interval
/// (GCRA, ITU-T I.371). It holds nothing about anybody but one number in a table of fixed size.
/// Loopback has no bound, for nobody elsewhere can send from there. Any thread may ask.
public final class SourceBudget {
  private final int burst;
  private final long intervalNanos;
  private final SourceCells cells = new SourceCells();

  /// When each cell will have its whole burst again.
  private final AtomicLongArray fullAgainNanos;

  /// @param burst 0 is no bound
  public SourceBudget(int burst, Duration interval) {
    this.burst = burst;
    this.intervalNanos = interval.toNanos();
    this.fullAgainNanos = new AtomicLongArray(burst == 0 ? 0 : SourceCells.COUNT);
  }

  /// So many at once, and so many a second.
  ///
  /// @param count 0 is no bound
  public static SourceBudget perSecond(int count) {
    return new SourceBudget(count, Duration.ofSeconds(1).dividedBy(Math.max(1, count)));
  }

  /// Whether nothing is left for a source.
  public boolean isSpent(IpAddress source, long nowNanos) {
    return isBounded(source) && !leaves(spent(fullAgainNanos.get(cells.of(source)), nowNanos));
  }

  /// Takes one, and says whether there was one left.
  public boolean take(IpAddress source, long nowNanos) {
    if (!isBounded(source)) {
      return true;
    }
    if (isSpent(source, nowNanos)) {
      return false; // without a write that other loops would wait for
    }
    long before =
        fullAgainNanos.getAndUpdate(
            cells.of(source),
            seen -> {
              long spent = spent(seen, nowNanos);
              return leaves(spent) ? nowNanos + spent + intervalNanos : seen;
            });
    return leaves(spent(before, nowNanos));
  }

  private boolean isBounded(IpAddress source) {
    return burst > 0 && !source.isLoopback();
  }

  private long spent(long fullAgain, long nowNanos) {
    return Math.max(0, fullAgain - nowNanos);
  }

  private boolean leaves(long spentNanos) {
    return spentNanos <= (burst - 1) * intervalNanos;
  }
}
