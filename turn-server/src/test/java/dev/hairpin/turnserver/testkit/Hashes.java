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
    try {
      var mac = Mac.getInstance("HmacSHA1");
      mac.init(new SecretKeySpec(key.toArray(), "HmacSHA1"));
      return Bytes.of(mac.doFinal(text.toArray()));
    } catch (GeneralSecurityException e) {
      throw new AssertionError("every Java has HmacSHA1", e);
    }
  }

  static Bytes md5(Bytes text) {
    try {
      return Bytes.of(MessageDigest.getInstance("MD5").digest(text.toArray()));
    } catch (GeneralSecurityException e) {
      throw new AssertionError("every Java has MD5", e);
    }
  }

  /// The value of FINGERPRINT over these bytes (RFC 8489 §14.7).
  static Bytes fingerprint(Bytes text) {
    var crc = new CRC32();
    crc.update(text.toArray());
    return Bytes.uint32(crc.getValue() ^ FINGERPRINT_MASK);
  }
}
