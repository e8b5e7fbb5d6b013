package dev.hairpin.turnserver.udp;

import static dev.hairpin.turnserver.udp.SocketStructs.AF_INET6;
import static dev.hairpin.turnserver.udp.SocketStructs.SOCKADDR_BYTES;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;

import java.lang.foreign.MemorySegment;
import java.security.SecureRandom;
import java.util.Arrays;

/// Puts the datagrams of a batch in an order in which those of one source follow each other, and
/// keep their own order. What one client sent then leaves in one call, and as one segmented message
/// where it is equally long: the more waits, the less each datagram costs.
final class SourceOrder {
  private static final int NONE = -1;
  private static final int FEW = 4; // are not worth an order

  private final long seed = new SecureRandom().nextLong() | 1; // nobody aims at a bucket
  private final MemorySegment structs;
  private final long names;

  /// The first slot of a source, found by its address.
  private final int[] buckets;

  private final int shift;
  private final long[] hashes;

  /// The slots of one source, one after the other, and where the first of them keeps the last.
  private final int[] next;

  private final int[] last;
  private final int[] bucketOf;
  private final int[] firsts;
  private final int[] order;

  /// @param names where the socket addresses stand in `structs`, one a slot
  /// @param slots a power of two
  SourceOrder(MemorySegment structs, long names, int slots) {
    this.structs = structs;
    this.names = names;
    buckets = new int[2 * slots];
    Arrays.fill(buckets, NONE);
    shift = Long.SIZE - Integer.numberOfTrailingZeros(buckets.length);
    hashes = new long[slots];
    next = new int[slots];
    last = new int[slots];
    bucketOf = new int[slots];
    firsts = new int[slots];
    order = new int[slots];
  }

  /// The order of these slots; valid until the next call.
  int[] of(int first, int count) {
    if (count < FEW) {
      for (int i = 0; i < count; i++) {
        order[i] = first + i;
      }
      return order;
    }
    int sources = 0;
    for (int slot = first; slot < first + count; slot++) {
      int leader = firstOfSource(slot);
      if (leader == slot) {
        firsts[sources++] = slot;
      } else {
        next[last[leader]] = slot;
      }
      last[leader] = slot;
      next[slot] = NONE;
    }
    int ordered = 0;
    for (int i = 0; i < sources; i++) {
      buckets[bucketOf[firsts[i]]] = NONE;
      for (int slot = firsts[i]; slot != NONE; slot = next[slot]) {
        order[ordered++] = slot;
      }
    }
    return order;
  }

  private int firstOfSource(int slot) {
    long at = names + (long) slot * SOCKADDR_BYTES;
    hashes[slot] = hash(at);
    int bucket = (int) (hashes[slot] >>> shift);
    while (buckets[bucket] != NONE && hashes[buckets[bucket]] != hashes[slot]) {
      bucket = (bucket + 1) & (buckets.length - 1);
    }
    if (buckets[bucket] == NONE) {
      buckets[bucket] = slot;
      bucketOf[slot] = bucket;
    }
    return buckets[bucket];
  }

  /// Family, port and IPv4 address are the first eight bytes, and no two of them have one hash. Two
  /// of IPv6 may: then their datagrams come in turn, as they arrived.
  private long hash(long at) {
    long start = structs.get(JAVA_LONG_UNALIGNED, at);
    return (short) start == AF_INET6 // in the order of this machine
        ? ((start * seed + structs.get(JAVA_LONG_UNALIGNED, at + 8)) * seed
                + structs.get(JAVA_LONG_UNALIGNED, at + 16))
            * seed
        : start * seed;
  }
}
