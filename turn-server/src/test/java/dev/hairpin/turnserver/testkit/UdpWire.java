package dev.hairpin.turnserver.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.nio.channels.DatagramChannel;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// A UDP socket that hears one server only.
public final class UdpWire implements Wire {
  private static final int MAX_DATAGRAM = 65_535;

  private final DatagramSocket socket;

  private UdpWire(DatagramSocket socket) {
    this.socket = socket;
  }

  /// From a free port of the address that the server listens at, which tests know to be local.
  public static UdpWire to(InetSocketAddress server) {
    return to(server, server.getAddress());
  }

  public static UdpWire to(InetSocketAddress server, InetAddress local) {
    try {
      var socket = new DatagramSocket(0, local);
      socket.connect(server);
      return new UdpWire(socket);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// By a channel that blocks, connected to the server, which others may use afterwards.
  public static UdpWire over(DatagramChannel channel) {
    return new UdpWire(channel.socket());
  }

  @Override
  public InetSocketAddress server() {
    return (InetSocketAddress) socket.getRemoteSocketAddress();
  }

  @Override
  public InetSocketAddress localAddress() {
    return (InetSocketAddress) socket.getLocalSocketAddress();
  }

  @Override
  public boolean isStream() {
    return false;
  }

  @Override
  public void send(Bytes datagram) {
    try {
      socket.send(new DatagramPacket(datagram.toArray(), datagram.length()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public @Nullable Bytes receive(Duration timeout) {
    if (timeout.toMillis() <= 0) {
      return null;
    }
    var buffer = new byte[MAX_DATAGRAM];
    var packet = new DatagramPacket(buffer, buffer.length);
    try {
      socket.setSoTimeout((int) timeout.toMillis());
      socket.receive(packet);
    } catch (SocketTimeoutException _) {
      return null;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return Bytes.of(buffer, packet.getLength());
  }

  @Override
  public void close() {
    socket.close();
  }
}
