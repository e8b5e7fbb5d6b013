package dev.hairpin.turnserver.transport;

import dev.hairpin.turnserver.allocation.Allocation;
import dev.hairpin.turnserver.allocation.ClientLink;
import dev.hairpin.turnserver.net.Transport;
import dev.hairpin.turnserver.net.TransportAddress;
import dev.hairpin.turnserver.udp.Packet;
import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/// The way by which messages of clients come: a UDP listener, which all of them share, or the
/// connection of one. Confined to its loop.
public interface ClientSocket {
  Transport transport();

  TransportAddress localAddress();

  /// The allocation of the client that sent a packet, or null. It may have run out.
  @Nullable Allocation allocationOf(Packet packet);

  void add(Allocation allocation);

  /// Sends a copy of a message to where a packet came from.
  void answer(ByteBuf message, Packet request);

  /// The way back to a client.
  ClientLink linkTo(TransportAddress client);
}
