package dev.hairpin.turnserver.auth;

import dev.hairpin.turnserver.net.Jca;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// How a key is made of a password (RFC 8489 §18.5), the better one first.
enum PasswordAlgorithm {
  SHA_256(2, "SHA-256", 32),
  MD5(1, "MD5", 16);

  private final int encoded;
  private final String digest;

  /// The length of its keys.
  final int keyBytes;

  PasswordAlgorithm(int number, String digest, int keyBytes) {
    this.encoded = number << 16; // and the length of its parameters, of which it has none
    this.digest = digest;
    this.keyBytes = keyBytes;
  }

  /// The value of PASSWORD-ALGORITHMS (RFC 8489 §14.11).
  static byte[] list(boolean sha256Only) {
    var list = ByteBuffer.allocate(2 * Integer.BYTES).putInt(SHA_256.encoded).putInt(MD5.encoded);
    return Arrays.copyOf(list.array(), sha256Only ? Integer.BYTES : 2 * Integer.BYTES);
  }

  /// What a PASSWORD-ALGORITHM names (RFC 8489 §14.12), or null where nobody here knows it.
  static @Nullable PasswordAlgorithm of(byte[] value) {
    for (var algorithm : values()) {
      if (value.length == Integer.BYTES && ByteBuffer.wrap(value).getInt() == algorithm.encoded) {
        return algorithm;
      }
    }
    return null;
  }

  MessageDigest newDigest() {
    return Jca.get(() -> MessageDigest.getInstance(digest));
  }
}
