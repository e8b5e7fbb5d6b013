package dev.hairpin.turnserver.udp;

import dev.hairpin.turnserver.telemetry.DropReason;

/// What an engine tells the loop that it works for, on that loop.
public interface UdpEvents {
  /// A turn of the loop has begun: told before its first packet.
  void onTurnStarted();

  /// Handling a packet threw; the packet is lost, the loop goes on.
  void onFault(Throwable fault);

  /// Datagrams were lost in this process or at the kernel's door.
  void onLoss(UdpSocket socket, DropReason reason, int datagrams);
}
