package dev.hairpin.turnserver.transport;

import dev.hairpin.turnserver.allocation.ClientLink;
import dev.hairpin.turnserver.allocation.FiveTuple;
import dev.hairpin.turnserver.telemetry.Counter;
import dev.hairpin.turnserver.telemetry.DropReason;
import dev.hairpin.turnserver.udp.Packet;
import dev.hairpin.turnserver.udp.UdpTrouble;

/// What comes from the side of the clients, told to the loop.
public interface ClientEvents extends UdpTrouble {
  /// Input came by another way than a UDP socket. Told before the messages in it.
  void onTurn();

  /// The first byte is that of a STUN message.
  void onStun(ClientSocket socket, Packet packet);

  /// The first byte is that of a ChannelData message.
  void onChannelData(ClientSocket socket, Packet packet);

  void onClientDrop(DropReason reason);

  void count(Counter counter);

  /// A client's connection is gone.
  ///
  /// @param holder what it led to
  void onDisconnect(ClientLink link, FiveTuple.Holder holder);
}
