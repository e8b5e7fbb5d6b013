package dev.hairpin.turnserver.relay;

import dev.hairpin.turnserver.credential.UserId;
import dev.hairpin.turnserver.net.TransportAddress;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
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
  record Reservation(PortPool pool, int port, UserId user, long endsNanos, DatagramChannel holder) {
    boolean isLive(long nowNanos) {
      return endsNanos - nowNanos > 0;
    }

    void letGo() {
      close(holder);
    }
  }

  Reservations() {
    try {
      close(
          DatagramChannel.open()); // a JVM that first does this without descriptors never can again
    } catch (IOException e) {
      throw new UncheckedIOException("no descriptors left", e);
    }
  }

  /// Keeps a taken port and returns its token, or null where too many are kept or another program
  /// has the port.
  @Nullable Long keep(PortPool pool, int port, UserId user, long nowNanos) {
    if (byToken.size() >= MAX) {
      return null;
    }
    var holder = hold(new TransportAddress(pool.local(), port));
    if (holder == null) {
      return null;
    }
    var reservation = new Reservation(pool, port, user, nowNanos + LIFETIME.toNanos(), holder);
    long token;
    do {
      token = random.nextLong();
    } while (byToken.putIfAbsent(token, reservation) != null);
    return token;
  }

  /// Takes a reservation out, for the user that made it; null where there is none. The caller binds
  /// the port beside the holder and then lets go of that, so that nobody comes between.
  @Nullable Reservation redeem(long token, UserId user, long nowNanos) {
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
            reservation.letGo();
            reservation.pool().giveBack(reservation.port());
          }
        });
  }

  private static @Nullable DatagramChannel hold(TransportAddress address) {
    try {
      var family =
          address.ip().isIpv4() ? StandardProtocolFamily.INET : StandardProtocolFamily.INET6;
      var channel = DatagramChannel.open(family);
      try {
        channel.setOption(StandardSocketOptions.SO_REUSEPORT, true);
        return channel.bind(address.toInetSocketAddress());
      } catch (IOException _) {
        close(channel);
        return null;
      }
    } catch (IOException _) {
      return null;
    }
  }

  private static void close(DatagramChannel channel) {
    try {
      channel.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// Gives every port back, for the server stops.
  void close() {
    byToken.values().forEach(Reservation::letGo);
    byToken.clear();
  }
}
