package dev.hairpin.credentialapi;

import java.time.Duration;

/// How long credentials last: what a caller gets that asks for nothing, and the bounds that any
/// wish is clamped to.
public record TtlRange(Duration standard, Duration min, Duration max) {
  public static final TtlRange DEFAULT =
      new TtlRange(Duration.ofDays(1), Duration.ofMinutes(1), Duration.ofDays(1));

  public TtlRange {
    if (min.toSeconds() < 1 || standard.compareTo(min) < 0 || max.compareTo(standard) < 0) {
      throw new IllegalArgumentException(
          "ttl needs 1 second <= min <= default <= max, not " + min + ", " + standard + ", " + max);
    }
  }

  public Duration clamp(Duration wish) {
    return wish.compareTo(min) < 0 ? min : wish.compareTo(max) > 0 ? max : wish;
  }
}
