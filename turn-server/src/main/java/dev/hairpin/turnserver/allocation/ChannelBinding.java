package dev.hairpin.turnserver.allocation;

import dev.hairpin.turnserver.net.TransportAddress;
import java.time.Duration;

/// A channel number that stands for one peer (RFC 8656 §12).
public final class ChannelBinding {
  /// RFC 8656 §12: 10 minutes.
  public static final Duration LIFETIME = Duration.ofMinutes(10);

  /// RFC 8656 §12: number and peer may not be paired otherwise for 5 minutes after the end.
  static final Duration QUARANTINE = Duration.ofMinutes(5);

  private final int number;
  private final TransportAddress peer;
  private Permission permission;
  private long endsNanos;

  ChannelBinding(int number, TransportAddress peer, Permission permission) {
    this.number = number;
    this.peer = peer;
    this.permission = permission;
  }

  void extend(long nowNanos) {
    endsNanos = nowNanos + LIFETIME.toNanos();
  }

  boolean isLive(long nowNanos) {
    return endsNanos - nowNanos > 0;
  }

  boolean isQuarantined(long nowNanos) {
    return endsNanos + QUARANTINE.toNanos() - nowNanos > 0;
  }

  boolean is(long high, long low, int port) {
    return peer.port() == port && peer.ip().low() == low && peer.ip().high() == high;
  }

  /// A permission for the same address took the place of one that had run out.
  void permit(Permission newer) {
    permission = newer;
  }

  public int number() {
    return number;
  }

  public TransportAddress peer() {
    return peer;
  }

  public Permission permission() {
    return permission;
  }
}
