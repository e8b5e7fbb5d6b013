package dev.hairpin.turnserver.transport;

import dev.hairpin.turnserver.allocation.Allocation;
import dev.hairpin.turnserver.allocation.ClientLink;
import dev.hairpin.turnserver.allocation.FiveTuple;
import dev.hairpin.turnserver.net.Transport;
import dev.hairpin.turnserver.net.TransportAddress;
import dev.hairpin.turnserver.udp.Packet;
import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/// The way by which messages of clients come: a UDP listener, which all of them share, or the
/// connection of one. Confined to its loop.
public interface ClientSocket {
  Transport transport();

  /// What the 5-tuple of a packet leads to, or null.
  FiveTuple.@Nullable Holder holderOf(Packet packet);

  /// The allocation of the client that sent a packet, or null. It may have run out, or be kept by
  /// another loop.
  default @Nullable Allocation allocationOf(Packet packet) {
    return holderOf(packet) instanceof Allocation allocation ? allocation : null;
  }

  void add(TransportAddress client, FiveTuple.Holder holder);

  /// Does nothing where the client's 5-tuple has another holder by now.
  void remove(TransportAddress client, FiveTuple.Holder holder);

  /// The server that the client named in TLS (SNI), or null.
  default @Nullable String serverName() {
    return null;
  }

  FiveTuple fiveTupleOf(Packet packet);

  /// Sends a copy of a message to where a packet came from.
  default void answer(ByteBuf message, Packet request) {
    linkTo(request.source(), request).send(message);
  }

  /// The way back to a client, from where a packet was sent to.
  ClientLink linkTo(TransportAddress client, Packet request);
}
