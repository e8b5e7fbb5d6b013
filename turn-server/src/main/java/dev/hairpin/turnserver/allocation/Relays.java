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
  private final Map<Family, RelaySocket> sockets = new EnumMap<>(Family.class);

  /// When the first of them runs out: asked of packets.
  private long firstEndNanos;

  Relays(List<RelaySocket> granted) {
    granted.forEach(socket -> sockets.put(socket.relayedAddress().ip().family(), socket));
  }

  /// The socket towards a peer, or null.
  @Nullable RelaySocket towards(long high, long low) {
    return sockets.get(IpAddress.isIpv4(high, low) ? Family.IPV4 : Family.IPV6);
  }

  boolean has(Family family) {
    return sockets.containsKey(family);
  }

  boolean hasBoth() {
    return sockets.size() > 1;
  }

  /// Lets one of them, or all where no family is named, end at a time.
  void extend(@Nullable Family only, long endsNanos) {
    sockets.forEach(
        (family, socket) ->
            socket.endsNanos = only == null || only == family ? endsNanos : socket.endsNanos);
    findFirstEnd();
  }

  private void findFirstEnd() {
    var ends = sockets.values().stream().mapToLong(socket -> socket.endsNanos);
    firstEndNanos =
        ends.reduce((one, other) -> one - other < 0 ? one : other).orElse(firstEndNanos);
  }

  /// Whether all that there are live.
  boolean areLive(long nowNanos) {
    return firstEndNanos - nowNanos > 0;
  }

  /// The families of those that have run out.
  List<Family> ended(long nowNanos) {
    return sockets.values().stream()
        .filter(socket -> socket.endsNanos - nowNanos <= 0)
        .map(socket -> socket.relayedAddress().ip().family())
        .toList();
  }

  /// How long the longest of them still lives.
  long remainingNanos(long nowNanos) {
    return sockets.values().stream().mapToLong(s -> s.endsNanos - nowNanos).max().orElse(0);
  }

  /// Ends connections with peers against which something stands.
  void closePeers(Predicate<TransportAddress> denied) {
    sockets.values().forEach(socket -> socket.closePeers(denied));
  }

  /// Ends connections with peers that have waited too long.
  void sweep(long nowNanos) {
    sockets.values().forEach(socket -> socket.sweep(nowNanos));
  }

  /// Gives one back. The second call does nothing.
  void close(Family family) {
    var socket = sockets.remove(family);
    if (socket != null) {
      socket.close();
      findFirstEnd();
    }
  }
}
