package dev.hairpin.turnserver.relay;

import dev.hairpin.turnserver.net.IpAddress;
import dev.hairpin.turnserver.net.PortRange;
import java.util.List;

/// Where relayed transport addresses come from.
///
/// @param addresses local addresses to relay from, at most one of each family; never unspecified
/// @param externalAddresses what clients are told instead, where a NAT maps one to one; at most one
///   of each family
/// @param ports the range that ports are drawn from, at random
public record RelaySettings(
    List<IpAddress> addresses, List<IpAddress> externalAddresses, PortRange ports) {
  public RelaySettings {
    addresses = List.copyOf(addresses);
    externalAddresses = List.copyOf(externalAddresses);
    if (addresses.isEmpty()) {
      throw new IllegalArgumentException("at least one relay address is needed");
    }
    requireOneOfAFamily(addresses, "relay");
    requireOneOfAFamily(externalAddresses, "external");
  }

  private static void requireOneOfAFamily(List<IpAddress> addresses, String what) {
    if (addresses.stream().map(IpAddress::family).distinct().count() != addresses.size()) {
      throw new IllegalArgumentException(
          "only one " + what + " address of each family is possible");
    }
    if (addresses.stream().anyMatch(IpAddress::isUnspecified)) {
      throw new IllegalArgumentException("an " + what + " address must be a specific one");
    }
  }
}
