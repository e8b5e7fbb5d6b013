package dev.hairpin.bench;

import java.time.Duration;
import java.util.Locale;
import java.util.OptionalInt;

/// What is put on a server.
///
/// @param rate packets a second of all clients together; empty for as many as go
public record Load(
    int clients,
    Direction direction,
    Payload payload,
    OptionalInt rate,
    Duration warmUp,
    Duration duration,
    int rounds) {
  public static final int MAX_CLIENTS = 20_000;
  public static final int MAX_RATE = 5_000_000;

  /// Whither the packets go.
  public enum Direction {
    /// From the clients to the peer.
    UP,
    /// From the peer to the clients.
    DOWN,
    /// To the peer and back.
    ECHO;

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  public Load {
    require(clients >= 1 && clients <= MAX_CLIENTS, "1 to " + MAX_CLIENTS + " clients");
    require(rate.orElse(1) >= 1 && rate.orElse(1) <= MAX_RATE, "a rate of 1 to " + MAX_RATE);
    require(rounds >= 1 && rounds <= 1_000, "1 to 1000 rounds");
    require(!warmUp.isNegative() && duration.isPositive(), "a duration above zero");
  }

  private static void require(boolean holds, String what) {
    if (!holds) {
      throw new IllegalArgumentException(what + " can be asked for");
    }
  }

  public boolean isFlood() {
    return rate.isEmpty();
  }

  public Load at(int newRate) {
    return new Load(clients, direction, payload, OptionalInt.of(newRate), warmUp, duration, rounds);
  }

  /// The same from fewer clients, where there are more.
  Load ofAtMost(int most) {
    return new Load(Math.min(clients, most), direction, payload, rate, warmUp, duration, rounds);
  }

  /// Whether it could be a burden to a network that is not one's own.
  public boolean isHeavy() {
    int packets = rate.orElse(MAX_RATE);
    return packets > 5_000 || 8L * packets * payload.meanBytes() > 20_000_000 || clients > 200;
  }
}
