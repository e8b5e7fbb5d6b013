package dev.hairpin.turnserver.auth;

import dev.hairpin.turnserver.auth.NonceFactory.Cookie;
import dev.hairpin.turnserver.credential.CredentialVerifier;
import dev.hairpin.turnserver.credential.CredentialVerifier.Verdict.Valid;
import dev.hairpin.turnserver.credential.IssuedUsernames;
import dev.hairpin.turnserver.net.TransportAddress;
import dev.hairpin.turnserver.stun.Attribute;
import dev.hairpin.turnserver.stun.ErrorCode;
import dev.hairpin.turnserver.stun.IntegrityAlgorithm;
import dev.hairpin.turnserver.stun.IntegrityKey;
import dev.hairpin.turnserver.stun.MessageIntegrity;
import dev.hairpin.turnserver.stun.StunMessage;
import dev.hairpin.turnserver.turn.Answer;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
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
  private static final int MAX_TEXT_BYTES = 763; // RFC 8489 §14.3, §14.9, §14.10
  private static final byte[] PASSWORD_ALGORITHMS = PasswordAlgorithm.all();

  /// Who sends less gets a challenge of 60 bytes instead of 84, so that none is longer than three
  /// times its request. An Allocate with its one required attribute has 28.
  private static final int MIN_BYTES_FOR_ALGORITHMS = 28;

  private final AuthSettings settings;
  private final byte[] realm;
  private final @Nullable IssuedUsernames issued;
  private final CredentialVerifier verifier;
  private final NonceFactory nonces;
  private final MessageIntegrity integrity;
  private final byte[] nobodysKey;

  public Authenticator(AuthSettings settings, NonceKey nonceKey, MessageIntegrity integrity) {
    this.settings = settings;
    this.realm = settings.realm().getBytes(StandardCharsets.UTF_8);
    this.issued = settings.issued();
    this.verifier = new CredentialVerifier(settings.secrets(), settings.maxCredentialTtl());
    this.nonces = new NonceFactory(nonceKey);
    this.integrity = integrity;
    this.nobodysKey = PasswordAlgorithm.SHA_256.key("", settings.realm(), "");
  }

  /// How the client of a request makes its key.
  ///
  /// @param response what the response is signed by
  private record Scheme(PasswordAlgorithm algorithm, IntegrityAlgorithm response) {}

  /// Says who sent a request.
  ///
  /// @param remembered who owns the allocation of this client, if there is one: its username stays
  ///   good for this allocation after its credential has expired
  public AuthResult authenticate(
      StunMessage message,
      TransportAddress client,
      AuthResult.@Nullable Known remembered,
      Moment now) {
    if (message.isIntegrityMalformed()) {
      return new AuthResult.Refused(ErrorCode.BAD_REQUEST);
    }
    if (!message.hasIntegrity()) {
      return challenge(ErrorCode.UNAUTHENTICATED, message, client, now);
    }
    int sentRealm = message.find(Attribute.REALM);
    int nonce = message.find(Attribute.NONCE);
    if (!isTextSound(message, sentRealm) || !isTextSound(message, nonce) || !isNamed(message)) {
      return new AuthResult.Refused(ErrorCode.BAD_REQUEST);
    }
    int createdAt = nonces.createdAtSeconds(message.bytesOf(nonce), client);
    if (createdAt < 0) {
      return challenge(ErrorCode.STALE_NONCE, message, client, now);
    }
    var scheme = scheme(message);
    if (scheme == null) {
      return new AuthResult.Refused(ErrorCode.BAD_REQUEST);
    }
    var known = identify(message, scheme, remembered, now);
    if (known == null || !Arrays.equals(message.bytesOf(sentRealm), realm)) {
      return challenge(ErrorCode.UNAUTHENTICATED, message, client, now);
    }
    if (seconds(now) - createdAt > settings.nonceLifetime().toSeconds()) {
      return challenge(ErrorCode.STALE_NONCE, message, client, now);
    }
    return known;
  }

  /// Whether a request carries a nonce that its very source was given, fresh or stale: then it does
  /// not come from somebody who only says to be there.
  public boolean hasIssuedNonce(StunMessage message, TransportAddress client) {
    int nonce = message.find(Attribute.NONCE);
    return isTextSound(message, nonce)
        && nonces.createdAtSeconds(message.bytesOf(nonce), client) >= 0;
  }

  private static boolean isTextSound(StunMessage message, int index) {
    return index >= 0 && message.lengthOf(index) <= MAX_TEXT_BYTES;
  }

  private static boolean isNamed(StunMessage message) {
    int username = message.find(Attribute.USERNAME);
    int userhash = message.find(Attribute.USERHASH);
    return username >= 0
        ? isTextSound(message, username)
        : userhash >= 0 && message.lengthOf(userhash) == IssuedUsernames.HASH_BYTES;
  }

  /// Null where the attributes are not those that go with the nonce. Each nonce that is taken went
  /// out with the same list, which its cookie says under its MAC: neither can be taken away (RFC
  /// 8489 §9.2.1).
  private static @Nullable Scheme scheme(StunMessage message) {
    int list = message.find(Attribute.PASSWORD_ALGORITHMS);
    int chosen = message.find(Attribute.PASSWORD_ALGORITHM);
    if (list < 0 && chosen < 0) {
      return new Scheme(PasswordAlgorithm.MD5, IntegrityAlgorithm.SHA1);
    }
    if (list < 0 || chosen < 0 || !Arrays.equals(message.bytesOf(list), PASSWORD_ALGORITHMS)) {
      return null;
    }
    var algorithm = PasswordAlgorithm.of(message.bytesOf(chosen));
    return algorithm == null ? null : new Scheme(algorithm, IntegrityAlgorithm.SHA256);
  }

  private AuthResult.@Nullable Known identify(
      StunMessage message, Scheme scheme, AuthResult.@Nullable Known remembered, Moment now) {
    String name = username(message, remembered);
    if (name != null && remembered != null && name.equals(remembered.username())) {
      return known(message, scheme, name, new Valid(remembered.user(), verifier.passwords(name)));
    }
    // an unknown hash makes the same work as a wrong password
    String claimed = name == null ? Long.toString(now.wallSeconds() + 1) : name;
    if (verifier.verify(claimed, now.wallSeconds()) instanceof Valid valid) {
      var known = known(message, scheme, claimed, valid);
      return name == null ? null : known;
    }
    integrity.verify(message, nobodysKey); // and so does a username that is none
    return null;
  }

  private AuthResult.@Nullable Known known(
      StunMessage message, Scheme scheme, String username, Valid valid) {
    for (String password : valid.passwords()) {
      byte[] key = scheme.algorithm().key(username, settings.realm(), password);
      if (integrity.verify(message, key)) {
        var signature = new IntegrityKey(scheme.response(), key);
        return new AuthResult.Known(username, valid.user(), signature);
      }
    }
    return null;
  }

  /// Who the client says to be, by name or by hash, or null where nobody here knows that one.
  private @Nullable String username(StunMessage message, AuthResult.@Nullable Known remembered) {
    int username = message.find(Attribute.USERNAME);
    if (username >= 0) {
      return decode(message.bytesOf(username));
    }
    byte[] hash = message.bytesOf(message.find(Attribute.USERHASH));
    if (remembered != null
        && Arrays.equals(hash, IssuedUsernames.hash(remembered.username(), settings.realm()))) {
      return remembered.username();
    }
    return issued == null ? null : issued.find(hash);
  }

  private AuthResult challenge(
      ErrorCode error, StunMessage message, TransportAddress client, Moment now) {
    boolean isShort = message.lengthWithoutFingerprint() < MIN_BYTES_FOR_ALGORITHMS;
    var cookie = isShort ? Cookie.NONE : cookie(error, message);
    return new AuthResult.Challenge(
        new Answer.Challenge(
            error,
            realm,
            nonces.create(cookie, client, seconds(now)),
            isShort ? new byte[0] : PASSWORD_ALGORITHMS));
  }

  /// A client whose hash was of no use is to say its name: the credential may have been issued
  /// elsewhere, or before this process began. Who has said it already need not hide it.
  private Cookie cookie(ErrorCode error, StunMessage message) {
    boolean mayHide =
        message.has(Attribute.USERHASH)
            ? error == ErrorCode.STALE_NONCE
            : !message.has(Attribute.USERNAME);
    return issued != null && mayHide
        ? Cookie.PASSWORD_ALGORITHMS_AND_USERNAME_ANONYMITY
        : Cookie.PASSWORD_ALGORITHMS;
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
