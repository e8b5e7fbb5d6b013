package dev.hairpin.turnserver.transport;

import dev.hairpin.turnserver.allocation.ClientLink;
import dev.hairpin.turnserver.allocation.FiveTuple;
import dev.hairpin.turnserver.stun.StunMessage;
import dev.hairpin.turnserver.telemetry.Counters;
import dev.hairpin.turnserver.telemetry.DropReason;
import dev.hairpin.turnserver.turn.ChannelData;
import dev.hairpin.turnserver.udp.Packet;

/// What comes from the side of the clients, told to the loop.
public interface ClientEvents {
  /// Input came by another way than a UDP socket. Told before the messages in it.
  void onTurn();

  /// A whole message: STUN and ChannelData are told apart by the first byte (RFC 8656 §12).
  default void onMessage(ClientSocket socket, Packet packet) {
    int first = packet.length() == 0 ? -1 : packet.buffer().getUnsignedByte(packet.offset());
    if (ChannelData.startsWith(first)) {
      onChannelData(socket, packet);
    } else if (StunMessage.startsWith(first)) {
      onStun(socket, packet);
    } else {
      counters().drop(DropReason.NOT_STUN_NOR_CHANNEL_DATA);
    }
  }

  /// The first byte is that of a STUN message.
  void onStun(ClientSocket socket, Packet packet);

  /// The first byte is that of a ChannelData message.
  void onChannelData(ClientSocket socket, Packet packet);

  Counters counters();

  /// Handling a message threw; the message is lost, the loop goes on.
  void onFault(Throwable fault);

  /// A client's connection is gone.
  ///
  /// @param holder what it led to
  void onDisconnect(ClientLink link, FiveTuple.Holder holder);
}
