package dev.hairpin.turnserver.relay;

import dev.hairpin.turnserver.credential.UserId;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/// Ports that are kept for an allocation to come (RFC 8656 §7.2), shared by all loops: the token
/// may come back on another one. Touched by Allocate requests alone.
final class Reservations {
  /// RFC 8656 §7.2: at least 30 seconds.
  static final Duration LIFETIME = Duration.ofSeconds(30);

  private static final int MAX = 4_096;

  private final Map<Long, Reservation> byToken = new ConcurrentHashMap<>();
  private final SecureRandom random = new SecureRandom();

  record Reservation(PortPool pool, int port, UserId user, long endsNanos) {
    boolean isLive(long nowNanos) {
      return endsNanos - nowNanos > 0;
    }
  }

  /// Keeps a taken port and returns its token, or null where too many are kept.
  @Nullable Long keep(PortPool pool, int port, UserId user, long nowNanos) {
    expire(nowNanos);
    if (byToken.size() >= MAX) {
      return null;
    }
    var reservation = new Reservation(pool, port, user, nowNanos + LIFETIME.toNanos());
    long token;
    do {
      token = random.nextLong();
    } while (byToken.putIfAbsent(token, reservation) != null);
    return token;
  }

  /// Takes a reservation out, for the user that made it; null where there is none.
  @Nullable Reservation redeem(long token, UserId user, long nowNanos) {
    expire(nowNanos);
    var reservation = byToken.get(token);
    boolean theirs = reservation != null && reservation.user().equals(user);
    return theirs && byToken.remove(token, reservation) ? reservation : null;
  }

  /// Gives back the ports of reservations that nobody redeemed.
  void expire(long nowNanos) {
    byToken.forEach(
        (token, reservation) -> {
          if (!reservation.isLive(nowNanos) && byToken.remove(token, reservation)) {
            reservation.pool().giveBack(reservation.port());
          }
        });
  }
}
