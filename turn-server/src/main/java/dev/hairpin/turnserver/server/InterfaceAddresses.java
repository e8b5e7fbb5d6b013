package dev.hairpin.turnserver.server;

import dev.hairpin.turnserver.net.IpAddress;
import java.io.UncheckedIOException;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.util.Set;
import java.util.stream.Collectors;

/// The addresses of this machine's interfaces.
final class InterfaceAddresses {
  private InterfaceAddresses() {}

  static Set<IpAddress> all() {
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
