package dev.hairpin.turnserver.udp;

import dev.hairpin.turnserver.net.Sharing;
import dev.hairpin.turnserver.net.TransportAddress;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.IoEventLoop;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;

/// UDP by Java's datagram channel on any system.
final class PortableUdpEngine implements UdpEngine {
  private static final int SOCKET_BUFFER_BYTES = 4 << 20;
  private static final int MAX_DATAGRAM_BYTES = 65_536;
  private static final int HEADROOM = 64;
  private static final int AT_ONCE = 16; // then it is the next socket's turn

  private final IoEventLoop loop;
  final Events events;
  private final Packet packet = new Packet();
  private final ByteBuffer slot = ByteBuffer.allocateDirect(HEADROOM + MAX_DATAGRAM_BYTES);
  private final ByteBuf buffer = Unpooled.wrappedBuffer(slot);

  /// A socket was closed: Java lets go of its address when the loop selects again, which the next
  /// datagram has to wait for.
  boolean hasClosed;

  PortableUdpEngine(IoEventLoop loop, Events events) {
    this.loop = loop;
    this.events = events;
  }

  @Override
  public void requireFree(TransportAddress local) throws IOException {
    // not one that a loop watches: those let go of the address later
    try (var java = DatagramChannel.open(local.ip().family().ofSockets())) {
      java.bind(local.toInetSocketAddress());
    }
  }

  @Override
  public UdpSocket open(TransportAddress local, Sharing sharing, UdpHandler handler)
      throws IOException {
    var java = DatagramChannel.open(local.ip().family().ofSockets());
    try {
      if (sharing == Sharing.SHARED) {
        java.setOption(StandardSocketOptions.SO_REUSEPORT, true);
      }
      java.setOption(StandardSocketOptions.IP_MULTICAST_TTL, 0);
      java.setOption(StandardSocketOptions.SO_RCVBUF, SOCKET_BUFFER_BYTES);
      java.setOption(StandardSocketOptions.SO_SNDBUF, SOCKET_BUFFER_BYTES);
      java.configureBlocking(false);
      java.bind(local.toInetSocketAddress());
      var socket = new PortableUdpSocket(this, java, handler);
      socket.watchBy(loop);
      return socket;
    } catch (IOException | RuntimeException e) {
      java.close();
      throw e;
    }
  }

  /// Handles what has come to a socket. Whatever goes wrong with a packet ends there.
  void receive(PortableUdpSocket socket) {
    hasClosed = socket.isClosed();
    for (int i = 0; i < AT_ONCE && !hasClosed; i++) {
      try {
        slot.clear().position(HEADROOM);
        if (!(socket.java.receive(slot) instanceof InetSocketAddress sender)) {
          return; // nothing more has come
        }
        events.onTurnStarted();
        deliver(socket, TransportAddress.of(sender), slot.position() - HEADROOM);
      } catch (IOException | RuntimeException | Error fault) {
        events.onFault(fault);
      }
    }
  }

  private void deliver(PortableUdpSocket socket, TransportAddress source, int length) {
    // Java's IPv6 sockets hear IPv4 too, and cannot be told not to
    if (source.ip().family() == socket.localAddress().ip().family()) {
      packet.point(buffer, HEADROOM, length, source);
      packet.hasHeadroom = true;
      socket.handler.onPacket(socket, packet);
    }
  }

  @Override
  public void beginTurn() {
    events.onTurnStarted();
  }

  @Override
  public void close() {}
}
