package dev.hairpin.bench.measure;

import io.netty.buffer.ByteBuf;

/// Counts on one loop what its clients and its peer send and get. Nothing is made per packet.
public final class Tally {
  private static final int LONG_WINDOW = 1 << 16;
  private static final int SHORT_WINDOW = 1 << 12;
  private static final int MANY_CLIENTS = 1_000;

  private final Stamp stamp = new Stamp();
  private final int clients;
  private Arrivals[] arrivals = {};
  private Counts counts = new Counts();
  private int run = -1;

  /// @param clients that this loop has
  public Tally(int clients) {
    this.clients = clients;
  }

  /// Counts a run from now on; what is left of an earlier one is passed over.
  public void begin(int newRun) {
    run = newRun;
    counts = new Counts();
    arrivals = new Arrivals[clients];
    for (int i = 0; i < clients; i++) {
      arrivals[i] = new Arrivals(clients > MANY_CLIENTS ? SHORT_WINDOW : LONG_WINDOW);
    }
  }

  public void sent(int bytes, boolean isLate) {
    counts.sent++;
    counts.sentBytes += bytes;
    if (isLate) {
      counts.late++;
    }
  }

  /// Some that were counted did not leave this process.
  public void unsent(int packets) {
    counts.sent = Math.max(counts.sent - packets, 0);
    counts.owed += packets;
  }

  /// Some were due and were not sent in time for the end.
  public void owed(long packets) {
    counts.owed += packets;
  }

  /// Looks at a payload that arrived.
  public void received(ByteBuf buffer, int at, int length) {
    boolean intact = stamp.read(buffer, at, length);
    if (intact && stamp.run != run) {
      return; // it comes from an earlier run
    }
    if (!intact || stamp.client < 0 || stamp.client >= arrivals.length) {
      counts.corrupt++;
      return;
    }
    switch (arrivals[stamp.client].add(stamp.sequence)) {
      case DUPLICATE -> {
        counts.duplicates++;
        return;
      }
      case REORDERED -> counts.reordered++;
      case NEXT -> {}
    }
    counts.received++;
    counts.receivedBytes += length;
    counts.latency(System.nanoTime() - stamp.due);
  }

  /// What was counted since the last time.
  public Counts cut() {
    var now = counts;
    counts = new Counts();
    return now;
  }
}
