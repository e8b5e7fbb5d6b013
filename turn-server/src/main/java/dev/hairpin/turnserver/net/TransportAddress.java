package dev.hairpin.turnserver.net;

import java.net.InetSocketAddress;

/// An IP address and a port (RFC 8489 §4).
public record TransportAddress(IpAddress ip, int port) {
  public TransportAddress {
    if (port < 0 || port > 65535) {
      throw new IllegalArgumentException("a port is 0 to 65535, not " + port);
    }
  }

  public static TransportAddress of(InetSocketAddress address) {
    return new TransportAddress(IpAddress.of(address.getAddress()), address.getPort());
  }

  public InetSocketAddress toInetSocketAddress() {
    return new InetSocketAddress(ip.toInetAddress(), port);
  }

  /// `192.0.2.1:3478`, `[2001:db8::1]:3478`.
  @Override
  public String toString() {
    return ip.toUrlHost() + ":" + port;
  }
}
