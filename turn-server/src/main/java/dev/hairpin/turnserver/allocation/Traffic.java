package dev.hairpin.turnserver.allocation;

import dev.hairpin.turnserver.policy.Bandwidth;
import dev.hairpin.turnserver.policy.Quotas;
import org.jspecify.annotations.Nullable;

/// What one allocation has relayed, in payloads, and may relay. Written by its loop alone.
public final class Traffic {
  private long toPeerPackets;
  private long toPeerBytes;
  private long toClientPackets;
  private long toClientBytes;
  private final @Nullable Bandwidth peersLimit;
  private final @Nullable Bandwidth clientLimit;

  /// What had passed, and when, where this was last asked and more had.
  private long seenPackets;

  private long seenNanos;

  Traffic(Quotas.Unit unit, long nowNanos) {
    seenNanos = nowNanos;
    peersLimit = unit.toPeers();
    clientLimit = unit.toClient();
  }

  public boolean admitsToPeer(int bytes, long nowNanos) {
    return peersLimit == null || peersLimit.admits(bytes, nowNanos);
  }

  public boolean admitsToClient(int bytes, long nowNanos) {
    return clientLimit == null || clientLimit.admits(bytes, nowNanos);
  }

  /// Whether it may carry nothing more, for the bytes of its credential are spent.
  public boolean isSpent() {
    return peersLimit != null && peersLimit.isSpent();
  }

  /// What limits the data of one direction, or null.
  public @Nullable Bandwidth limit(boolean toPeers) {
    return toPeers ? peersLimit : clientLimit;
  }

  /// For how long nothing has passed between the calls of this.
  long idleNanos(long nowNanos) {
    long packets = toPeerPackets + toClientPackets;
    if (packets != seenPackets) {
      seenPackets = packets;
      seenNanos = nowNanos;
    }
    return nowNanos - seenNanos;
  }

  public void toPeer(int bytes) {
    toPeerPackets++;
    toPeerBytes += bytes;
  }

  public void toClient(int bytes) {
    toClientPackets++;
    toClientBytes += bytes;
  }

  /// Payloads that have been relayed.
  public record Passed(
      long toPeerPackets, long toPeerBytes, long toClientPackets, long toClientBytes) {
    /// What has passed between another moment and this one.
    public Passed since(Passed former) {
      return new Passed(
          toPeerPackets - former.toPeerPackets,
          toPeerBytes - former.toPeerBytes,
          toClientPackets - former.toClientPackets,
          toClientBytes - former.toClientBytes);
    }

    @Override
    public String toString() {
      return "to peers %d packets %d bytes, to client %d packets %d bytes"
          .formatted(toPeerPackets, toPeerBytes, toClientPackets, toClientBytes);
    }
  }

  /// What has passed by now.
  public Passed passed() {
    return new Passed(toPeerPackets, toPeerBytes, toClientPackets, toClientBytes);
  }
}
