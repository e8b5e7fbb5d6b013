package dev.hairpin.turnserver.stun;

import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/// Computes and checks MESSAGE-INTEGRITY (RFC 8489 §14.5). Confined to one thread.
public final class MessageIntegrity {
  private static final String ALGORITHM = "HmacSHA1";

  private final Mac mac;
  private final byte[] lengthBytes = new byte[4];
  private final byte[] received = new byte[StunMessage.INTEGRITY_BYTES];

  public MessageIntegrity() {
    try {
      mac = Mac.getInstance(ALGORITHM);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("this Java has no " + ALGORITHM, e);
    }
  }

  /// Whether the message carries the integrity that this key gives. Compared in constant time.
  public boolean verify(StunMessage message, byte[] key) {
    if (!message.hasIntegrity()) {
      return false;
    }
    int start = message.startOffset();
    int covered = message.integrityOffset() - 4 - start;
    message.buffer().getBytes(message.integrityOffset(), received);
    return MessageDigest.isEqual(compute(message.buffer(), start, covered, key), received);
  }

  /// The HMAC of `covered` bytes from `start` on, as if the message ended after MESSAGE-INTEGRITY.
  byte[] compute(ByteBuf bytes, int start, int covered, byte[] key) {
    try {
      mac.init(new SecretKeySpec(key, ALGORITHM));
    } catch (GeneralSecurityException e) {
      throw new IllegalArgumentException("not a key for " + ALGORITHM, e);
    }
    int length = covered - StunMessage.HEADER_BYTES + 4 + StunMessage.INTEGRITY_BYTES;
    bytes.getBytes(start, lengthBytes, 0, 2);
    lengthBytes[2] = (byte) (length >>> 8);
    lengthBytes[3] = (byte) length;
    mac.update(lengthBytes);
    ByteBuffer rest = bytes.internalNioBuffer(start + 4, covered - 4);
    mac.update(rest);
    return mac.doFinal();
  }
}
