package dev.hairpin.turnserver.udp;

import dev.hairpin.turnserver.net.TransportAddress;

/// What a socket tells its owner, on the socket's loop. Whatever it throws loses one packet.
public interface UdpHandler {
  void onPacket(UdpSocket socket, Packet packet);

  /// An owner that wants to know, too, what ICMP says of datagrams that were sent; only `NATIVE`
  /// sockets can tell.
  interface OfIcmp extends UdpHandler {
    void onIcmp(UdpSocket socket, Icmp icmp);
  }

  /// An ICMP message about a datagram (RFC 8656 §18.13), of version 4 or 6 as the peer's address
  /// is.
  ///
  /// @param peer where the datagram was to go; port 0 where the system does not tell
  /// @param data the MTU where the datagram was too long, else 0
  record Icmp(TransportAddress peer, int type, int code, int data) {}
}
