package dev.hairpin.turnserver.allocation;

import static dev.hairpin.turnserver.net.Checks.require;

import java.time.Duration;

/// How long allocations live.
///
/// @param defaultLifetime what a client gets that asks for none or for less (RFC 8656 §3.2: 10
///   minutes)
/// @param maxLifetime the most that a client gets; RFC 8656 §7.2 recommends one hour
/// @param maxAge when an allocation ends, however often it is refreshed
/// @param maxIdle when one ends that relays no datagram; 0 is never
public record AllocationSettings(
    Duration defaultLifetime, Duration maxLifetime, Duration maxAge, Duration maxIdle) {
  private static final Duration MAX_AGE = Duration.ofDays(365);

  public static final AllocationSettings DEFAULT =
      new AllocationSettings(
          Duration.ofMinutes(10), Duration.ofHours(1), Duration.ofDays(1), Duration.ZERO);

  public AllocationSettings {
    require(
        defaultLifetime.toSeconds() >= 1 && maxLifetime.compareTo(defaultLifetime) >= 0,
        "the default lifetime is at least a second and at most the longest one");
    require(
        maxAge.compareTo(defaultLifetime) >= 0 && maxAge.compareTo(MAX_AGE) <= 0,
        "the age is at least the default lifetime, at most a year");
  }

  /// What a wish is granted, in seconds (RFC 8656 §7.2); one that was not sent is the smallest.
  long grantedSeconds(long wishSeconds) {
    return Math.clamp(wishSeconds, defaultLifetime.toSeconds(), maxLifetime.toSeconds());
  }
}
