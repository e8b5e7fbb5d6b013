package dev.hairpin.turnserver.udp;

/// What a socket tells its owner, on the socket's loop.
public interface UdpHandler extends UdpTrouble {
  void onPacket(UdpSocket socket, Packet packet);

  /// Hands a packet on; whatever goes wrong with it ends there.
  static void deliver(UdpHandler handler, UdpSocket socket, Packet packet) {
    try {
      handler.onPacket(socket, packet);
    } catch (RuntimeException fault) {
      handler.onFault(fault);
    }
  }
}
