package dev.hairpin.turnserver.server;

import dev.hairpin.turnserver.net.IpAddress;
import dev.hairpin.turnserver.policy.OwnAddresses;
import java.io.UncheckedIOException;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.util.HashSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// The addresses of this machine's interfaces.
final class InterfaceAddresses {
  private InterfaceAddresses() {}

  /// They, those that a NAT maps to them, and where this process listens beside.
  static OwnAddresses own(TurnSettings settings) {
    var ips = new HashSet<IpAddress>();
    interfaces().flatMap(NetworkInterface::inetAddresses).map(IpAddress::of).forEach(ips::add);
    ips.addAll(settings.relay().addresses());
    settings.relay().externalAddresses().forEach(address -> ips.add(address.external()));
    var broadcasts =
        interfaces()
            .flatMap(i -> i.getInterfaceAddresses().stream())
            .flatMap(a -> broadcasts(IpAddress.of(a.getAddress()), a.getNetworkPrefixLength()))
            .collect(Collectors.toSet());
    return new OwnAddresses(ips, broadcasts, settings.ownAddresses());
  }

  private static Stream<NetworkInterface> interfaces() {
    try {
      return NetworkInterface.networkInterfaces();
    } catch (SocketException e) {
      throw new UncheckedIOException("the network interfaces cannot be listed", e);
    }
  }

  /// The first and the last address of every IPv4 subnet with more than two: both reach all that is
  /// in it.
  private static Stream<IpAddress> broadcasts(IpAddress ip, int length) {
    if (!ip.isIpv4() || length > 30) {
      return Stream.of();
    }
    int others = -1 >>> length;
    return Stream.of(ip.ipv4Bits() & ~others, ip.ipv4Bits() | others).map(IpAddress::ofIpv4);
  }
}
