package dev.hairpin.deploy.serve;

import dev.hairpin.turnserver.config.Configuration;
import dev.hairpin.turnserver.config.TurnKeys;
import dev.hairpin.turnserver.net.IpAddress;
import dev.hairpin.turnserver.net.TransportAddress;
import dev.hairpin.turnserver.relay.ExternalAddress;
import java.util.List;
import java.util.Optional;

/// The `stun:` and `turn:` URLs by which clients reach the listeners.
public record HandedOutUrls(List<String> stun, List<String> turn) {
  /// URLs for every listener.
  ///
  /// @param listeners with the ports that are really in use
  public static HandedOutUrls of(Configuration configuration, List<TransportAddress> listeners) {
    var endpoints =
        listeners.stream()
            .flatMap(l -> host(configuration, l.ip()).map(h -> h + ":" + l.port()).stream())
            .distinct()
            .toList();
    return new HandedOutUrls(
        endpoints.stream().map(e -> "stun:" + e).toList(),
        endpoints.stream().map(e -> "turn:" + e + "?transport=udp").toList());
  }

  private static Optional<String> host(Configuration configuration, IpAddress listener) {
    var publicHost = configuration.find(HairpinKeys.API_PUBLIC_HOST);
    if (publicHost.isPresent()) {
      return publicHost.map(h -> h.contains(":") ? "[" + h + "]" : h);
    }
    var external = configuration.all(TurnKeys.EXTERNAL_ADDRESS);
    var found = ofFamily(external.stream().map(ExternalAddress::external).toList(), listener);
    if (found.isEmpty()) {
      found =
          listener.isUnspecified()
              ? ofFamily(configuration.all(TurnKeys.RELAY_ADDRESSES), listener)
              : Optional.of(listener);
    }
    return found.map(IpAddress::toUrlHost);
  }

  private static Optional<IpAddress> ofFamily(List<IpAddress> addresses, IpAddress like) {
    return addresses.stream().filter(a -> a.family() == like.family()).findFirst();
  }
}
