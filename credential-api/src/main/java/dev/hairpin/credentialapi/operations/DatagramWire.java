package dev.hairpin.credentialapi.operations;

import dev.hairpin.turnserver.net.TransportAddress;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.util.Arrays;

/// STUN over UDP.
final class DatagramWire implements Wire {
  private static final int ATTEMPTS = 3;
  private static final int ATTEMPT_MILLIS = 500; // the initial RTO of RFC 8489 §6.2.1

  private final DatagramSocket socket;

  DatagramWire(TransportAddress server) throws IOException {
    socket = new DatagramSocket();
    try {
      socket.connect(server.toInetSocketAddress());
      socket.setSoTimeout(ATTEMPT_MILLIS);
    } catch (IOException e) {
      socket.close();
      throw e;
    }
  }

  @Override
  public void send(byte[] bytes, int length) throws IOException {
    socket.send(new DatagramPacket(bytes, length));
  }

  @Override
  public byte[] receive() throws IOException {
    var packet = new DatagramPacket(new byte[MAX_BYTES], MAX_BYTES);
    socket.receive(packet);
    return Arrays.copyOf(packet.getData(), packet.getLength());
  }

  @Override
  public int attempts() {
    return ATTEMPTS;
  }

  @Override
  public void close() {
    socket.close();
  }
}
