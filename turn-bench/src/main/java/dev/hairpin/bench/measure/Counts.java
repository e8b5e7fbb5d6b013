package dev.hairpin.bench.measure;

import org.HdrHistogram.Histogram;

/// What was sent and what came, over some time.
public final class Counts {
  private static final long MAX_NANOS = 60_000_000_000L;

  public long sent;
  public long received;
  public long duplicates;
  public long reordered;
  public long corrupt;
  public long sentBytes;
  public long receivedBytes;

  /// Sent later than a millisecond after it was due.
  public long late;

  /// Due and never sent.
  public long owed;

  /// In nanoseconds.
  public final Histogram latency = new Histogram(MAX_NANOS, 3);

  void latency(long nanos) {
    latency.recordValue(Math.clamp(nanos, 0, MAX_NANOS));
  }

  public void add(Counts other) {
    sent += other.sent;
    received += other.received;
    duplicates += other.duplicates;
    reordered += other.reordered;
    corrupt += other.corrupt;
    sentBytes += other.sentBytes;
    receivedBytes += other.receivedBytes;
    late += other.late;
    owed += other.owed;
    latency.add(other.latency);
  }

  /// What never came, of what was sent; in percent.
  public double lossPercent() {
    return sent == 0 ? 0 : 100.0 * Math.max(sent - received - corrupt, 0) / sent;
  }
}
