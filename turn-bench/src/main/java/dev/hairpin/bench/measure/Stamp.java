package dev.hairpin.bench.measure;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.ByteBuffer;

/// What a payload says of itself: whose it is, its number, when it was due; and a pattern behind
/// it, so that nothing of it changes unseen. Confined to one thread.
public final class Stamp {
  /// The part before the pattern.
  public static final int BYTES = 32;

  private static final int CLIENT = 4;
  private static final int SEQUENCE = 8;
  private static final int DUE = 16;
  private static final int CHECK = 24;
  private static final int MAX_BYTES = 1 << 12;

  private static final ByteBuf PATTERN = pattern();

  int run;
  int client;
  long sequence;
  long due;

  private static ByteBuf pattern() {
    var bytes = new byte[MAX_BYTES];
    for (int i = 0; i < MAX_BYTES; i++) {
      bytes[i] = (byte) (i * 37 + (i >>> 8) * 11);
    }
    return Unpooled.wrappedBuffer(bytes);
  }

  /// Writes a payload without the pattern, which is there already.
  public static void write(
      ByteBuf to, int at, int length, int run, int client, long sequence, long due) {
    int head = run << 16 | length;
    to.setInt(at, head);
    to.setInt(at + CLIENT, client);
    to.setLong(at + SEQUENCE, sequence);
    to.setLong(at + DUE, due);
    to.setLong(at + CHECK, mix(head, client, sequence, due));
  }

  /// A buffer with room for a header and then the pattern.
  public static ByteBuf template(int header, int length) {
    return Unpooled.wrappedBuffer(ByteBuffer.allocateDirect(header + length))
        .clear()
        .writeZero(header)
        .writeBytes(PATTERN, 0, length);
  }

  /// False where anything was changed.
  boolean read(ByteBuf from, int at, int length) {
    if (length < BYTES) {
      return false;
    }
    int head = from.getInt(at);
    run = head >>> 16;
    client = from.getInt(at + CLIENT);
    sequence = from.getLong(at + SEQUENCE);
    due = from.getLong(at + DUE);
    return (head & 0xffff) == length
        && from.getLong(at + CHECK) == mix(head, client, sequence, due)
        && isPattern(from, at, length);
  }

  private boolean isPattern(ByteBuf from, int at, int length) {
    int i = BYTES;
    for (; i + Long.BYTES <= length; i += Long.BYTES) {
      if (from.getLong(at + i) != PATTERN.getLong(i)) {
        return false;
      }
    }
    for (; i < length; i++) {
      if (from.getByte(at + i) != PATTERN.getByte(i)) {
        return false;
      }
    }
    return true;
  }

  private static long mix(int head, int client, long sequence, long due) {
    long hash = (long) head << 32 | (client & 0xffff_ffffL);
    hash = (hash ^ hash >>> 29) * 0x9e37_79b9_7f4a_7c15L ^ sequence;
    hash = (hash ^ hash >>> 32) * 0xbf58_476d_1ce4_e5b9L ^ due;
    return (hash ^ hash >>> 31) * 0x94d0_49bb_1331_11ebL;
  }
}
