package dev.hairpin.turnserver.testkit;

import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.zip.CRC32;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/// The sums that STUN is made of.
final class Hashes {
  private static final long FINGERPRINT_MASK = 0x5354_554eL;

  private Hashes() {}

  static Bytes hmacSha1(Bytes key, Bytes text) {
    return hmac("HmacSHA1", key, text);
  }

  static Bytes hmacSha256(Bytes key, Bytes text) {
    return hmac("HmacSHA256", key, text);
  }

  static Bytes md5(Bytes text) {
    return digest("MD5", text);
  }

  static Bytes sha256(Bytes text) {
    return digest("SHA-256", text);
  }

  private static Bytes hmac(String algorithm, Bytes key, Bytes text) {
    try {
      var mac = Mac.getInstance(algorithm);
      mac.init(new SecretKeySpec(key.toArray(), algorithm));
      return Bytes.of(mac.doFinal(text.toArray()));
    } catch (GeneralSecurityException e) {
      throw new AssertionError("every Java has " + algorithm, e);
    }
  }

  private static Bytes digest(String algorithm, Bytes text) {
    try {
      return Bytes.of(MessageDigest.getInstance(algorithm).digest(text.toArray()));
    } catch (GeneralSecurityException e) {
      throw new AssertionError("every Java has " + algorithm, e);
    }
  }

  /// The value of FINGERPRINT over these bytes (RFC 8489 §14.7).
  static Bytes fingerprint(Bytes text) {
    var crc = new CRC32();
    crc.update(text.toArray());
    return Bytes.uint32(crc.getValue() ^ FINGERPRINT_MASK);
  }
}
