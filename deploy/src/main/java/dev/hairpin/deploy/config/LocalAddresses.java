package dev.hairpin.deploy.config;

import dev.hairpin.turnserver.net.Family;
import dev.hairpin.turnserver.net.IpAddress;
import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.util.Optional;

/// The address by which others reach this machine.
@FunctionalInterface
public interface LocalAddresses {
  /// Empty where the machine has none of the family, loopback and link-local ones left aside.
  Optional<IpAddress> find(Family family);

  /// Asks the system: the address of the default route, else that of the first interface.
  static LocalAddresses ofThisMachine() {
    return family -> ofDefaultRoute(family).or(() -> ofAnyInterface(family));
  }

  private static Optional<IpAddress> ofDefaultRoute(Family family) {
    // Addresses for documentation: connecting a UDP socket chooses a route and sends nothing.
    var target = IpAddress.parse(family == Family.IPV4 ? "192.0.2.1" : "2001:db8::1");
    try (var socket = new DatagramSocket()) {
      socket.connect(new InetSocketAddress(target.toInetAddress(), 9));
      return Optional.of(IpAddress.of(socket.getLocalAddress()))
          .filter(a -> isReachable(a, family));
    } catch (IOException | RuntimeException e) { // no route; some systems throw unchecked
      return Optional.empty();
    }
  }

  private static Optional<IpAddress> ofAnyInterface(Family family) {
    try {
      return NetworkInterface.networkInterfaces()
          .flatMap(NetworkInterface::inetAddresses)
          .map(IpAddress::of)
          .filter(a -> isReachable(a, family))
          .findFirst();
    } catch (SocketException e) {
      return Optional.empty();
    }
  }

  private static boolean isReachable(IpAddress address, Family family) {
    return address.family() == family
        && !address.isUnspecified()
        && !address.isLoopback()
        && !address.toInetAddress().isLinkLocalAddress();
  }
}
