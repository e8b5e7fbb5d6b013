package dev.hairpin.turnserver.relay;

import dev.hairpin.turnserver.udp.Packet;
import dev.hairpin.turnserver.udp.UdpHandler;

/// What comes from the side of the peers, told to the loop.
public interface PeerEvents {
  /// A datagram from a peer. Its source is told apart from the packet, for it may be translated.
  void onPeerPacket(UdpRelaySocket relay, Packet packet, long high, long low, int port);

  void onFault(RuntimeException fault);

  void onPeerLoss(UdpHandler.Loss loss, int datagrams);
}
