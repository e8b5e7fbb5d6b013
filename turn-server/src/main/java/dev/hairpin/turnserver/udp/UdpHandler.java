package dev.hairpin.turnserver.udp;

/// What a socket tells its owner, on the socket's loop.
public interface UdpHandler {
  void onPacket(UdpSocket socket, Packet packet);

  /// Handling a packet threw; the packet is lost, the loop goes on.
  void onFault(RuntimeException fault);

  /// Datagrams were lost in this process or at the kernel's door.
  void onLoss(Loss loss, int datagrams);

  /// Hands a packet on; whatever goes wrong with it ends there.
  static void deliver(UdpHandler handler, UdpSocket socket, Packet packet) {
    try {
      handler.onPacket(socket, packet);
    } catch (RuntimeException fault) {
      handler.onFault(fault);
    }
  }

  /// Why datagrams were lost.
  enum Loss {
    SEND_BUFFER_FULL,
    SEND_REFUSED,
    TRUNCATED
  }
}
