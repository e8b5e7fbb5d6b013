package dev.hairpin.turnserver.credential;

import dev.hairpin.turnserver.net.Jca;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The usernames that were issued last in this process, by the hash that a client may send in their
/// place (RFC 8489 §14.4). A time-limited username is stored nowhere else, so no other hash has an
/// answer. Any thread may write and read.
///
/// Bytes in a ring that forgets the oldest, and no object for each: a hundred thousand of them
/// would lengthen every pause of the collector.
public final class IssuedUsernames {
  /// The length of USERHASH.
  public static final int HASH_BYTES = 32;

  /// Room for some 65,000 usernames of 60 bytes.
  static final int CHUNKS = 96;

  static final int CHUNK_BYTES = 1 << 16;

  private static final int LENGTH_BYTES = 2;
  private static final int PLACES = 1 << 17;
  private static final int PLACES_OF_A_HASH = 8;

  private final String realm;
  private final Map<Long, byte[]> ring = new HashMap<>();

  /// Where records begin, each in one of eight places that its hash says. Positions count on while
  /// the ring turns: one that is further back leads into what has come in the record's stead.
  private final long[] index = new long[PLACES];

  private long end;

  /// @param realm of the server that the usernames are for
  public IssuedUsernames(String realm) {
    this.realm = realm;
  }

  /// SHA-256(username ":" realm).
  public static byte[] hash(String username, String realm) {
    byte[] text = (username + ":" + realm).getBytes(StandardCharsets.UTF_8);
    return Jca.get(() -> MessageDigest.getInstance("SHA-256")).digest(text);
  }

  void add(String username) {
    add(username, realm);
  }

  /// @param asked the realm that its client may have been challenged with
  void add(String username, String asked) {
    add(hash(username, asked), username.getBytes(StandardCharsets.UTF_8));
  }

  private synchronized void add(byte[] hash, byte[] username) {
    int place = placeOf(hash);
    int size = HASH_BYTES + LENGTH_BYTES + username.length;
    if (offset(end) + size > CHUNK_BYTES) {
      end += CHUNK_BYTES - offset(end); // a record lies in one chunk
    }
    index[place < 0 ? ~place : place] = end;
    recordAt(end).put(hash).putShort((short) username.length).put(username);
    end += size;
  }

  public synchronized @Nullable String find(byte[] hash) {
    int place = placeOf(hash);
    if (place < 0) {
      return null;
    }
    var record = recordAt(index[place]);
    record.position(record.position() + HASH_BYTES);
    byte[] username = new byte[record.getShort()];
    record.get(username);
    return new String(username, StandardCharsets.UTF_8);
  }

  /// Negative where the hash is not there: the complement of the place that is to be its own, that
  /// of the oldest record.
  private int placeOf(byte[] hash) {
    int first = ByteBuffer.wrap(hash).getInt() & (PLACES - PLACES_OF_A_HASH);
    int oldest = first;
    byte[] kept = new byte[HASH_BYTES];
    for (int place = first; place < first + PLACES_OF_A_HASH; place++) {
      boolean isKept = end - index[place] <= (long) CHUNKS * CHUNK_BYTES;
      recordAt(index[place]).get(kept);
      if (isKept && MessageDigest.isEqual(kept, hash)) {
        return place;
      }
      oldest = index[place] < index[oldest] ? place : oldest;
    }
    return ~oldest;
  }

  private static int offset(long position) {
    return (int) (position % CHUNK_BYTES);
  }

  private ByteBuffer recordAt(long position) {
    long chunk = position / CHUNK_BYTES % CHUNKS;
    byte[] bytes = ring.computeIfAbsent(chunk, _ -> new byte[CHUNK_BYTES]);
    return ByteBuffer.wrap(bytes).position(offset(position));
  }

  public String realm() {
    return realm;
  }
}
