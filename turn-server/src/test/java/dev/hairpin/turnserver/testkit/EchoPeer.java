package dev.hairpin.turnserver.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;

/// A peer that sends every datagram back to where it came from.
public final class EchoPeer implements AutoCloseable {
  private static final int MAX_DATAGRAM = 65_535;

  private final DatagramSocket socket;

  private EchoPeer(DatagramSocket socket) {
    this.socket = socket;
  }

  public static EchoPeer at(InetAddress address) {
    try {
      var peer = new EchoPeer(new DatagramSocket(0, address));
      Thread.ofPlatform().daemon().name("echo peer").start(peer::run);
      return peer;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public InetSocketAddress address() {
    return (InetSocketAddress) socket.getLocalSocketAddress();
  }

  private void run() {
    var packet = new DatagramPacket(new byte[MAX_DATAGRAM], MAX_DATAGRAM);
    while (!socket.isClosed()) {
      try {
        packet.setLength(MAX_DATAGRAM);
        socket.receive(packet);
        socket.send(packet);
      } catch (IOException _) {
        // closed, or the sender is gone: the loop's condition tells which
      }
    }
  }

  @Override
  public void close() {
    socket.close();
  }
}
