package dev.hairpin.turnserver.auth;

import dev.hairpin.turnserver.net.TransportAddress;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Base64;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/// Makes nonces that say by themselves for whom and when they were made, so that a challenge leaves
/// nothing behind in the server: time, and a MAC over time and the client's address and port (RFC
/// 8489 §9.2.4). Confined to one thread.
final class NonceFactory {
  private static final String ALGORITHM = "HmacSHA256";
  private static final int TIME_BYTES = 4;
  private static final int MAC_BYTES = 8;
  private static final int IP_BYTES = 16;

  private final Mac mac;

  NonceFactory(NonceKey key) {
    try {
      mac = Mac.getInstance(ALGORITHM);
      mac.init(new SecretKeySpec(key.bytes(), ALGORITHM));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("this Java has no " + ALGORITHM, e);
    }
  }

  /// 16 characters of the URL-safe base64 alphabet.
  byte[] create(TransportAddress client, int nowSeconds) {
    var nonce = ByteBuffer.allocate(TIME_BYTES + MAC_BYTES).putInt(nowSeconds);
    nonce.put(authenticator(client, nowSeconds));
    return Base64.getUrlEncoder().withoutPadding().encode(nonce.array());
  }

  /// When the nonce was made, in the seconds that it was made with, or -1 where this server did not
  /// make it for this client.
  int createdAtSeconds(byte[] nonce, TransportAddress client) {
    byte[] raw;
    try {
      raw = Base64.getUrlDecoder().decode(nonce);
    } catch (IllegalArgumentException _) {
      return -1;
    }
    if (raw.length != TIME_BYTES + MAC_BYTES) {
      return -1;
    }
    int seconds = ByteBuffer.wrap(raw).getInt();
    byte[] claimed = Arrays.copyOfRange(raw, TIME_BYTES, raw.length);
    return MessageDigest.isEqual(claimed, authenticator(client, seconds)) ? seconds : -1;
  }

  private byte[] authenticator(TransportAddress client, int seconds) {
    var input = ByteBuffer.allocate(IP_BYTES + Integer.BYTES + Integer.BYTES);
    input.putLong(client.ip().high()).putLong(client.ip().low());
    input.putInt(client.port()).putInt(seconds).flip();
    mac.update(input);
    return Arrays.copyOf(mac.doFinal(), MAC_BYTES);
  }
}
