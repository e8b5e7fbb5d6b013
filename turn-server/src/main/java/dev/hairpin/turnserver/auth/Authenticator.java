package dev.hairpin.turnserver.auth;

import dev.hairpin.turnserver.auth.NonceFactory.Cookie;
import dev.hairpin.turnserver.credential.CredentialVerifier;
import dev.hairpin.turnserver.credential.IssuedUsernames;
import dev.hairpin.turnserver.credential.SharedSecrets.Secret;
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
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// The server's side of the long-term credential mechanism (RFC 8489 §9.2.4) with time-limited
/// usernames. Confined to one thread; keeps nothing about anybody who has not shown a password.
///
/// The checks come in the RFC's order but for one: whether a nonce is ours is asked before the user
/// is looked at, so that a forged packet costs one MAC and no key derivation. See
/// docs/deviations.md.
public final class Authenticator {
  private static final int MAX_TEXT_BYTES = 763; // RFC 8489 §14.3, §14.9, §14.10

  /// Between servers that share a nonce key; one process has a clock that never steps.
  private static final int MAX_SKEW_SECONDS = 5;

  /// Who sends less gets a challenge of 60 bytes instead of 84, so that none is longer than three
  /// times its request. An Allocate with its one required attribute has 28.
  private static final int MIN_BYTES_FOR_ALGORITHMS = 28;

  private static final String NOBODY = "";

  private final AuthSettings settings;
  private final byte[] realm;
  private final @Nullable IssuedUsernames issued;
  private final byte[] passwordAlgorithms;
  private final CredentialVerifier verifier;
  private final NonceFactory nonces;
  private final Keys keys = new Keys();
  private final MessageIntegrity integrity;
  private final byte[] nobodysKey = new byte[PasswordAlgorithm.SHA_256.keyBytes];

  /// @param verifier of these settings, shared by the loops of a server
  public Authenticator(
      AuthSettings settings,
      CredentialVerifier verifier,
      NonceKey nonceKey,
      MessageIntegrity integrity) {
    this.settings = settings;
    this.realm = settings.realm().getBytes(StandardCharsets.UTF_8);
    this.issued = settings.issued();
    this.passwordAlgorithms = PasswordAlgorithm.list(settings.sha256Only());
    this.verifier = verifier;
    this.nonces = new NonceFactory(nonceKey);
    this.integrity = integrity;
    new SecureRandom().nextBytes(nobodysKey);
  }

  /// How the client of a request makes its key.
  ///
  /// @param response what the response is signed by
  private record Scheme(PasswordAlgorithm algorithm, IntegrityAlgorithm response) {}

  /// Says who sent a request.
  ///
  /// @param remembered who owns the allocation of this client, if there is one: its username stays
  ///   good for this allocation for a while after its credential has expired
  public AuthResult authenticate(
      StunMessage message,
      TransportAddress client,
      AuthResult.@Nullable Known remembered,
      Moment now) {
    return authenticate(message, client, nonceCreatedAt(message, client), remembered, now);
  }

  /// As above, where it is known already what [#nonceCreatedAt] says.
  public AuthResult authenticate(
      StunMessage message,
      TransportAddress client,
      int createdAt,
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
    if (createdAt < 0) {
      return challenge(ErrorCode.STALE_NONCE, message, client, now);
    }
    var scheme = scheme(message);
    if (scheme == null) {
      return new AuthResult.Refused(ErrorCode.BAD_REQUEST);
    }
    var known = identify(message, scheme, remembered, now);
    if (known == null) {
      return challenge(ErrorCode.UNAUTHENTICATED, message, client, now);
    }
    int age = seconds(now) - createdAt;
    if (age > settings.nonceLifetime().toSeconds() || age < -MAX_SKEW_SECONDS) {
      return challenge(ErrorCode.STALE_NONCE, message, client, now);
    }
    return known;
  }

