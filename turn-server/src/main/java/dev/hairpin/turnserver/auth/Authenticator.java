package dev.hairpin.turnserver.auth;

import dev.hairpin.turnserver.credential.CredentialVerifier;
import dev.hairpin.turnserver.credential.CredentialVerifier.Verdict;
import dev.hairpin.turnserver.net.TransportAddress;
import dev.hairpin.turnserver.stun.Attribute;
import dev.hairpin.turnserver.stun.ErrorCode;
import dev.hairpin.turnserver.stun.MessageIntegrity;
import dev.hairpin.turnserver.stun.StunMessage;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// The server's side of the long-term credential mechanism (RFC 8489 §9.2.4) with time-limited
/// usernames. Confined to one thread; keeps nothing about anybody.
///
/// The checks come in the RFC's order but for one: whether a nonce is ours is asked before the user
/// is looked at, so that a forged packet costs one MAC and no key derivation. See
/// docs/deviations.md.
public final class Authenticator {
  private static final int MAX_USERNAME_BYTES = 763; // RFC 8489 §14.3
  private static final int MAX_QUOTED_BYTES = 763; // RFC 8489 §14.9, §14.10

  private final byte[] realm;
  private final CredentialVerifier verifier;
  private final long nonceLifetimeSeconds;
  private final NonceFactory nonces;
  private final MessageIntegrity integrity;
  private final MessageDigest md5;
  private final byte[] nobodysKey;

  public Authenticator(AuthSettings settings, NonceKey nonceKey, MessageIntegrity integrity) {
    this.realm = settings.realm().getBytes(StandardCharsets.UTF_8);
    this.verifier = new CredentialVerifier(settings.secrets(), settings.maxCredentialTtl());
    this.nonceLifetimeSeconds = settings.nonceLifetime().toSeconds();
    this.nonces = new NonceFactory(nonceKey);
    this.integrity = integrity;
    try {
      this.md5 = MessageDigest.getInstance("MD5");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("this Java has no MD5", e);
    }
    this.nobodysKey = key("", NonceFactory.class.getName());
  }

  /// Says who sent a request.
  ///
  /// @param remembered who owns the allocation of this client, if there is one: its key is known,
  ///   and stays good for this allocation after its credential has expired
  public AuthResult authenticate(
      StunMessage message,
      TransportAddress client,
      AuthResult.@Nullable Known remembered,
      Moment now) {
    if (!message.hasIntegrity()) {
      return challenge(ErrorCode.UNAUTHENTICATED, client, now);
    }
    int username = message.find(Attribute.USERNAME);
    int sentRealm = message.find(Attribute.REALM);
    int nonce = message.find(Attribute.NONCE);
    if (username < 0
        || sentRealm < 0
        || nonce < 0
        || message.lengthOf(username) > MAX_USERNAME_BYTES
        || message.lengthOf(sentRealm) > MAX_QUOTED_BYTES
        || message.lengthOf(nonce) > MAX_QUOTED_BYTES) {
      return new AuthResult.Refused(ErrorCode.BAD_REQUEST);
    }
    int createdAt = nonces.createdAtSeconds(message.bytesOf(nonce), client);
    if (createdAt < 0) {
      return challenge(ErrorCode.STALE_NONCE, client, now);
    }
    var known = identify(message, message.bytesOf(username), remembered, now);
    if (known == null || !Arrays.equals(message.bytesOf(sentRealm), realm)) {
      return challenge(ErrorCode.UNAUTHENTICATED, client, now);
    }
    if (seconds(now) - createdAt > nonceLifetimeSeconds) {
      return challenge(ErrorCode.STALE_NONCE, client, now);
    }
    return known;
  }

  private AuthResult.@Nullable Known identify(
      StunMessage message, byte[] username, AuthResult.@Nullable Known remembered, Moment now) {
    String name = decode(username);
    if (remembered != null && remembered.username().equals(name)) {
      return integrity.verify(message, remembered.key()) ? remembered : null;
    }
    if (name != null
        && verifier.verify(name, now.wallSeconds())
            instanceof Verdict.Valid(var user, var passwords)) {
      for (String password : passwords) {
        byte[] key = key(name, password);
        if (integrity.verify(message, key)) {
          return new AuthResult.Known(name, user, key);
        }
      }
      return null;
    }
    integrity.verify(
        message, nobodysKey); // the same work for an unknown user as for a wrong password
    return null;
  }

  /// MD5(username ":" realm ":" password), RFC 8489 §9.2.2.
  private byte[] key(String username, String password) {
    md5.update(username.getBytes(StandardCharsets.UTF_8));
    md5.update((byte) ':');
    md5.update(realm);
    md5.update((byte) ':');
    return md5.digest(password.getBytes(StandardCharsets.UTF_8));
  }

  private AuthResult challenge(ErrorCode error, TransportAddress client, Moment now) {
    return new AuthResult.Challenge(error, realm, nonces.create(client, seconds(now)));
  }

  private static int seconds(Moment now) {
    return (int) TimeUnit.NANOSECONDS.toSeconds(now.nanos());
  }

  private static @Nullable String decode(byte[] utf8) {
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(utf8)).toString();
    } catch (CharacterCodingException _) {
      return null;
    }
  }
}
