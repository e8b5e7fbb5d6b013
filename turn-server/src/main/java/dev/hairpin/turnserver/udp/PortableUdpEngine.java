package dev.hairpin.turnserver.udp;

import dev.hairpin.turnserver.net.Family;
import dev.hairpin.turnserver.net.TransportAddress;
import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelOption;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.netty.channel.IoEventLoop;
import io.netty.channel.socket.DatagramPacket;
import io.netty.channel.socket.nio.NioDatagramChannel;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;

/// UDP by Netty's datagram channel on any system. Receives through Netty, sends through Java's
/// channel under it: Netty 4.2.18 loses datagrams without payload on their way out.
final class PortableUdpEngine implements UdpEngine {
  private static final int SOCKET_BUFFER_BYTES = 4 << 20;
  private static final int MAX_DATAGRAM_BYTES = 65_536;
  private static final int HEADROOM = 64;

  private final IoEventLoop loop;
  private final UdpEvents events;
  private final Packet packet = new Packet();
  private final ByteBuf slot =
      Unpooled.wrappedBuffer(ByteBuffer.allocateDirect(HEADROOM + MAX_DATAGRAM_BYTES));

  PortableUdpEngine(IoEventLoop loop, UdpEvents events) {
    this.loop = loop;
    this.events = events;
  }

  UdpEvents events() {
    return events;
  }

  @Override
  public void requireFree(TransportAddress local) throws IOException {
    try (var java = create(local)) { // not one of Netty's: those let go of the address later
      java.bind(local.toInetSocketAddress());
    }
  }

  private static DatagramChannel create(TransportAddress local) throws IOException {
    boolean ipv6 = local.ip().family() == Family.IPV6;
    return DatagramChannel.open(ipv6 ? StandardProtocolFamily.INET6 : StandardProtocolFamily.INET);
  }

  @Override
  public UdpSocket open(TransportAddress local, Sharing sharing, UdpHandler handler)
      throws IOException {
    var java = create(local);
    try {
      if (sharing == Sharing.SHARED) {
        java.setOption(StandardSocketOptions.SO_REUSEPORT, true);
      }
      java.setOption(StandardSocketOptions.IP_MULTICAST_TTL, 0);
      java.setOption(StandardSocketOptions.SO_RCVBUF, SOCKET_BUFFER_BYTES);
      java.setOption(StandardSocketOptions.SO_SNDBUF, SOCKET_BUFFER_BYTES);
      java.bind(local.toInetSocketAddress());
      var netty = new NioDatagramChannel(java);
      var socket = new PortableUdpSocket(this, java, netty, handler);
      new Bootstrap()
          .group(loop)
          .channelFactory(() -> netty)
          .option(
              ChannelOption.RECVBUF_ALLOCATOR, new FixedRecvByteBufAllocator(MAX_DATAGRAM_BYTES))
          .handler(socket)
          .register()
          .syncUninterruptibly();
      return socket;
    } catch (IOException | RuntimeException e) {
      java.close();
      throw e;
    }
  }

  /// Copies a datagram into the slot, where there is room for a header in front.
  void receive(PortableUdpSocket socket, UdpHandler handler, DatagramPacket datagram) {
    var source = TransportAddress.of(datagram.sender());
    if (source.ip().family() != socket.localAddress().ip().family()) {
      return; // Java's IPv6 sockets hear IPv4 too, and cannot be told not to
    }
    events.onTurnStarted();
    var content = datagram.content();
    int length = content.readableBytes();
    content.getBytes(content.readerIndex(), slot.writerIndex(HEADROOM), length);
    packet.point(slot, HEADROOM, length, source);
    packet.hasHeadroom = true;
    try {
      handler.onPacket(socket, packet);
    } catch (RuntimeException | Error fault) {
      events.onFault(fault);
    }
  }

  @Override
  public void beginTurn() {
    events.onTurnStarted();
  }

  @Override
  public void close() {}
}