  /// When the nonce of a request was given to its very source, fresh or stale: then it does not
  /// come from somebody who only says to be there. Negative where it was not. It costs a MAC.
  public int nonceCreatedAt(StunMessage message, TransportAddress client) {
    int nonce = message.find(Attribute.NONCE);
    return isTextSound(message, nonce)
        ? nonces.createdAtSeconds(message.bytesOf(nonce), client)
        : -1;
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
  private @Nullable Scheme scheme(StunMessage message) {
    int list = message.find(Attribute.PASSWORD_ALGORITHMS);
    int chosen = message.find(Attribute.PASSWORD_ALGORITHM);
    if (list < 0 && chosen < 0 && !settings.sha256Only()) {
      return new Scheme(PasswordAlgorithm.MD5, IntegrityAlgorithm.SHA1);
    }
    if (list < 0
        || chosen < 0
        || !MessageDigest.isEqual(message.bytesOf(list), passwordAlgorithms)) {
      return null;
    }
    var algorithm = PasswordAlgorithm.of(message.bytesOf(chosen));
    boolean isTooWeak =
        settings.sha256Only()
            && (algorithm != PasswordAlgorithm.SHA_256
                || message.integrityAlgorithm() != IntegrityAlgorithm.SHA256);
    return algorithm == null || isTooWeak ? null : new Scheme(algorithm, IntegrityAlgorithm.SHA256);
  }

  /// Null where this is nobody. Every kind of nobody costs the same work.
  private AuthResult.@Nullable Known identify(
      StunMessage message, Scheme scheme, AuthResult.@Nullable Known remembered, Moment now) {
    String stated = decode(message.bytesOf(message.find(Attribute.REALM)));
    String username = username(message, stated, remembered);
    var owner = remembered != null && username.equals(remembered.username()) ? remembered : null;
    var credential =
        owner == null ? verifier.verify(username, now.wallSeconds()) : owner.credential();
    boolean isValid =
        credential != null
            && (stated.equals(settings.realm()) || verifier.isRealmOf(credential, stated));
    var name = new Keys.Name(username, stated, scheme.algorithm());
    var accepted = verifier.accepted(credential, now.wallSeconds());
    byte[] key = shownKey(message, name, owner, isValid, accepted);
    if (credential == null || !isValid || key == null) {
      return null;
    }
    long remaining = verifier.remainingSeconds(credential, now.wallSeconds());
    return remaining <= 0
        ? null
        : new AuthResult.Known(
            username,
            credential,
            new IntegrityKey(scheme.response(), key),
            now.nanos() + TimeUnit.SECONDS.toNanos(remaining));
  }

  /// The key of a username, if the message is signed with it. One that was shown before is tried
  /// first; else those by all secrets, each of them, so that the time tells nothing.
  private byte @Nullable [] shownKey(
      StunMessage message,
      Keys.Name name,
      AuthResult.@Nullable Known owner,
      boolean isValid,
      List<Secret> accepted) {
    byte[] before =
        owner != null && owner.key().bytes().length == name.algorithm().keyBytes
            ? owner.key().bytes() // though its secret be gone
            : keys.find(name, accepted);
    if (integrity.verify(message, before == null ? nobodysKey : before)) {
      return before;
    }
    byte[] shown = null;
    Secret by = null;
    for (var secret : accepted) {
      byte[] key = keys.make(name, secret);
      if (integrity.verify(message, key)) {
        shown = key;
        by = secret;
      }
    }
    if (isValid && shown != null && by != null) {
      keys.keep(name, by, shown);
    }
    return shown;
  }

  /// Who the client says to be, by name or by hash, or nobody where that one is not known here.
  private String username(
      StunMessage message, String stated, AuthResult.@Nullable Known remembered) {
    int username = message.find(Attribute.USERNAME);
    if (username >= 0) {
      return decode(message.bytesOf(username));
    }
    byte[] hash = message.bytesOf(message.find(Attribute.USERHASH));
    if (remembered != null
        && MessageDigest.isEqual(hash, IssuedUsernames.hash(remembered.username(), stated))) {
      return remembered.username();
    }
    String found = issued == null ? null : issued.find(hash);
    return found == null ? NOBODY : found;
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
            isShort ? new byte[0] : passwordAlgorithms));
  }

  /// The challenge for a client that names a server: by the realm of the tenant whose host that is.
  public Answer.Challenge asAt(@Nullable String host, Answer.Challenge challenge) {
    String its = host == null ? null : verifier.realmAt(host);
    return its == null
        ? challenge
        : new Answer.Challenge(
            challenge.error(),
            its.getBytes(StandardCharsets.UTF_8),
            challenge.nonce(),
            challenge.passwordAlgorithms());
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

  /// Nobody's where it is not UTF-8.
  private static String decode(byte[] utf8) {
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(utf8)).toString();
    } catch (CharacterCodingException _) {
      return NOBODY;
    }
  }
}
