package dev.hairpin.turnserver.auth;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import org.jspecify.annotations.Nullable;

/// How a key is made of a password (RFC 8489 §18.5), the better one first.
enum PasswordAlgorithm {
  SHA_256(2, "SHA-256"),
  MD5(1, "MD5");

  private final int encoded;
  private final String digest;

  PasswordAlgorithm(int number, String digest) {
    this.encoded = number << 16; // and the length of its parameters, of which it has none
    this.digest = digest;
  }

  /// The value of PASSWORD-ALGORITHMS (RFC 8489 §14.11).
  static byte[] all() {
    var all = ByteBuffer.allocate(Integer.BYTES * values().length);
    for (var algorithm : values()) {
      all.putInt(algorithm.encoded);
    }
    return all.array();
  }

  /// What a PASSWORD-ALGORITHM names (RFC 8489 §14.12), or null where it is not one of [#all()].
  static @Nullable PasswordAlgorithm of(byte[] value) {
    for (var algorithm : values()) {
      if (value.length == Integer.BYTES && ByteBuffer.wrap(value).getInt() == algorithm.encoded) {
        return algorithm;
      }
    }
    return null;
  }

  /// The key of the long-term credential mechanism (RFC 8489 §9.2.2).
  byte[] key(String username, String realm, String password) {
    try {
      var text = username + ":" + realm + ":" + password;
      return MessageDigest.getInstance(digest).digest(text.getBytes(StandardCharsets.UTF_8));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("this Java has no " + digest, e);
    }
  }
}
