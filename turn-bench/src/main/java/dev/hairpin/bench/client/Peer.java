package dev.hairpin.bench.client;

import dev.hairpin.bench.Load.Direction;
import dev.hairpin.bench.measure.Tally;
import dev.hairpin.turnserver.net.Sharing;
import dev.hairpin.turnserver.net.TransportAddress;
import dev.hairpin.turnserver.stun.XorAddress;
import dev.hairpin.turnserver.udp.Packet;
import dev.hairpin.turnserver.udp.UdpEngine;
import dev.hairpin.turnserver.udp.UdpHandler;
import dev.hairpin.turnserver.udp.UdpSocket;
import io.netty.buffer.ByteBuf;
import java.io.IOException;

/// The peer of every client of one loop.
final class Peer implements UdpHandler {
  private final Tally tally;
  private final Direction direction;
  private final UdpSocket socket;

  Peer(UdpEngine engine, TransportAddress local, Direction direction, Tally tally)
      throws IOException {
    this.tally = tally;
    this.direction = direction;
    this.socket = engine.open(local, Sharing.EXCLUSIVE, this);
  }

  TransportAddress address() {
    return socket.localAddress();
  }

  /// Sends a payload to a relayed address.
  void send(ByteBuf payload, XorAddress to) {
    socket.send(payload, to.high(), to.low(), to.port());
  }

  @Override
  public void onPacket(UdpSocket from, Packet packet) {
    switch (direction) {
      case UP -> tally.received(packet.buffer(), packet.offset(), packet.length());
      case ECHO ->
          socket.relay(
              packet,
              0,
              packet.length(),
              packet.sourceHigh(),
              packet.sourceLow(),
              packet.sourcePort());
      case DOWN -> {} // a stranger's
    }
  }

  /// Whether it only sends back what comes, by this socket.
  boolean isEchoing(UdpSocket by) {
    return socket.equals(by) && direction != Direction.DOWN;
  }

  void close() {
    socket.close();
  }
}
