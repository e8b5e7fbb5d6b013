package dev.hairpin.turnserver.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/// A UDP socket at an address that nobody should reach, or that somebody should: it tells exactly
/// what came.
public final class Canary implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(5);
  private static final int MAX_DATAGRAM = 65_535;

  private final DatagramSocket socket;

  private Canary(DatagramSocket socket) {
    this.socket = socket;
  }

  public static Canary at(InetAddress address) {
    return at(new InetSocketAddress(address, 0));
  }

  public static Canary at(InetSocketAddress address) {
    try {
      return new Canary(new DatagramSocket(address));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public InetSocketAddress address() {
    return (InetSocketAddress) socket.getLocalSocketAddress();
  }

  /// The next datagram's payload, which must come within some seconds.
  public Bytes next() {
    var buffer = new byte[MAX_DATAGRAM];
    var packet = new DatagramPacket(buffer, buffer.length);
    try {
      socket.setSoTimeout((int) PATIENCE.toMillis());
      socket.receive(packet);
    } catch (SocketTimeoutException e) {
      throw new AssertionError("nothing came to " + address(), e);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return Bytes.of(buffer, packet.getLength());
  }

  /// All that has come and not been asked for. Loopback keeps the order, so a mark from the canary
  /// to itself closes the list.
  public List<Bytes> received() {
    var mark = Bytes.random(24);
    try {
      socket.send(new DatagramPacket(mark.toArray(), mark.length(), address()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    var received = new ArrayList<Bytes>();
    for (var datagram = next(); !datagram.equals(mark); datagram = next()) {
      received.add(datagram);
    }
    return received;
  }

  @Override
  public void close() {
    socket.close();
  }
}
