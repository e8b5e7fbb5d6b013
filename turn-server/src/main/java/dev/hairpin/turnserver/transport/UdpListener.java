package dev.hairpin.turnserver.transport;

import dev.hairpin.turnserver.allocation.ClientLink;
import dev.hairpin.turnserver.allocation.FiveTuple.Holder;
import dev.hairpin.turnserver.net.AddressTable;
import dev.hairpin.turnserver.net.Transport;
import dev.hairpin.turnserver.net.TransportAddress;
import dev.hairpin.turnserver.telemetry.DropReason;
import dev.hairpin.turnserver.turn.ChannelData;
import dev.hairpin.turnserver.udp.Packet;
import dev.hairpin.turnserver.udp.UdpEngine;
import dev.hairpin.turnserver.udp.UdpHandler;
import dev.hairpin.turnserver.udp.UdpSocket;
import io.netty.buffer.ByteBuf;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/// One loop's socket on a listening address, with the allocations of the clients that the kernel
/// brings to it.
public final class UdpListener implements ClientSocket, UdpHandler {
  private static final int STUN_FIRST_BYTE_MASK = 0xc0;

  private final ClientEvents events;
  private final UdpSocket socket;
  private final AddressTable<Holder> holders = new AddressTable<>();

  /// Runs of packets come from one client: its allocation is remembered.
  private @Nullable Holder last;

  private long lastHigh;
  private long lastLow;
  private int lastPort = -1;

  /// What is being handled.
  private @Nullable Packet current;

  public UdpListener(
      UdpEngine engine, TransportAddress address, UdpEngine.Sharing sharing, ClientEvents events)
      throws IOException {
    this.events = events;
    this.socket = engine.open(address, sharing, this);
  }

  /// STUN and ChannelData are told apart by the first byte (RFC 8656 §12).
  @Override
  public void onPacket(UdpSocket from, Packet packet) {
    current = packet;
    int first = packet.length() == 0 ? -1 : packet.buffer().getUnsignedByte(packet.offset());
    if (ChannelData.startsWith(first)) {
      events.onChannelData(this, packet);
    } else if (first >= 0 && (first & STUN_FIRST_BYTE_MASK) == 0) {
      events.onStun(this, packet);
    } else {
      events.onClientDrop(DropReason.NOT_STUN_NOR_CHANNEL_DATA);
    }
  }

  @Override
  public void onFault(RuntimeException fault) {
    events.onFault(fault);
  }

  @Override
  public void onLoss(Loss loss, int datagrams) {
    events.onLoss(loss, datagrams);
  }

  @Override
  public Transport transport() {
    return Transport.UDP;
  }

  @Override
  public @Nullable Holder holderOf(Packet packet) {
    if (packet.sourcePort() != lastPort
        || packet.sourceLow() != lastLow
        || packet.sourceHigh() != lastHigh) {
      lastHigh = packet.sourceHigh();
      lastLow = packet.sourceLow();
      lastPort = packet.sourcePort();
      last = holders.get(lastHigh, lastLow, lastPort);
    }
    return last;
  }

  @Override
  public void add(TransportAddress client, Holder holder) {
    holders.put(client, holder);
    lastPort = -1;
  }

  @Override
  public void remove(TransportAddress client, Holder holder) {
    if (holder.equals(holders.get(client.ip().high(), client.ip().low(), client.port()))) {
      holders.remove(client);
      lastPort = -1;
    }
  }

  @Override
  public TransportAddress localAddress() {
    return socket.localAddress();
  }

  @Override
  public void answer(ByteBuf message, Packet request) {
    socket.sendFrom(request.localHigh(), request.localLow());
    socket.send(message, request.sourceHigh(), request.sourceLow(), request.sourcePort());
  }

  @Override
  public ClientLink linkTo(TransportAddress client) {
    long fromHigh = current == null ? 0 : current.localHigh();
    long fromLow = current == null ? 0 : current.localLow();
    return new UdpClientLink(this, socket, client, fromHigh, fromLow);
  }

  public void close() {
    socket.close();
  }
}
