package dev.hairpin.turnserver.policy;

import static dev.hairpin.turnserver.net.Checks.require;

/// How much there is for each. 0 is no limit everywhere.
///
/// @param perUser allocations of one user id, reserved ports included
/// @param perSource allocations of one source: an IPv4 address or an IPv6 /64, never loopback
/// @param perRealm allocations of all users together, reserved ports included
/// @param allocationBytesPerSecond what one allocation may carry in each direction
/// @param userBytesPerSecond what all allocations of one user id may carry in each direction
public record QuotaSettings(
    int perUser,
    int perSource,
    int perRealm,
    int allocationBytesPerSecond,
    int userBytesPerSecond) {
  private static final int MIN_RESERVATIONS = 2;

  /// A mesh call of eight, with URLs for UDP, TCP and TLS, needs 40 allocations of each user, and
  /// whoever loses its page leaves them behind for ten minutes.
  public static final QuotaSettings DEFAULT = new QuotaSettings(256, 512, 0, 0, 0);

  public QuotaSettings {
    require(Math.min(Math.min(perUser, perSource), perRealm) >= 0, "a quota is not negative");
    requireRate(allocationBytesPerSecond);
    requireRate(userBytesPerSecond);
  }

  /// Ports that a user may hold in reserve at once: a quarter of its allocations, but two. Clients
  /// of RTP reserve one for each pair, and take it at once.
  int reservationsPerUser() {
    return perUser == 0 ? 0 : Math.max(MIN_RESERVATIONS, perUser / 4);
  }

  private static void requireRate(int bytesPerSecond) {
    require(
        bytesPerSecond == 0 || bytesPerSecond >= TokenBucket.MIN_BYTES_PER_SECOND,
        "a bandwidth is 0 or at least " + TokenBucket.MIN_BYTES_PER_SECOND + " bytes a second");
  }
}
