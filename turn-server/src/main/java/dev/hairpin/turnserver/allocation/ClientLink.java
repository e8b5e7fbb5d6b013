package dev.hairpin.turnserver.allocation;

import dev.hairpin.turnserver.udp.Packet;
import io.netty.buffer.ByteBuf;

/// The way back to the client of an allocation.
public interface ClientLink {
  int maxMessageBytes();

  /// Sends the packet that is being handled behind a ChannelData header, without copying it.
  void relayBehind(int header, Packet packet);

  /// Sends a copy of a message.
  void send(ByteBuf message);
}
