package dev.hairpin.turnserver.udp;

/// What goes wrong at a socket, told on the socket's loop.
public interface UdpTrouble {
  /// Handling a packet threw; the packet is lost, the loop goes on.
  void onFault(Throwable fault);

  /// Datagrams were lost in this process or at the kernel's door.
  void onLoss(Loss loss, int datagrams);

  /// Why datagrams were lost.
  enum Loss {
    SEND_BUFFER_FULL,
    SEND_REFUSED,
    TRUNCATED
  }
}
