package dev.hairpin.turnserver.udp;

import dev.hairpin.turnserver.telemetry.DropReason;

/// For tests that care for nothing that an engine tells.
public record Unheard() implements UdpEngine.Events {
  @Override
  public void onTurnStarted() {}

  @Override
  public void onFault(Throwable fault) {}

  @Override
  public void onLoss(UdpSocket socket, DropReason reason, int datagrams) {}
}
