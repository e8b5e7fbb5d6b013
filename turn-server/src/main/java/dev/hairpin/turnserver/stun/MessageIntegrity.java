package dev.hairpin.turnserver.stun;

import dev.hairpin.turnserver.net.Jca;
import io.netty.buffer.ByteBuf;
import java.security.MessageDigest;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/// Computes and checks MESSAGE-INTEGRITY and MESSAGE-INTEGRITY-SHA256 (RFC 8489 §14.5, §14.6).
/// Confined to one thread.
public final class MessageIntegrity {
  private final Map<IntegrityAlgorithm, Mac> macs = new EnumMap<>(IntegrityAlgorithm.class);

  public MessageIntegrity() {
    for (var algorithm : IntegrityAlgorithm.values()) {
      macs.put(algorithm, Jca.get(() -> Mac.getInstance(algorithm.mac)));
    }
  }

  /// Whether the message carries the integrity that this key gives: MESSAGE-INTEGRITY-SHA256 where
  /// it is there, else MESSAGE-INTEGRITY (RFC 8489 §9.2.4). Compared in constant time.
  public boolean verify(StunMessage message, byte[] key) {
    var algorithm = message.integrityAlgorithm();
    if (algorithm == null || message.isIntegrityMalformed()) {
      return false;
    }
    int start = message.startOffset();
    int covered = message.integrityOffset() - 4 - start;
    var received = new byte[algorithm.bytes];
    message.buffer().getBytes(message.integrityOffset(), received);
    var computed = compute(message.buffer(), start, covered, new IntegrityKey(algorithm, key));
    return MessageDigest.isEqual(computed, received);
  }

  /// The HMAC of `covered` bytes from `start` on, as if the message ended after the attribute.
  byte[] compute(ByteBuf bytes, int start, int covered, IntegrityKey key) {
    var algorithm = key.algorithm();
    var mac = Objects.requireNonNull(macs.get(algorithm));
    Jca.keyed(mac, new SecretKeySpec(key.bytes(), algorithm.mac));
    int length = covered - StunMessage.HEADER_BYTES + 4 + algorithm.bytes;
    mac.update(bytes.internalNioBuffer(start, 2));
    mac.update((byte) (length >>> 8));
    mac.update((byte) length);
    mac.update(bytes.internalNioBuffer(start + 4, covered - 4));
    return mac.doFinal();
  }
}
