package dev.hairpin.turnserver.allocation;

import dev.hairpin.turnserver.net.IpAddress;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// Lets one peer address, on any port, exchange data with the client (RFC 8656 §9).
public final class Permission {
  /// RFC 8656 §9: exactly 300 seconds; data does not extend it.
  public static final Duration LIFETIME = Duration.ofMinutes(5);

  final long high;
  final long low;

  /// The peer's address where it is one of this machine: each port has its own verdict.
  private final @Nullable IpAddress own;

  private long endsNanos;

  /// Grants nothing until it is extended.
  Permission(IpAddress ip, boolean own, long nowNanos) {
    this.high = ip.high();
    this.low = ip.low();
    this.own = own ? ip : null;
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

  /// The peer's address where it is one of this machine, else null.
  @Nullable IpAddress ownAddress() {
    return own;
  }
}
