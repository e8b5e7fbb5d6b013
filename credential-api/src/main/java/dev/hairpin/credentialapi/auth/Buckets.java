package dev.hairpin.credentialapi.auth;

import dev.hairpin.credentialapi.Rate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;

/// A bucket of tokens for each of many. A bucket is the one instant at which it will be full; one
/// that is full is as good as none and is thrown away when room is needed. Those for whom there is
/// no room share a bucket, so that no number of names makes this larger.
final class Buckets {
  static final int MAX_BUCKETS = 10_000;
  private static final String ALL_OTHERS = "";
  private static final long SECOND = Duration.ofSeconds(1).toNanos();

  private final Rate rate;
  private final InstantSource clock;
  private final Map<String, Long> fullAt = new HashMap<>();
  private long swept;

  /// What came of a call.
  ///
  /// @param name of the limit
  /// @param taken whether the call may go on
  /// @param left calls that may follow at once
  /// @param seconds until there is another where none is left, else until there are all
  record Verdict(String name, Rate rate, boolean taken, long left, long seconds) {}

  Buckets(Rate rate, InstantSource clock) {
    this.rate = rate;
    this.clock = clock;
  }

  boolean isLimit() {
    return rate.isLimit();
  }

  int size() {
    return fullAt.size();
  }

  /// Takes a token, if there is one.
  ///
  /// @param name of the limit
  /// @param whose not empty
  synchronized Verdict take(String name, String whose) {
    long now = Duration.between(Instant.EPOCH, clock.instant()).toNanos();
    long each = SECOND / rate.perSecond();
    String key = keyOf(whose, now);
    long full = Math.max(now, Math.min(fullAt.getOrDefault(key, now), now + each * rate.burst()));
    boolean taken = full + each - now <= each * rate.burst();
    full += taken ? each : 0;
    fullAt.put(key, full);
    long left = (each * rate.burst() - (full - now)) / each;
    long nanos = left > 0 ? full - now : full - now - each * (rate.burst() - 1);
    return new Verdict(name, rate, taken, left, Math.ceilDiv(nanos, SECOND));
  }

  private String keyOf(String whose, long now) {
    if (fullAt.size() >= MAX_BUCKETS && !fullAt.containsKey(whose)) {
      if (now - swept >= SECOND || now < swept) {
        swept = now;
        fullAt.values().removeIf(full -> full <= now);
      }
      return fullAt.size() >= MAX_BUCKETS ? ALL_OTHERS : whose;
    }
    return whose;
  }
}
