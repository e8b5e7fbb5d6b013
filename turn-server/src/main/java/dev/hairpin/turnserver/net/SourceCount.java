package dev.hairpin.turnserver.net;

import java.util.concurrent.atomic.AtomicIntegerArray;

/// How many of something each source has now. Loopback has no bound. Any thread may ask.
public final class SourceCount extends SourceCells {
  private final int max;
  private final AtomicIntegerArray counts;

  /// @param max 0 is no bound
  public SourceCount(int max) {
    super(max);
    this.max = max;
    this.counts = new AtomicIntegerArray(count);
  }

  /// Counts one more, unless the source has as many as it may.
  public boolean add(IpAddress source) {
    int cell = cellOf(source);
    if (cell < 0 || counts.incrementAndGet(cell) <= max) {
      return true;
    }
    counts.decrementAndGet(cell);
    return false;
  }

  /// Gives back what [#add] has counted.
  public void remove(IpAddress source) {
    int cell = cellOf(source);
    if (cell >= 0) {
      counts.decrementAndGet(cell);
    }
  }
}
