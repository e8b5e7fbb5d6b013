package dev.hairpin.deploy.check;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/// A STUN server with two addresses and two ports, and a NAT in front of its only client: it
/// decides as whom the client is seen, and which answers get through.
final class FakeNat implements AutoCloseable {
  private static final int COOKIE = 0x2112A442;
  private static final int CHANGE_PORT = 2;
  private static final int CHANGE_IP = 4;

  /// By address (0, 1) and port (0, 1).
  private final List<DatagramSocket> sockets = new ArrayList<>();

  private final NatBehavior mapping;
  private final NatBehavior filtering;

  FakeNat(NatBehavior mapping, NatBehavior filtering) throws IOException {
    this.mapping = mapping;
    this.filtering = filtering;
    int[] ports = {0, 0};
    for (String address : new String[] {"127.0.0.1", "127.0.0.2"}) {
      for (int i = 0; i < 2; i++) {
        sockets.add(new DatagramSocket(ports[i], InetAddress.getByName(address)));
        ports[i] = sockets.getLast().getLocalPort();
      }
    }
    for (int i = 0; i < sockets.size(); i++) {
      int at = i;
      Thread.ofVirtual().start(() -> serve(at));
    }
  }

  InetSocketAddress address() {
    return (InetSocketAddress) sockets.getFirst().getLocalSocketAddress();
  }

  private void serve(int at) {
    try {
      while (true) {
        var packet = new DatagramPacket(new byte[1500], 1500);
        sockets.get(at).receive(packet);
        answer(at, packet);
      }
    } catch (IOException e) {
      // closed
    }
  }

  private void answer(int at, DatagramPacket request) throws IOException {
    var in = ByteBuffer.wrap(request.getData(), 0, request.getLength());
    int change = in.remaining() > 20 ? in.getInt(24) : 0;
    int from = at ^ ((change & CHANGE_IP) == 0 ? 0 : 2) ^ ((change & CHANGE_PORT) == 0 ? 0 : 1);
    if (!passes(change)) {
      return;
    }
    var out = ByteBuffer.allocate(44);
    out.putShort((short) 0x0101).putShort((short) 24).put(request.getData(), 4, 16);
    out.putInt(0x0020_0008).putShort((short) 1);
    out.putShort((short) (mappedPort(at) ^ (COOKIE >>> 16))).putInt(0xC633_6407 ^ COOKIE);
    var other = (InetSocketAddress) sockets.get(3).getLocalSocketAddress();
    out.putInt(0x802C_0008).putShort((short) 1).putShort((short) other.getPort());
    out.put(other.getAddress().getAddress());
    sockets.get(from).send(new DatagramPacket(out.array(), 44, request.getSocketAddress()));
  }

  private int mappedPort(int target) {
    return switch (mapping) {
      case ENDPOINT_INDEPENDENT -> 4000;
      case ADDRESS_DEPENDENT -> 4000 + target / 2;
      case ADDRESS_AND_PORT_DEPENDENT -> 4000 + target;
    };
  }

  private boolean passes(int change) {
    return switch (filtering) {
      case ENDPOINT_INDEPENDENT -> true;
      case ADDRESS_DEPENDENT -> (change & CHANGE_IP) == 0;
      case ADDRESS_AND_PORT_DEPENDENT -> change == 0;
    };
  }

  @Override
  public void close() {
    sockets.forEach(DatagramSocket::close);
  }
}
