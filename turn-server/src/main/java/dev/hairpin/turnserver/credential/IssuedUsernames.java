package dev.hairpin.turnserver.credential;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/// Usernames that were issued in this process, by the hash that a client may send in their place
/// (RFC 8489 §14.4). A time-limited username is stored nowhere else, so no other hash has an
/// answer. Any thread may write and read.
///
/// It forgets usernames when they end, and where there are too many, those that end first.
public final class IssuedUsernames {
  /// The length of USERHASH.
  public static final int HASH_BYTES = 32;

  /// Some 20 MB at most.
  static final int MAX_USERNAMES = 1 << 16;

  private final String realm;
  private final Map<ByteBuffer, String> usernames = new ConcurrentHashMap<>();
  private final PriorityQueue<Ending> endings = new PriorityQueue<>();

  /// @param realm of the server that the usernames are for
  public IssuedUsernames(String realm) {
    this.realm = realm;
  }

  private record Ending(long expiresAtSeconds, ByteBuffer hash) implements Comparable<Ending> {
    @Override
    public int compareTo(Ending other) {
      return Long.compare(expiresAtSeconds, other.expiresAtSeconds);
    }
  }

  /// SHA-256(username ":" realm).
  public static byte[] hash(String username, String realm) {
    try {
      byte[] text = (username + ":" + realm).getBytes(StandardCharsets.UTF_8);
      return MessageDigest.getInstance("SHA-256").digest(text);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("this Java has no SHA-256", e);
    }
  }

  void add(String username, long expiresAtSeconds, long nowSeconds) {
    add(username, realm, expiresAtSeconds, nowSeconds);
  }

  /// @param asked the realm that its client may have been challenged with
  synchronized void add(String username, String asked, long expiresAtSeconds, long nowSeconds) {
    for (var next = endings.peek();
        next != null && (next.expiresAtSeconds <= nowSeconds || endings.size() == MAX_USERNAMES);
        next = endings.peek()) {
      endings.remove();
      usernames.remove(next.hash);
    }
    var hash = ByteBuffer.wrap(hash(username, asked));
    if (usernames.put(hash, username) == null) {
      endings.add(new Ending(expiresAtSeconds, hash));
    }
  }

  public @Nullable String find(byte[] hash) {
    return usernames.get(ByteBuffer.wrap(hash));
  }

  public String realm() {
    return realm;
  }
}
