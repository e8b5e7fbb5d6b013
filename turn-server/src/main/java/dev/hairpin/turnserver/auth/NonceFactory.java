package dev.hairpin.turnserver.auth;

import dev.hairpin.turnserver.net.Jca;
import dev.hairpin.turnserver.net.TransportAddress;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Base64;
import javax.crypto.Mac;

/// Makes nonces that say by themselves for whom and when they were made, so that a challenge leaves
/// nothing behind in the server: the nonce cookie (RFC 8489 §9.2), time, and a MAC over both and
/// over the client's address and port (RFC 8489 §9.2.4). Confined to one thread.
final class NonceFactory {
  private static final int TIME_BYTES = 4;
  private static final int MAC_BYTES = 7;
  private static final int IP_BYTES = 16;

  private final Mac mac;

  /// What a nonce begins with. The last four characters are base64 of the 24 bits of the security
  /// features (RFC 8489 §18.1), of which the first says that PASSWORD-ALGORITHMS goes with it.
  enum Cookie {
    /// For challenges that are to be short. No request with such a nonce is taken, so nobody can be
    /// brought to do without the stronger algorithm.
    NONE(""),
    PASSWORD_ALGORITHMS("obMatJos2gAAA"),
    /// And USERHASH is understood.
    PASSWORD_ALGORITHMS_AND_USERNAME_ANONYMITY("obMatJos2wAAA");

    private final String text;

    Cookie(String text) {
      this.text = text;
    }
  }

  NonceFactory(ProcessKeys keys) {
    mac = Jca.keyed(Jca.get(() -> Mac.getInstance(keys.nonces.getAlgorithm())), keys.nonces);
  }

  /// The cookie and 15 characters of the URL-safe base64 alphabet.
  byte[] create(Cookie cookie, TransportAddress client, int nowSeconds) {
    var input = ByteBuffer.allocate(IP_BYTES + Integer.BYTES + TIME_BYTES);
    input.putLong(client.ip().high()).putLong(client.ip().low());
    mac.update(input.putInt(client.port()).putInt(nowSeconds).flip());
    byte[] authenticator = mac.doFinal(cookie.text.getBytes(StandardCharsets.ISO_8859_1));
    var raw = ByteBuffer.allocate(TIME_BYTES + MAC_BYTES).putInt(nowSeconds);
    raw.put(authenticator, 0, MAC_BYTES);
    String text = Base64.getUrlEncoder().withoutPadding().encodeToString(raw.array());
    return (cookie.text + text).getBytes(StandardCharsets.ISO_8859_1);
  }

  /// When the nonce was made, in the seconds that it was made with, or -1 where this server did not
  /// make it for this client together with PASSWORD-ALGORITHMS.
  int createdAtSeconds(byte[] nonce, TransportAddress client) {
    String text = new String(nonce, StandardCharsets.ISO_8859_1);
    try {
      for (var cookie : Cookie.values()) {
        if (cookie != Cookie.NONE && text.startsWith(cookie.text)) {
          byte[] raw = Base64.getUrlDecoder().decode(text.substring(cookie.text.length()));
          int seconds = ByteBuffer.wrap(raw).getInt();
          return MessageDigest.isEqual(nonce, create(cookie, client, seconds)) ? seconds : -1;
        }
      }
    } catch (IllegalArgumentException | BufferUnderflowException _) {
      // it tells no time
    }
    return -1;
  }
}
