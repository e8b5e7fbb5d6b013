package dev.hairpin.turnserver.server;

import dev.hairpin.turnserver.net.IpAddress;
import dev.hairpin.turnserver.policy.OwnAddresses;
import java.io.UncheckedIOException;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.util.HashSet;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// The addresses of this machine's interfaces.
final class InterfaceAddresses {
  private InterfaceAddresses() {}

  /// They, those that a NAT maps to them, and where this process listens beside.
  static OwnAddresses own(TurnSettings settings) {
    var ips = new HashSet<>(all());
    ips.addAll(settings.relay().addresses());
    settings.relay().externalAddresses().forEach(address -> ips.add(address.external()));
    return new OwnAddresses(ips, broadcasts(), settings.ownAddresses());
  }

  /// The first and the last address of every IPv4 subnet with more than two: both reach all that is
  /// in it.
  private static Set<IpAddress> broadcasts() {
    try {
      return NetworkInterface.networkInterfaces()
          .flatMap(i -> i.getInterfaceAddresses().stream())
          .flatMap(a -> broadcasts(IpAddress.of(a.getAddress()), a.getNetworkPrefixLength()))
          .collect(Collectors.toSet());
    } catch (SocketException e) {
      throw new UncheckedIOException("the network interfaces cannot be listed", e);
    }
  }

  private static Stream<IpAddress> broadcasts(IpAddress ip, int length) {
    if (!ip.isIpv4() || length > 30) {
      return Stream.of();
    }
    int others = -1 >>> length;
    return Stream.of(ip.ipv4Bits() & ~others, ip.ipv4Bits() | others).map(IpAddress::ofIpv4);
  }

  private static Set<IpAddress> all() {
    try {
      return NetworkInterface.networkInterfaces()
          .flatMap(NetworkInterface::inetAddresses)
          .map(IpAddress::of)
          .collect(Collectors.toSet());
    } catch (SocketException e) {
      throw new UncheckedIOException("the network interfaces cannot be listed", e);
    }
  }
}
