package dev.hairpin.turnserver.allocation;

import dev.hairpin.turnserver.net.Family;
import dev.hairpin.turnserver.net.IpAddress;
import dev.hairpin.turnserver.net.TransportAddress;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// The relayed addresses of one allocation: one, or one of each family, each with its own time to
/// expiry (RFC 8656 §6).
final class Relays {
  private @Nullable Lease ipv4;
  private @Nullable Lease ipv6;

  /// When the first of them runs out: nobody has to look closer before.
  private long firstEndNanos;

  private static final class Lease {
    final RelaySocket socket;
    long endsNanos;

    Lease(RelaySocket socket) {
      this.socket = socket;
    }
  }

  Relays(List<RelaySocket> sockets) {
    for (var socket : sockets) {
      put(socket.relayedAddress().ip().family(), new Lease(socket));
    }
  }

  private void put(Family family, @Nullable Lease lease) {
    switch (family) {
      case IPV4 -> ipv4 = lease;
      case IPV6 -> ipv6 = lease;
    }
  }

  private @Nullable Lease of(Family family) {
    return family == Family.IPV4 ? ipv4 : ipv6;
  }

  /// The socket towards a peer, or null.
  @Nullable RelaySocket towards(long high, long low) {
    var lease = IpAddress.isIpv4(high, low) ? ipv4 : ipv6;
    return lease == null ? null : lease.socket;
  }

  boolean has(Family family) {
    return of(family) != null;
  }

  boolean hasBoth() {
    return ipv4 != null && ipv6 != null;
  }

  /// Lets one of them, or all where no family is named, end at a time.
  void extend(@Nullable Family only, long endsNanos) {
    firstEndNanos = endsNanos;
    for (var family : Family.values()) {
      var lease = of(family);
      if (lease != null) {
        lease.endsNanos = only == null || only == family ? endsNanos : lease.endsNanos;
        firstEndNanos = lease.endsNanos - firstEndNanos < 0 ? lease.endsNanos : firstEndNanos;
      }
    }
  }

  boolean areLive(long nowNanos) {
    return firstEndNanos - nowNanos > 0;
  }

  boolean isLive(Family family, long nowNanos) {
    var lease = of(family);
    return lease != null && lease.endsNanos - nowNanos > 0;
  }

  /// How long the longest of them still lives.
  long remainingNanos(long nowNanos) {
    long longest = 0;
    for (var family : Family.values()) {
      var lease = of(family);
      longest = lease == null ? longest : Math.max(longest, lease.endsNanos - nowNanos);
    }
    return longest;
  }

  /// Ends connections with peers against which something stands.
  void closePeers(Predicate<TransportAddress> denied) {
    for (var family : Family.values()) {
      var lease = of(family);
      if (lease != null) {
        lease.socket.closePeers(denied);
      }
    }
  }

  /// Gives one back. The second call does nothing.
  void close(Family family) {
    var lease = of(family);
    put(family, null);
    if (lease != null) {
      lease.socket.close();
      var other = ipv4 != null ? ipv4 : ipv6;
      firstEndNanos = other != null ? other.endsNanos : firstEndNanos;
    }
  }
}
