package dev.hairpin.turnserver.allocation;

import dev.hairpin.turnserver.net.Family;
import dev.hairpin.turnserver.net.IpAddress;
import dev.hairpin.turnserver.net.TransportAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// The relayed addresses of one allocation: one, or one of each family, each with its own time to
/// expiry (RFC 8656 §6).
final class Relays {
  private final List<Lease> leases = new ArrayList<>(1);

  private static final class Lease {
    final RelaySocket socket;
    final Family family;
    long endsNanos;

    Lease(RelaySocket socket) {
      this.socket = socket;
      this.family = socket.relayedAddress().ip().family();
    }
  }

  Relays(List<RelaySocket> sockets) {
    sockets.forEach(socket -> leases.add(new Lease(socket)));
  }

  private @Nullable Lease of(Family family) {
    for (int i = 0; i < leases.size(); i++) { // no iterator: asked of packets
      if (leases.get(i).family == family) {
        return leases.get(i);
      }
    }
    return null;
  }

  /// The socket towards a peer, or null.
  @Nullable RelaySocket towards(long high, long low) {
    var lease = of(IpAddress.isIpv4(high, low) ? Family.IPV4 : Family.IPV6);
    return lease == null ? null : lease.socket;
  }

  boolean has(Family family) {
    return of(family) != null;
  }

  boolean hasBoth() {
    return leases.size() > 1;
  }

  /// Lets one of them, or all where no family is named, end at a time.
  void extend(@Nullable Family only, long endsNanos) {
    for (var lease : leases) {
      lease.endsNanos = only == null || only == lease.family ? endsNanos : lease.endsNanos;
    }
  }

  /// Whether all that there are live.
  boolean areLive(long nowNanos) {
    for (int i = 0; i < leases.size(); i++) {
      if (leases.get(i).endsNanos - nowNanos <= 0) {
        return false;
      }
    }
    return true;
  }

  /// The families of those that have run out.
  List<Family> ended(long nowNanos) {
    return leases.stream().filter(l -> l.endsNanos - nowNanos <= 0).map(l -> l.family).toList();
  }

  /// How long the longest of them still lives.
  long remainingNanos(long nowNanos) {
    return leases.stream().mapToLong(lease -> lease.endsNanos - nowNanos).max().orElse(0);
  }

  /// Ends connections with peers against which something stands.
  void closePeers(Predicate<TransportAddress> denied) {
    leases.forEach(lease -> lease.socket.closePeers(denied));
  }

  /// Ends connections with peers that have waited too long.
  void sweep(long nowNanos) {
    leases.forEach(lease -> lease.socket.sweep(nowNanos));
  }

  /// Gives one back. The second call does nothing.
  void close(Family family) {
    var lease = of(family);
    if (lease != null) {
      leases.remove(lease);
      lease.socket.close();
    }
  }
}
