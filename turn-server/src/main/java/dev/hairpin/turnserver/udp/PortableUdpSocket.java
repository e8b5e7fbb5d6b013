package dev.hairpin.turnserver.udp;

import dev.hairpin.turnserver.net.IpAddress;
import dev.hairpin.turnserver.net.TransportAddress;
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

/// A Netty datagram channel, and Java's channel under it.
final class PortableUdpSocket implements UdpSocket {
  private static final int HEADER_BYTES = 4;

  final DatagramChannel java;
  private final NioDatagramChannel netty;
  private final UdpHandler handler;
  private final TransportAddress localAddress;
  private boolean closed;

  PortableUdpSocket(DatagramChannel java, NioDatagramChannel netty, UdpHandler handler)
      throws IOException {
    this.java = java;
    this.netty = netty;
    this.handler = handler;
    this.localAddress = TransportAddress.of((InetSocketAddress) java.getLocalAddress());
    java.setOption(ExtendedSocketOptions.IP_DONTFRAGMENT, false);
  }

  UdpHandler handler() {
    return handler;
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
  public void relayUnfragmented(
      Packet packet, int skip, int length, long high, long low, int port) {
    setDontFragment(true);
    relay(packet, skip, length, high, low, port);
    setDontFragment(false);
  }

  private void setDontFragment(boolean wish) {
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
        handler.onLoss(UdpTrouble.Loss.SEND_BUFFER_FULL, 1);
      }
    } catch (IOException _) {
      handler.onLoss(UdpTrouble.Loss.SEND_REFUSED, 1);
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

  /// Takes what Netty received.
  static final class Receiver extends SimpleChannelInboundHandler<DatagramPacket> {
    private final PortableUdpEngine engine;
    private final PortableUdpSocket socket;

    Receiver(PortableUdpEngine engine, PortableUdpSocket socket) {
      this.engine = engine;
      this.socket = socket;
    }

    @Override
    protected void channelRead0(ChannelHandlerContext context, DatagramPacket datagram) {
      if (!socket.closed) {
        engine.receive(socket, datagram);
      }
    }
  }
}
