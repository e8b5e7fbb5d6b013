package dev.hairpin.turnserver.relay;

import dev.hairpin.turnserver.udp.Packet;
import dev.hairpin.turnserver.udp.UdpHandler.Icmp;

/// What comes from the side of the peers, told to the loop.
public interface PeerEvents {
  /// A datagram from a peer. Its source is told apart from the packet, for it may be translated.
  void onPeerPacket(UdpRelaySocket relay, Packet packet, long high, long low, int port);

  /// A datagram to a peer met an error on its way.
  void onPeerIcmp(UdpRelaySocket relay, Icmp icmp);
}
