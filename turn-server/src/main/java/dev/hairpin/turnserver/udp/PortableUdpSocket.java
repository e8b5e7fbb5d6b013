package dev.hairpin.turnserver.udp;

import dev.hairpin.turnserver.net.IpAddress;
import dev.hairpin.turnserver.net.TransportAddress;
import dev.hairpin.turnserver.telemetry.DropReason;
import io.netty.buffer.ByteBuf;
import io.netty.channel.IoEvent;
import io.netty.channel.IoRegistration;
import io.netty.channel.nio.NioIoHandle;
import io.netty.channel.nio.NioIoOps;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.SelectableChannel;
import jdk.net.ExtendedSocketOptions;

/// Java's datagram channel, watched by Netty's NIO loop.
final class PortableUdpSocket extends WatchedSocket implements NioIoHandle {
  final DatagramChannel java;
  private final PortableUdpEngine engine;

  PortableUdpSocket(PortableUdpEngine engine, DatagramChannel java, UdpHandler handler)
      throws IOException {
    super(java, NioIoOps.READ, (InetSocketAddress) java.getLocalAddress(), handler);
    this.engine = engine;
    this.java = java;
    java.setOption(ExtendedSocketOptions.IP_DONTFRAGMENT, false);
  }

  @Override
  public SelectableChannel selectableChannel() {
    return java;
  }

  @Override
  public void handle(IoRegistration source, IoEvent event) {
    engine.receive(this);
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
  public void send(ByteBuf message, long high, long low, int port) {
    sendBytes(message, message.readerIndex(), message.readableBytes(), high, low, port);
  }

  private void sendBytes(ByteBuf bytes, int start, int length, long high, long low, int port) {
    ByteBuffer datagram = bytes.internalNioBuffer(start, length);
    var to = new TransportAddress(new IpAddress(high, low), port).toInetSocketAddress();
    try {
      if (java.send(datagram, to) == 0 && length > 0) {
        engine.events.onLoss(this, DropReason.SEND_BUFFER_FULL, 1);
      }
    } catch (IOException _) {
      engine.events.onLoss(this, DropReason.SEND_REFUSED, 1);
    }
  }

  @Override
  public void close() {
    engine.hasClosed = true;
    super.close();
  }
}
