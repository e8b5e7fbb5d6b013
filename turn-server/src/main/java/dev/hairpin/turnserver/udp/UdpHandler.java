package dev.hairpin.turnserver.udp;

import dev.hairpin.turnserver.net.TransportAddress;

/// What a socket tells its owner, on the socket's loop.
public interface UdpHandler extends UdpTrouble {
  void onPacket(UdpSocket socket, Packet packet);

  /// Whether it wants to know what ICMP says of datagrams that were sent. Asked when its socket is
  /// opened; only `NATIVE` sockets can tell.
  default boolean hearsIcmp() {
    return false;
  }

  /// A datagram that was sent met an error on its way.
  default void onIcmp(UdpSocket socket, Icmp icmp) {}

  /// An ICMP message about a datagram (RFC 8656 §18.13), of version 4 or 6 as the peer's address
  /// is.
  ///
  /// @param peer where the datagram was to go; port 0 where the system does not tell
  /// @param data the MTU where the datagram was too long, else 0
  record Icmp(TransportAddress peer, int type, int code, int data) {}

  /// Hands an error on; whatever goes wrong with it ends there.
  static void deliver(UdpHandler handler, UdpSocket socket, Icmp icmp) {
    try {
      handler.onIcmp(socket, icmp);
    } catch (RuntimeException | Error fault) {
      handler.onFault(fault);
    }
  }

  /// Hands a packet on; whatever goes wrong with it ends there.
  static void deliver(UdpHandler handler, UdpSocket socket, Packet packet) {
    try {
      handler.onPacket(socket, packet);
    } catch (RuntimeException | Error fault) {
      handler.onFault(fault);
    }
  }
}
