package dev.hairpin.turnserver.stun;

import java.nio.ByteBuffer;
import java.security.SecureRandom;

/// The transaction ids of the server's own indications: uniform and unpredictable (RFC 8489 §5).
/// They are drawn many at a time, and none makes an object. Confined to one thread.
public final class TransactionIds {
  static final int AT_A_TIME = 512;
  private static final int ID_BYTES = Integer.BYTES + Long.BYTES;

  private final SecureRandom source;
  private final ByteBuffer drawn = ByteBuffer.allocate(AT_A_TIME * ID_BYTES);
  private int high;
  private long low;

  public TransactionIds(SecureRandom source) {
    this.source = source;
    drawn.position(drawn.limit());
  }

  /// Goes on to an id that was not there before.
  public void next() {
    if (!drawn.hasRemaining()) {
      source.nextBytes(drawn.array());
      drawn.rewind();
    }
    high = drawn.getInt();
    low = drawn.getLong();
  }

  public int high() {
    return high;
  }

  public long low() {
    return low;
  }
}
