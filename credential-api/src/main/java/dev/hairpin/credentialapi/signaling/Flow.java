package dev.hairpin.credentialapi.signaling;

import java.time.Duration;
import java.time.Instant;

/// How much one WebSocket may say: so much at once, and from then on so much a second.
final class Flow {
  private static final int FRAMES = 200;
  private static final int FRAMES_PER_SECOND = 50;
  private static final int BYTES = 512 << 10;
  private static final int BYTES_PER_SECOND = 128 << 10;
  private static final double NANOS = 1e9;

  private double frames = FRAMES;
  private double bytes = BYTES;
  private Instant last;

  Flow(Instant now) {
    last = now;
  }

  /// Takes a frame of so many bytes.
  ///
  /// @return false where it is one too many
  boolean take(int size, Instant now) {
    if (now.isAfter(last)) {
      double seconds = Duration.between(last, now).toNanos() / NANOS;
      frames = Math.min(FRAMES, frames + seconds * FRAMES_PER_SECOND);
      bytes = Math.min(BYTES, bytes + seconds * BYTES_PER_SECOND);
    }
    last = now;
    frames--;
    bytes -= size;
    return frames >= 0 && bytes >= 0;
  }
}
