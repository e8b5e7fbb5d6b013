package dev.hairpin.turnserver.net;

import java.util.concurrent.atomic.AtomicIntegerArray;

/// How many of something each source has now. Loopback has no bound. Any thread may ask.
public final class SourceCount {
  private final int max;
  private final SourceCells cells = new SourceCells();
  private final AtomicIntegerArray counts;

  /// @param max 0 is no bound
  public SourceCount(int max) {
    this.max = max;
    this.counts = new AtomicIntegerArray(max == 0 ? 0 : SourceCells.COUNT);
  }

  /// Counts one more, unless the source has as many as it may.
  public boolean add(IpAddress source) {
    if (!isBounded(source)) {
      return true;
    }
    int cell = cells.of(source);
    if (counts.incrementAndGet(cell) <= max) {
      return true;
    }
    counts.decrementAndGet(cell);
    return false;
  }

  /// Gives back what [#add] has counted.
  public void remove(IpAddress source) {
    if (isBounded(source)) {
      counts.decrementAndGet(cells.of(source));
    }
  }

  private boolean isBounded(IpAddress source) {
    return max > 0 && !source.isLoopback();
  }
}
