package dev.hairpin.turnserver.allocation;

import dev.hairpin.turnserver.net.TransportAddress;
import java.time.Duration;

/// A channel number that stands for one peer (RFC 8656 §12).
public record ChannelBinding(
    int number, TransportAddress peer, Permission permission, long endsNanos) {
  /// RFC 8656 §12: 10 minutes.
  static final Duration LIFETIME = Duration.ofMinutes(10);

  /// RFC 8656 §12: number and peer may not be paired otherwise for 5 minutes after the end.
  static final Duration QUARANTINE = Duration.ofMinutes(5);

  ChannelBinding under(Permission newer) {
    return new ChannelBinding(number, peer, newer, endsNanos);
  }

  boolean isLive(long nowNanos) {
    return endsNanos - nowNanos > 0;
  }

  boolean isQuarantined(long nowNanos) {
    return endsNanos + QUARANTINE.toNanos() - nowNanos > 0;
  }

  boolean isTo(long high, long low, int port) {
    return peer.port() == port && peer.ip().low() == low && peer.ip().high() == high;
  }
}
