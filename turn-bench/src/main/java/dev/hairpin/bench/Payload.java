package dev.hairpin.bench;

import dev.hairpin.bench.measure.Stamp;

/// What the clients' packets carry.
///
/// @param name as it stands in the results
/// @param bytes of a packet
/// @param lastBytes of the last packet of a burst
/// @param burst packets that a client sends back to back
/// @param perClient packets a second that a client sends where no rate is asked for
public record Payload(String name, int bytes, int lastBytes, int burst, int perClient) {
  public static final int MIN_BYTES = Stamp.BYTES;

  /// What fits into one packet of Ethernet with every header.
  public static final int MAX_BYTES = 1_400;

  public static final int MAX_BURST = 64;

  /// A voice: a packet every 20 ms.
  public static final Payload AUDIO = new Payload("audio", 160, 160, 1, 50);

  /// 720p at 2.5 Mbit/s: 30 frames a second, each a burst that ends in a shorter packet.
  public static final Payload VIDEO = new Payload("video", 1_100, 517, 10, 300);

  public static Payload of(int bytes, int burst) {
    if (bytes < MIN_BYTES || bytes > MAX_BYTES) {
      throw new IllegalArgumentException(
          "a payload has " + MIN_BYTES + " to " + MAX_BYTES + " bytes, not " + bytes);
    }
    if (burst < 1 || burst > MAX_BURST) {
      throw new IllegalArgumentException(
          "a burst has 1 to " + MAX_BURST + " packets, not " + burst);
    }
    return new Payload(Integer.toString(bytes), bytes, bytes, burst, AUDIO.perClient);
  }

  /// The bytes of a packet at a place in its burst.
  public int bytesAt(int place) {
    return place == burst - 1 ? lastBytes : bytes;
  }

  public int meanBytes() {
    return (bytes * (burst - 1) + lastBytes) / burst;
  }
}
