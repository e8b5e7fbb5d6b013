package dev.hairpin.turnserver.allocation;

/// What one allocation has relayed, in payloads. Written by its loop alone.
public final class Traffic {
  private long toPeerPackets;
  private long toPeerBytes;
  private long toClientPackets;
  private long toClientBytes;

  public void toPeer(int bytes) {
    toPeerPackets++;
    toPeerBytes += bytes;
  }

  public void toClient(int bytes) {
    toClientPackets++;
    toClientBytes += bytes;
  }

  @Override
  public String toString() {
    return "to peers %d packets %d bytes, to client %d packets %d bytes"
        .formatted(toPeerPackets, toPeerBytes, toClientPackets, toClientBytes);
  }
}
