package dev.hairpin.turnserver.transport;

import dev.hairpin.turnserver.telemetry.DropReason;
import dev.hairpin.turnserver.udp.Packet;
import dev.hairpin.turnserver.udp.UdpTrouble;

/// What comes from the side of the clients, told to the loop.
public interface ClientEvents extends UdpTrouble {
  /// The first byte is that of a STUN message.
  void onStun(UdpListener listener, Packet packet);

  /// The first byte is that of a ChannelData message.
  void onChannelData(UdpListener listener, Packet packet);

  void onClientDrop(DropReason reason);
}
