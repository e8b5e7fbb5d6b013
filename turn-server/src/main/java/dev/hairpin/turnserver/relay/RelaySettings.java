package dev.hairpin.turnserver.relay;

import static dev.hairpin.turnserver.net.Checks.require;

import dev.hairpin.turnserver.net.IpAddress;
import dev.hairpin.turnserver.net.PortRange;
import java.util.HashMap;
import java.util.List;
import java.util.Set;

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
    var told = new HashMap<IpAddress, IpAddress>();
    for (var external : externals) {
      var relays = addresses.stream().filter(external::isOf).toList();
      require(!relays.isEmpty(), "no relay address is known as " + external);
      require(relays.size() == 1, "several relay addresses could be known as " + external);
      boolean isNew =
          !told.containsValue(external.external())
              && told.put(relays.getFirst(), external.external()) == null;
      require(isNew, external + " is the second of its pair");
    }
    addresses.forEach(address -> told.putIfAbsent(address, address));
    boolean differ = Set.copyOf(told.values()).size() == addresses.size();
    require(differ, "a relay address is another one's external address");
  }

  /// As whom clients are told a relay address; any other is itself.
  public IpAddress advertised(IpAddress local) {
    return externalAddresses.stream()
        .filter(external -> external.isOf(local))
        .findFirst()
        .map(ExternalAddress::external)
        .orElse(local);
  }
}
