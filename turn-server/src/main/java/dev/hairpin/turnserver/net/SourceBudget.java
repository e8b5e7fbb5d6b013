package dev.hairpin.turnserver.net;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLongArray;

/// How often each source may have something: so many at once, and one more after each interval
/// (GCRA, ITU-T I.371). It holds nothing about anybody but one number in a table of fixed size.
/// Loopback has no bound. Any thread may ask.
public final class SourceBudget extends SourceCells {
  private final long burstNanos;
  private final long intervalNanos;

  /// When each cell will have its whole burst again.
  private final AtomicLongArray fullAgainNanos;

  /// @param burst 0 is no bound
  public SourceBudget(int burst, Duration interval) {
    super(burst);
    this.intervalNanos = interval.toNanos();
    this.burstNanos = burst * intervalNanos;
    this.fullAgainNanos = new AtomicLongArray(count);
  }

  /// So many at once, and so many a second.
  ///
  /// @param count 0 is no bound
  public static SourceBudget perSecond(int count) {
    return new SourceBudget(count, Duration.ofSeconds(1).dividedBy(Math.max(1, count)));
  }

  /// Whether nothing is left for a source.
  public boolean isSpent(IpAddress source, long nowNanos) {
    int cell = cellOf(source);
    return cell >= 0 && withOneMore(fullAgainNanos.get(cell), nowNanos) - nowNanos > burstNanos;
  }

  /// Takes one, and says whether there was one left.
  public boolean take(IpAddress source, long nowNanos) {
    int cell = cellOf(source);
    if (cell < 0) {
      return true;
    }
    long before;
    long after;
    do {
      before = fullAgainNanos.get(cell);
      after = withOneMore(before, nowNanos);
      if (after - nowNanos > burstNanos) {
        return false; // without a write that other loops would wait for
      }
    } while (!fullAgainNanos.compareAndSet(cell, before, after));
    return true;
  }

  private long withOneMore(long fullAgain, long nowNanos) {
    return nowNanos + Math.max(0, fullAgain - nowNanos) + intervalNanos;
  }
}
