package dev.hairpin.deploy.check;

import dev.hairpin.turnserver.net.TransportAddress;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/// Stands between clients and a server, and changes the last byte of large answers.
final class Tamperer implements AutoCloseable {
  private static final int LARGE = 1000;

  private final InetSocketAddress server;
  private final DatagramSocket front = new DatagramSocket(0, InetAddress.getLoopbackAddress());
  private final Map<SocketAddress, DatagramSocket> backs = new ConcurrentHashMap<>();

  Tamperer(TransportAddress server) throws IOException {
    this.server = server.toInetSocketAddress();
    forward(front, this::towardsServer);
  }

  private interface Direction {
    void send(DatagramPacket packet) throws IOException;
  }

  TransportAddress address() {
    return TransportAddress.of((InetSocketAddress) front.getLocalSocketAddress());
  }

  private static void forward(DatagramSocket from, Direction direction) {
    Thread.ofVirtual()
        .start(
            () -> {
              try {
                while (true) {
                  var packet = new DatagramPacket(new byte[2048], 2048);
                  from.receive(packet);
                  direction.send(packet);
                }
              } catch (IOException e) {
                // closed
              }
            });
  }

  private void towardsServer(DatagramPacket packet) throws IOException {
    var client = packet.getSocketAddress();
    var back = backs.get(client);
    if (back == null) {
      back = new DatagramSocket(0, InetAddress.getLoopbackAddress());
      backs.put(client, back);
      forward(back, answer -> towardsClient(answer, client));
    }
    packet.setSocketAddress(server);
    back.send(packet);
  }

  private void towardsClient(DatagramPacket packet, SocketAddress client) throws IOException {
    if (packet.getLength() > LARGE) {
      packet.getData()[packet.getLength() - 1] ^= 1;
    }
    packet.setSocketAddress(client);
    front.send(packet);
  }

  @Override
  public void close() {
    front.close();
    backs.values().forEach(DatagramSocket::close);
  }
}
