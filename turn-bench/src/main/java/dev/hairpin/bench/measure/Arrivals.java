package dev.hairpin.bench.measure;

/// Which numbers of one client have come, over a window that moves with the highest.
final class Arrivals {
  /// What the arrival of a number was.
  enum Kind {
    NEXT,
    REORDERED,
    DUPLICATE
  }

  private final long[] seen;
  private final int window;
  private long highest = -1;

  /// @param window how far back a number is remembered; a power of two, at least 64
  Arrivals(int window) {
    this.window = window;
    this.seen = new long[window / Long.SIZE];
  }

  Kind add(long number) {
    if (number > highest) {
      long from = Math.max(highest + 1, number - window + 1);
      for (long passed = from; passed < number; passed++) {
        seen[word(passed)] &= ~(1L << passed);
      }
      seen[word(number)] |= 1L << number;
      highest = number;
      return Kind.NEXT;
    }
    if (highest - number >= window) {
      return Kind.REORDERED; // too old to know more of it
    }
    if ((seen[word(number)] & 1L << number) != 0) {
      return Kind.DUPLICATE;
    }
    seen[word(number)] |= 1L << number;
    return Kind.REORDERED;
  }

  private int word(long number) {
    return (int) (number & window - 1) >>> 6;
  }
}
