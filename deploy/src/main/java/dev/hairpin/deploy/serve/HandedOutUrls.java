package dev.hairpin.deploy.serve;

import dev.hairpin.deploy.config.Configuration;
import dev.hairpin.deploy.config.TurnKeys;
import dev.hairpin.turnserver.loop.ServiceSettings.Mode;
import dev.hairpin.turnserver.net.IpAddress;
import dev.hairpin.turnserver.net.ListenUrl;
import dev.hairpin.turnserver.net.Transport;
import dev.hairpin.turnserver.relay.ExternalAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// The `stun:`, `turn:` and `turns:` URLs by which clients reach the listeners (RFC 7064, RFC
/// 7065). Ports are always written, so that no client needs to know a default.
public record HandedOutUrls(List<String> stun, List<String> turn) {
  /// URLs in the order in which clients should like them: UDP costs least.
  ///
  /// @param listeners with the ports that are really in use
  public static HandedOutUrls of(Configuration configuration, List<ListenUrl> listeners) {
    var stun = new ArrayList<String>();
    var turn = new ArrayList<String>();
    for (var transport : Transport.values()) {
      for (String endpoint : endpoints(configuration, listeners, transport)) {
        if (transport == Transport.UDP && configuration.one(TurnKeys.MODE) != Mode.TURN_ONLY) {
          stun.add("stun:" + endpoint);
        }
        turn.add(
            (transport.isEncrypted() ? "turns:" : "turn:")
                + endpoint
                + (transport.isDatagram() ? "?transport=udp" : "?transport=tcp"));
      }
    }
    return new HandedOutUrls(List.copyOf(stun), List.copyOf(turn));
  }

  /// Where clients reach the listeners of a transport: `turn.example.org:443`.
  public static List<String> endpoints(
      Configuration configuration, List<ListenUrl> listeners, Transport transport) {
    return listeners.stream()
        .filter(l -> l.transport() == transport)
        .map(ListenUrl::address)
        .flatMap(a -> host(configuration, a.ip()).map(h -> h + ":" + a.port()).stream())
        .distinct()
        .toList();
  }

  private static Optional<String> host(Configuration configuration, IpAddress listener) {
    var publicHost = configuration.find(HairpinKeys.API_PUBLIC_HOST);
    if (publicHost.isPresent()) {
      return publicHost.map(h -> h.contains(":") ? "[" + h + "]" : h);
    }
    var found =
        configuration.all(TurnKeys.EXTERNAL_ADDRESS).stream()
            .filter(
                e -> listener.isUnspecified() ? isAlike(e.external(), listener) : e.isOf(listener))
            .map(ExternalAddress::external)
            .findFirst();
    if (found.isEmpty()) {
      found =
          listener.isUnspecified()
              ? ofFamily(configuration.all(TurnKeys.RELAY_ADDRESSES), listener)
              : Optional.of(listener);
    }
    return found.map(IpAddress::toUrlHost);
  }

  private static Optional<IpAddress> ofFamily(List<IpAddress> addresses, IpAddress like) {
    return addresses.stream().filter(a -> isAlike(a, like)).findFirst();
  }

  private static boolean isAlike(IpAddress one, IpAddress other) {
    return one.family() == other.family();
  }
}
