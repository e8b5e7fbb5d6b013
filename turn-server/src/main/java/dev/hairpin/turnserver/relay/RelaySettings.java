package dev.hairpin.turnserver.relay;

import dev.hairpin.turnserver.net.IpAddress;
import dev.hairpin.turnserver.net.PortRange;
import java.util.HashSet;
import java.util.List;

/// Where relayed transport addresses come from.
///
/// @param addresses local addresses to relay from; never unspecified, each once
/// @param externalAddresses what clients are told instead, where a NAT maps one to one; at most one
///   for each relay address
/// @param ports the range that ports are drawn from, at random
public record RelaySettings(
    List<IpAddress> addresses, List<ExternalAddress> externalAddresses, PortRange ports) {
  public RelaySettings {
    addresses = List.copyOf(addresses);
    externalAddresses = List.copyOf(externalAddresses);
    ports = ports.forRelays();
    if (addresses.isEmpty()) {
      throw new IllegalArgumentException("at least one relay address is needed");
    }
    if (addresses.stream().anyMatch(IpAddress::isUnspecified)) {
      throw new IllegalArgumentException("a relay address must be a specific one");
    }
    if (addresses.stream().distinct().count() != addresses.size()) {
      throw new IllegalArgumentException("a relay address stands there twice");
    }
    requirePairs(addresses, externalAddresses);
  }

  /// Every external address is that of one relay address and of no other: it must be known where a
  /// packet for it goes.
  private static void requirePairs(List<IpAddress> addresses, List<ExternalAddress> externals) {
    var known = new HashSet<IpAddress>();
    var mapped = new HashSet<IpAddress>();
    for (var external : externals) {
      var relays = addresses.stream().filter(external::isOf).toList();
      if (relays.isEmpty()) {
        throw new IllegalArgumentException("no relay address is known as " + external);
      }
      if (relays.size() > 1) {
        throw new IllegalArgumentException("several relay addresses could be known as " + external);
      }
      if (!known.add(external.external()) || !mapped.add(relays.getFirst())) {
        throw new IllegalArgumentException(external + " is the second of its pair");
      }
    }
    var told = addresses.stream().map(address -> advertised(address, externals));
    if (told.distinct().count() != addresses.size()) {
      throw new IllegalArgumentException("a relay address is another one's external address");
    }
  }

  private static IpAddress advertised(IpAddress local, List<ExternalAddress> externals) {
    return externals.stream()
        .filter(external -> external.isOf(local))
        .findFirst()
        .map(ExternalAddress::external)
        .orElse(local);
  }

  /// As whom clients are told a relay address; any other is itself.
  public IpAddress advertised(IpAddress local) {
    return advertised(local, externalAddresses);
  }
}
