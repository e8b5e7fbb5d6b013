package dev.hairpin.turnserver.udp;

import static java.util.Objects.requireNonNull;

import dev.hairpin.turnserver.net.TransportAddress;
import io.netty.channel.IoEventLoop;
import io.netty.channel.IoHandle;
import io.netty.channel.IoOps;
import io.netty.channel.IoRegistration;
import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/// What both forms of UDP socket have in common: a descriptor that is watched by a loop of Netty's
/// until it is closed.
abstract class WatchedSocket implements UdpSocket, IoHandle {
  private final Closeable descriptor;
  private final IoOps news;
  private final TransportAddress localAddress;
  final UdpHandler handler;
  private @Nullable IoRegistration registration;
  private boolean closed;

  /// @param news what the loop is to tell of
  WatchedSocket(Closeable descriptor, IoOps news, InetSocketAddress local, UdpHandler handler) {
    this.descriptor = descriptor;
    this.news = news;
    this.localAddress = TransportAddress.of(local);
    this.handler = handler;
  }

  void watchBy(IoEventLoop loop) {
    registration = loop.register(this).syncUninterruptibly().getNow();
    listen();
  }

  /// Asks to be told of what has come, if only before.
  void listen() {
    requireNonNull(registration).submit(news);
  }

  @Override
  public TransportAddress localAddress() {
    return localAddress;
  }

  /// The header goes into the free room in front of the payload.
  @Override
  public void relayBehind(int header, Packet packet, long high, long low, int port) {
    packet.buffer.setInt(packet.offset - Integer.BYTES, header);
    relay(packet, -Integer.BYTES, Integer.BYTES + packet.length, high, low, port);
  }

  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    if (registration != null) {
      registration.cancel();
    }
    try {
      descriptor.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public boolean isClosed() {
    return closed;
  }
}
