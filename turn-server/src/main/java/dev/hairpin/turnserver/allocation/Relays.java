package dev.hairpin.turnserver.allocation;

import dev.hairpin.turnserver.net.Family;
import dev.hairpin.turnserver.net.IpAddress;
import dev.hairpin.turnserver.net.TransportAddress;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// The relayed addresses of one allocation: one, or one of each family, each with its own time to
/// expiry (RFC 8656 §6).
final class Relays {
  private final Map<Family, Lease> leases = new EnumMap<>(Family.class);

  /// When the first of them runs out: asked of packets.
  private long firstEndNanos;

  private record Lease(RelaySocket socket, long endsNanos) {}

  Relays(List<RelaySocket> sockets, long nowNanos) {
    for (var socket : sockets) {
      leases.put(socket.relayedAddress().ip().family(), new Lease(socket, nowNanos));
    }
  }

  /// The socket towards a peer, or null.
  @Nullable RelaySocket towards(long high, long low) {
    var lease = leases.get(IpAddress.isIpv4(high, low) ? Family.IPV4 : Family.IPV6);
    return lease == null ? null : lease.socket();
  }

  boolean has(Family family) {
    return leases.containsKey(family);
  }

  boolean hasBoth() {
    return leases.size() > 1;
  }

  /// Lets one of them, or all where no family is named, end at a time.
  void extend(@Nullable Family only, long endsNanos) {
    leases.replaceAll(
        (family, lease) ->
            only == null || only == family ? new Lease(lease.socket(), endsNanos) : lease);
    findFirstEnd();
  }

  private void findFirstEnd() {
    var ends = leases.values().stream().mapToLong(Lease::endsNanos);
    firstEndNanos =
        ends.reduce((one, other) -> one - other < 0 ? one : other).orElse(firstEndNanos);
  }

  /// Whether all that there are live.
  boolean areLive(long nowNanos) {
    return firstEndNanos - nowNanos > 0;
  }

  /// The families of those that have run out.
  List<Family> ended(long nowNanos) {
    return leases.entrySet().stream()
        .filter(entry -> entry.getValue().endsNanos() - nowNanos <= 0)
        .map(Map.Entry::getKey)
        .toList();
  }

  /// How long the longest of them still lives.
  long remainingNanos(long nowNanos) {
    return leases.values().stream().mapToLong(l -> l.endsNanos() - nowNanos).max().orElse(0);
  }

  /// Ends connections with peers against which something stands.
  void closePeers(Predicate<TransportAddress> denied) {
    leases.values().forEach(lease -> lease.socket().closePeers(denied));
  }

  /// Ends connections with peers that have waited too long.
  void sweep(long nowNanos) {
    leases.values().forEach(lease -> lease.socket().sweep(nowNanos));
  }

  /// Gives one back. The second call does nothing.
  void close(Family family) {
    var lease = leases.remove(family);
    if (lease != null) {
      lease.socket().close();
      findFirstEnd();
    }
  }
}
