package dev.hairpin.bench.client;

import dev.hairpin.bench.Load.Direction;
import dev.hairpin.bench.measure.Tally;
import dev.hairpin.turnserver.net.TransportAddress;
import dev.hairpin.turnserver.stun.XorAddress;
import dev.hairpin.turnserver.udp.Packet;
import dev.hairpin.turnserver.udp.UdpEngine;
import dev.hairpin.turnserver.udp.UdpEngine.Sharing;
import dev.hairpin.turnserver.udp.UdpHandler;
import dev.hairpin.turnserver.udp.UdpSocket;
import io.netty.buffer.ByteBuf;
import java.io.IOException;
import java.util.function.Consumer;

/// The peer of every client of one loop.
final class Peer implements UdpHandler {
  private final Tally tally;
  private final Direction direction;
  private final Consumer<String> onTrouble;
  private final UdpSocket socket;

  Peer(
      UdpEngine engine,
      TransportAddress local,
      Direction direction,
      Tally tally,
      Consumer<String> onTrouble)
      throws IOException {
    this.onTrouble = onTrouble;
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

  @Override
  public void onFault(Throwable fault) {
    onTrouble.accept("the peer failed: " + fault);
  }

  @Override
  public void onLoss(Loss loss, int datagrams) {
    if (loss != Loss.TRUNCATED && direction == Direction.DOWN) {
      tally.unsent(datagrams);
    }
  }

  void close() {
    socket.close();
  }
}
