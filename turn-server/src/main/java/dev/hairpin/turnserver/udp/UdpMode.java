package dev.hairpin.turnserver.udp;

/// Which form of UDP socket a server uses.
public enum UdpMode {
  /// `NATIVE` where it works, else `PORTABLE`.
  AUTO,
  /// Descriptors of our own on Netty's epoll loop, batches by `recvmmsg` and `sendmmsg`. Linux
  /// only.
  NATIVE,
  /// Netty's datagram channel on Java's NIO, on any system.
  PORTABLE
}
