package dev.hairpin.turnserver.transport;

import dev.hairpin.turnserver.allocation.Allocation;
import dev.hairpin.turnserver.allocation.ClientLink;
import dev.hairpin.turnserver.allocation.FiveTuple;
import dev.hairpin.turnserver.allocation.FiveTuple.Holder;
import dev.hairpin.turnserver.net.AddressTable;
import dev.hairpin.turnserver.net.Sharing;
import dev.hairpin.turnserver.net.Transport;
import dev.hairpin.turnserver.net.TransportAddress;
import dev.hairpin.turnserver.udp.Packet;
import dev.hairpin.turnserver.udp.UdpEngine;
import dev.hairpin.turnserver.udp.UdpHandler;
import dev.hairpin.turnserver.udp.UdpSocket;
import io.netty.buffer.ByteBuf;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/// One loop's socket on a listening address, with the allocations of the clients that the kernel
/// brings to it.
public final class UdpListener implements ClientListener, ClientSocket, UdpHandler {
  /// The largest payload of a UDP datagram on IPv4; IPv6 allows 20 bytes more, which nobody misses.
  private static final int MAX_DATAGRAM_BYTES = 65_507;

  private final ClientEvents events;
  private final UdpSocket socket;
  private final AddressTable<Holder> holders = new AddressTable<>();

  public UdpListener(
      UdpEngine engine, TransportAddress address, Sharing sharing, ClientEvents events)
      throws IOException {
    this.events = events;
    this.socket = engine.open(address, sharing, this);
  }

  @Override
  public void onPacket(UdpSocket from, Packet packet) {
    events.onMessage(this, packet);
  }

  @Override
  public Transport transport() {
    return Transport.UDP;
  }

  @Override
  public @Nullable Holder holderOf(Packet packet) {
    return holders.get(packet.sourceHigh(), packet.sourceLow(), packet.sourcePort());
  }

  @Override
  public void add(TransportAddress client, Holder holder) {
    holders.put(client, holder);
  }

  @Override
  public void remove(TransportAddress client, Holder holder) {
    if (holder.equals(holders.get(client.ip().high(), client.ip().low(), client.port()))) {
      holders.remove(client);
    }
  }

  @Override
  public TransportAddress localAddress() {
    return socket.localAddress();
  }

  @Override
  public FiveTuple fiveTupleOf(Packet packet) {
    return new FiveTuple(Transport.UDP, packet.source(), socket.localAddress());
  }

  @Override
  public ClientLink linkTo(TransportAddress client, Packet request) {
    return new Link(this, client, request.localHigh(), request.localLow());
  }

  @Override
  public void close() {
    socket.close();
  }

  /// The way back to a client.
  ///
  /// @param fromHigh with `fromLow`, the address that the client knows the server by; zero where
  ///   that is the socket's own
  private record Link(UdpListener at, TransportAddress client, long fromHigh, long fromLow)
      implements ClientLink {
    @Override
    public int maxMessageBytes() {
      return MAX_DATAGRAM_BYTES;
    }

    @Override
    public void relayBehind(int header, Packet packet) {
      at.socket.sendFrom(fromHigh, fromLow);
      at.socket.relayBehind(header, packet, client.ip().high(), client.ip().low(), client.port());
    }

    @Override
    public void send(ByteBuf message) {
      at.socket.sendFrom(fromHigh, fromLow);
      at.socket.send(message, client.ip().high(), client.ip().low(), client.port());
    }

    @Override
    public void forget(Allocation allocation) {
      at.remove(client, allocation);
    }
  }
}
