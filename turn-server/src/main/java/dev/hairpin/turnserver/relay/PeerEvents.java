package dev.hairpin.turnserver.relay;

import dev.hairpin.turnserver.net.TransportAddress;
import dev.hairpin.turnserver.udp.Packet;
import dev.hairpin.turnserver.udp.UdpHandler.Icmp;

/// What comes from the side of the peers, told to the loop.
public interface PeerEvents {
  /// A datagram from a peer. Its source is told apart from the packet, for it may be translated.
  void onPeerPacket(UdpRelaySocket relay, Packet packet, long high, long low, int port);

  /// A part of a client's packet, of which a copy is to go to another relayed address of the same
  /// IP address, which a loop has: another one, or this one at its next turn.
  void onPacketAway(
      int loop, TransportAddress source, Packet packet, int skip, int length, int port);

  /// A datagram to a peer met an error on its way.
  void onPeerIcmp(UdpRelaySocket relay, Icmp icmp);
}
