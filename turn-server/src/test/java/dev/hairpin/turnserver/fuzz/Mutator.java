package dev.hairpin.turnserver.fuzz;

import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.zip.CRC32;

/// Makes inputs out of a corpus by chance: the same ones for the same seed.
final class Mutator {
  private static final int[] EDGES = {
    0, 1, 2, 3, 4, 5, 7, 8, 9, 19, 20, 21, 0x7f, 0x80, 0xff, 0x100, 0x3fff, 0x4000, 0x7fff, 0x8000,
    0xfffc, 0xffff
  };
  private static final int MAX_BYTES = 4_096;
  private static final int HEADER = 20;

  private final List<byte[]> corpus;
  private final SplittableRandom random;
  private final CRC32 crc = new CRC32();

  /// Where a STUN message begins in an input.
  private final int start;

  Mutator(List<byte[]> corpus, int start, long seed) {
    this.corpus = List.copyOf(corpus);
    this.start = start;
    this.random = new SplittableRandom(seed);
  }

  byte[] next() {
    var mutant = any().clone();
    for (int i = random.nextInt(4); i >= 0 && mutant.length > 0; i--) {
      mutant = change(mutant);
    }
    int repairs = random.nextInt(4); // most mutants are to get past the first checks
    if (repairs > 0) {
      fit(mutant);
    }
    if (repairs > 1) {
      sealAgain(mutant);
    }
    return mutant;
  }

  private byte[] any() {
    return corpus.get(random.nextInt(corpus.size()));
  }

  private byte[] change(byte[] bytes) {
    int at = random.nextInt(bytes.length);
    return switch (random.nextInt(16)) {
      case 0 -> Arrays.copyOf(bytes, at);
      case 1 -> insert(bytes, at & ~3, random.nextInt(8) * 4);
      case 2 -> cut(bytes, at & ~3, 4 * (1 + random.nextInt(4)));
      case 3 -> insert(bytes, at, 1 + random.nextInt(3));
      case 4 -> cut(bytes, at, 1 + random.nextInt(3));
      case 5 -> splice(bytes, at & ~3);
      case 6, 7, 8 -> withEdge(bytes, at);
      case 9, 10, 11 -> with(bytes, at, bytes[at] ^ 1 << random.nextInt(8));
      default -> with(bytes, at, random.nextInt());
    };
  }

  private byte[] withEdge(byte[] bytes, int at) {
    int edge = EDGES[random.nextInt(EDGES.length)];
    return with(with(bytes, at, edge >> 8), Math.min(at + 1, bytes.length - 1), edge);
  }

  private static byte[] with(byte[] bytes, int at, int value) {
    bytes[at] = (byte) value;
    return bytes;
  }

  private byte[] insert(byte[] bytes, int at, int count) {
    if (bytes.length + count > MAX_BYTES) {
      return bytes;
    }
    var longer = new byte[bytes.length + count];
    random.nextBytes(longer);
    System.arraycopy(bytes, 0, longer, 0, at);
    System.arraycopy(bytes, at, longer, at + count, bytes.length - at);
    return longer;
  }

  private static byte[] cut(byte[] bytes, int at, int count) {
    int from = Math.min(bytes.length, at + count);
    var shorter = new byte[bytes.length - (from - at)];
    System.arraycopy(bytes, 0, shorter, 0, at);
    System.arraycopy(bytes, from, shorter, at, bytes.length - from);
    return shorter;
  }

  /// The beginning of one and the end of another.
  private byte[] splice(byte[] bytes, int at) {
    var other = any();
    int from = Math.min(at, other.length);
    if (at + other.length - from > MAX_BYTES) {
      return bytes;
    }
    var both = Arrays.copyOf(bytes, at + other.length - from);
    System.arraycopy(other, from, both, at, other.length - from);
    return both;
  }

  private void fit(byte[] mutant) {
    int length = mutant.length - start - HEADER;
    if (length >= 0) {
      mutant[start + 2] = (byte) (length >> 8);
      mutant[start + 3] = (byte) length;
    }
  }

  /// Corrects a FINGERPRINT that is where it should be.
  private void sealAgain(byte[] mutant) {
    int at = mutant.length - 8;
    if (at >= start + HEADER && mutant[at] == (byte) 0x80 && mutant[at + 1] == 0x28) {
      crc.reset();
      crc.update(mutant, start, at - start);
      int value = (int) crc.getValue() ^ 0x5354554e;
      for (int i = 0; i < 4; i++) {
        mutant[at + 4 + i] = (byte) (value >> (24 - 8 * i));
      }
    }
  }
}
