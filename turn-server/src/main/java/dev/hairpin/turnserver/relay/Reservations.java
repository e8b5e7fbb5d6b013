package dev.hairpin.turnserver.relay;

import dev.hairpin.turnserver.credential.Account;
import dev.hairpin.turnserver.net.TransportAddress;
import dev.hairpin.turnserver.policy.Quotas;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.BindException;
import java.net.StandardSocketOptions;
import java.nio.channels.DatagramChannel;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/// Ports that are kept for an allocation to come (RFC 8656 §7.2), shared by all loops: the token
/// may come back on another one. Touched by Allocate requests and by the sweep.
final class Reservations {
  /// RFC 8656 §7.2: at least 30 seconds.
  static final Duration LIFETIME = Duration.ofSeconds(30);

  private static final int MAX = 4_096;

  private final Map<Long, Reservation> byToken = new ConcurrentHashMap<>();
  private final SecureRandom random = new SecureRandom();

  /// A socket that nobody reads holds the port, so that no other program takes it meanwhile.
  record Reservation(
      PortPool pool,
      int port,
      Account user,
      long endsNanos,
      DatagramChannel holder,
      Quotas.Unit unit) {
    boolean isLive(long nowNanos) {
      return endsNanos - nowNanos > 0;
    }
  }

  Reservations() {
    try {
      DatagramChannel.open().close(); // a JVM that first does this without one never can again
    } catch (IOException e) {
      throw new UncheckedIOException("no descriptors left", e);
    }
  }

  /// Keeps a port that nobody has and returns its token. Takes over the unit that the reservation
  /// counts as.
  ///
  /// @throws BindException where another allocation or another program has the port by now
  /// @throws IOException where too many are kept, or no descriptor is left
  long keep(PortPool pool, int port, Account user, Quotas.Unit unit, long nowNanos)
      throws IOException {
    if (byToken.size() >= MAX) {
      throw new IOException("no more reservations");
    }
    if (!pool.take(port)) {
      throw new BindException("taken");
    }
    var holder = pool.bind(port, nowNanos, Reservations::hold);
    long endsNanos = nowNanos + LIFETIME.toNanos();
    var reservation = new Reservation(pool, port, user, endsNanos, holder, unit);
    long token;
    do {
      token = random.nextLong();
    } while (byToken.putIfAbsent(token, reservation) != null);
    return token;
  }

  /// Takes a reservation out, for the user that made it; null where there is none. The caller binds
  /// the port beside the holder and then lets go of that, so that nobody comes between.
  @Nullable Reservation redeem(long token, Account user, long nowNanos) {
    var reservation = byToken.get(token);
    if (reservation == null
        || !reservation.isLive(nowNanos)
        || !reservation.user().equals(user)
        || !byToken.remove(token, reservation)) {
      return null;
    }
    return reservation;
  }

  /// Gives back the ports of reservations that nobody redeemed.
  void expire(long nowNanos) {
    byToken.forEach(
        (token, reservation) -> {
          if (!reservation.isLive(nowNanos) && byToken.remove(token, reservation)) {
            letGo(reservation);
            reservation.pool().giveBack(reservation.port());
          }
        });
  }

  private static DatagramChannel hold(TransportAddress address) throws IOException {
    var channel = DatagramChannel.open(address.ip().family().ofSockets());
    try {
      channel.setOption(StandardSocketOptions.SO_REUSEPORT, true);
      return channel.bind(address.toInetSocketAddress());
    } catch (IOException e) {
      channel.close();
      throw e;
    }
  }

  /// Gives back all that a reservation has but the port.
  void letGo(Reservation reservation) {
    try {
      reservation.holder().close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    reservation.pool().descriptors().giveBack();
    reservation.unit().release();
  }

  /// Gives every port back, for the server stops.
  void close() {
    byToken.values().forEach(this::letGo);
    byToken.clear();
  }
}
