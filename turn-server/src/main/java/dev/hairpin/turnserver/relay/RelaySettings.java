package dev.hairpin.turnserver.relay;

import static dev.hairpin.turnserver.net.Checks.require;

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
    require(!addresses.isEmpty(), "at least one relay address is needed");
    boolean areSpecific = addresses.stream().noneMatch(IpAddress::isUnspecified);
    require(areSpecific, "a relay address must be a specific one");
    boolean differ = addresses.stream().distinct().count() == addresses.size();
    require(differ, "a relay address stands there twice");
    requirePairs(addresses, externalAddresses);
  }

  /// Every external address is that of one relay address and of no other: it must be known where a
  /// packet for it goes.
  private static void requirePairs(List<IpAddress> addresses, List<ExternalAddress> externals) {
    var known = new HashSet<IpAddress>();
    var mapped = new HashSet<IpAddress>();
    for (var external : externals) {
      var relays = addresses.stream().filter(external::isOf).toList();
      require(!relays.isEmpty(), "no relay address is known as " + external);
      require(relays.size() == 1, "several relay addresses could be known as " + external);
      boolean isNew = known.add(external.external()) && mapped.add(relays.getFirst());
      require(isNew, external + " is the second of its pair");
    }
    var told = addresses.stream().map(address -> advertised(address, externals));
    boolean differ = told.distinct().count() == addresses.size();
    require(differ, "a relay address is another one's external address");
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
