package dev.hairpin.turnserver.udp;

import dev.hairpin.turnserver.net.IpAddress;
import dev.hairpin.turnserver.net.TransportAddress;
import dev.hairpin.turnserver.telemetry.DropReason;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.socket.DatagramPacket;
import io.netty.channel.socket.nio.NioDatagramChannel;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import jdk.net.ExtendedSocketOptions;

/// A Netty datagram channel, of which this is the handler, and Java's channel under it.
final class PortableUdpSocket extends SimpleChannelInboundHandler<DatagramPacket>
    implements UdpSocket {
  private static final int HEADER_BYTES = 4;

  final DatagramChannel java;
  private final PortableUdpEngine engine;
  private final NioDatagramChannel netty;
  private final UdpHandler handler;
  private final TransportAddress localAddress;
  private boolean closed;

  PortableUdpSocket(
      PortableUdpEngine engine, DatagramChannel java, NioDatagramChannel netty, UdpHandler handler)
      throws IOException {
    this.engine = engine;
    this.java = java;
    this.netty = netty;
    this.handler = handler;
    this.localAddress = TransportAddress.of((InetSocketAddress) java.getLocalAddress());
    java.setOption(ExtendedSocketOptions.IP_DONTFRAGMENT, false);
  }

  @Override
  protected void channelRead0(ChannelHandlerContext context, DatagramPacket datagram) {
    if (!closed) {
      engine.receive(this, handler, datagram);
    }
  }

  @Override
  public TransportAddress localAddress() {
    return localAddress;
  }

  @Override
  public void relay(Packet packet, int skip, int length, long high, long low, int port) {
    sendBytes(packet.buffer, packet.offset + skip, length, high, low, port);
  }

  @Override
  public void setDontFragment(boolean wish) {
    try {
      java.setOption(ExtendedSocketOptions.IP_DONTFRAGMENT, wish);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void relayBehind(int header, Packet packet, long high, long low, int port) {
    int start = packet.offset - HEADER_BYTES;
    packet.buffer.setInt(start, header);
    sendBytes(packet.buffer, start, HEADER_BYTES + packet.length, high, low, port);
  }

  @Override
  public void send(ByteBuf message, long high, long low, int port) {
    sendBytes(message, message.readerIndex(), message.readableBytes(), high, low, port);
  }

  private void sendBytes(ByteBuf bytes, int start, int length, long high, long low, int port) {
    ByteBuffer datagram = bytes.internalNioBuffer(start, length);
    var to = new TransportAddress(new IpAddress(high, low), port).toInetSocketAddress();
    try {
      if (java.send(datagram, to) == 0 && length > 0) {
        engine.events().onLoss(this, DropReason.SEND_BUFFER_FULL, 1);
      }
    } catch (IOException _) {
      engine.events().onLoss(this, DropReason.SEND_REFUSED, 1);
    }
  }

  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    var _ = netty.close();
    try {
      java.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public boolean isClosed() {
    return closed;
  }
}
