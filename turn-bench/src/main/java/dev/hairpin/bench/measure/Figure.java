package dev.hairpin.bench.measure;

/// What is measured of a run.
public enum Figure {
  RATE("ratePerSecond", "rate asked", "packets/s", 0),
  SENT("sent", "sent", "packets", 0),
  RECEIVED("received", "received", "packets", 0),
  LOSS("lossPercent", "loss", "%", 3),
  DUPLICATES("duplicates", "duplicates", "packets", 0),
  REORDERED("reordered", "reordered", "packets", 0),
  CORRUPT("corrupt", "corrupt", "packets", 0),
  SENT_BYTES("sentBytes", "sent bytes", "bytes", 0),
  RECEIVED_BYTES("receivedBytes", "received bytes", "bytes", 0),
  P50("p50", "latency p50", "µs", 1),
  P90("p90", "latency p90", "µs", 1),
  P99("p99", "latency p99", "µs", 1),
  P999("p999", "latency p99.9", "µs", 1),
  MAX("max", "latency max", "µs", 1),
  CPU("cpuNanosPerPacket", "server CPU", "ns/packet", 0),
  RESIDENT("residentBytes", "server memory", "bytes", 0);

  private final String key;
  private final String words;
  private final String unit;
  private final int decimals;

  Figure(String key, String words, String unit, int decimals) {
    this.key = key;
    this.words = words;
    this.unit = unit;
    this.decimals = decimals;
  }

  /// As it is called in JSON.
  public String key() {
    return key;
  }

  public String words() {
    return words;
  }

  public String unit() {
    return unit;
  }

  public int decimals() {
    return decimals;
  }

  public boolean isLatency() {
    return compareTo(P50) >= 0 && compareTo(MAX) <= 0;
  }
}
