package dev.hairpin.bench.client;

import dev.hairpin.turnserver.net.Sharing;
import dev.hairpin.turnserver.net.TransportAddress;
import dev.hairpin.turnserver.udp.Packet;
import dev.hairpin.turnserver.udp.UdpEngine;
import dev.hairpin.turnserver.udp.UdpHandler;
import dev.hairpin.turnserver.udp.UdpSocket;
import io.netty.buffer.ByteBuf;
import java.io.IOException;

/// A UDP socket of a client.
final class UdpWire implements Wire, UdpHandler {
  private final Listener listener;
  private final UdpSocket socket;
  private final long high;
  private final long low;
  private final int port;

  /// @param local an address from which the server is reached
  UdpWire(UdpEngine engine, TransportAddress local, TransportAddress server, Listener listener)
      throws IOException {
    this.listener = listener;
    this.high = server.ip().high();
    this.low = server.ip().low();
    this.port = server.port();
    this.socket = engine.open(local, Sharing.EXCLUSIVE, this);
  }

  @Override
  public void request(ByteBuf message) {
    socket.send(message, high, low, port);
  }

  @Override
  public boolean data(ByteBuf message, int length) {
    message.writerIndex(length);
    socket.send(message, high, low, port);
    return true;
  }

  @Override
  public void onPacket(UdpSocket from, Packet packet) {
    if (packet.sourcePort() == port && packet.sourceLow() == low && packet.sourceHigh() == high) {
      listener.onMessage(packet.buffer(), packet.offset(), packet.length());
    }
  }

  @Override
  public boolean isDatagram() {
    return true;
  }

  @Override
  public int udpPort() {
    return socket.localAddress().port();
  }

  @Override
  public void close() {
    socket.close();
  }
}
