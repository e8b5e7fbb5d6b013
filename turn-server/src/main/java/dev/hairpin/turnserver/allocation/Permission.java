package dev.hairpin.turnserver.allocation;

import dev.hairpin.turnserver.net.IpAddress;
import java.time.Duration;

/// Lets one peer address, on any port, exchange data with the client (RFC 8656 §9).
public final class Permission {
  /// RFC 8656 §9: exactly 300 seconds; data does not extend it.
  static final Duration LIFETIME = Duration.ofMinutes(5);

  final IpAddress ip;

  /// Whether the address is one of this machine: each port has its own verdict.
  final boolean isOwn;

  private long endsNanos;

  /// Grants nothing until it is extended.
  Permission(IpAddress ip, boolean isOwn, long nowNanos) {
    this.ip = ip;
    this.isOwn = isOwn;
    this.endsNanos = nowNanos;
  }

  void end(long nowNanos) {
    endsNanos = nowNanos;
  }

  void extend(long nowNanos) {
    endsNanos = nowNanos + LIFETIME.toNanos();
  }

  public boolean isLive(long nowNanos) {
    return endsNanos - nowNanos > 0;
  }
}
