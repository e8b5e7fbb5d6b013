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
      ProcessKeys processKeys,
      MessageIntegrity integrity) {
    this.settings = settings;
    this.passwordAlgorithms = PasswordAlgorithm.list(settings.sha256Only());
    this.verifier = verifier;
    this.nonces = new NonceFactory(processKeys);
    this.integrity = integrity;
    new SecureRandom().nextBytes(nobodysKey);
  }

  /// Says who sent a request.
  ///
  /// @param createdAt what [#nonceCreatedAt] says
  /// @param remembered who owns the allocation of this client, if there is one: its username stays
  ///   good for this allocation for a while after its credential has expired
  public AuthResult authenticate(
      StunMessage message,
      TransportAddress client,
      int createdAt,
      AuthResult.@Nullable Known remembered,
      Moment now) {
    if (!message.hasIntegrity()) {
      return challenge(ErrorCode.UNAUTHENTICATED, message, client, now);
    }
    if (message.isIntegrityMalformed()
        || !isTextSound(message, Attribute.REALM)
        || !isTextSound(message, Attribute.NONCE)
        || !isNamed(message)) {
      return new AuthResult.Refused(ErrorCode.BAD_REQUEST);
    }
    if (createdAt < 0) {
      return challenge(ErrorCode.STALE_NONCE, message, client, now);
    }
    var algorithm = algorithm(message);
    if (algorithm == null) {
      return new AuthResult.Refused(ErrorCode.BAD_REQUEST);
    }
    var known = identify(message, algorithm, remembered, now);
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
    return isTextSound(message, Attribute.NONCE)
        ? nonces.createdAtSeconds(message.bytesOf(Attribute.NONCE), client)
        : -1;
  }

  private static boolean isTextSound(StunMessage message, int attribute) {
    int at = message.find(attribute);
    return at >= 0 && message.lengthOf(at) <= MAX_TEXT_BYTES;
  }

  private static boolean isNamed(StunMessage message) {
    return message.has(Attribute.USERNAME)
        ? isTextSound(message, Attribute.USERNAME)
        : message.valueOf(Attribute.USERHASH, IssuedUsernames.HASH_BYTES) >= 0;
  }

  /// Null where the attributes are not those that go with the nonce. Each nonce that is taken went
  /// out with the same list, which its cookie says under its MAC: neither can be taken away (RFC
  /// 8489 §9.2.1).
  private @Nullable PasswordAlgorithm algorithm(StunMessage message) {
    byte[] list = message.bytesOf(Attribute.PASSWORD_ALGORITHMS);
    if (!settings.sha256Only()
        && !message.has(Attribute.PASSWORD_ALGORITHMS)
        && !message.has(Attribute.PASSWORD_ALGORITHM)) {
      return PasswordAlgorithm.MD5;
    }
    var chosen = PasswordAlgorithm.of(message.bytesOf(Attribute.PASSWORD_ALGORITHM));
    boolean isTooWeak =
        settings.sha256Only()
            && (chosen != PasswordAlgorithm.SHA_256
                || message.integrityAlgorithm() != IntegrityAlgorithm.SHA256);
    return isTooWeak || !MessageDigest.isEqual(list, passwordAlgorithms) ? null : chosen;
  }

  /// Null where this is nobody. Every kind of nobody costs the same work.
  private AuthResult.@Nullable Known identify(
      StunMessage message,
      PasswordAlgorithm algorithm,
      AuthResult.@Nullable Known remembered,
      Moment now) {
    String stated = text(message, Attribute.REALM);
    String username = username(message, stated, remembered);
    var owner = remembered != null && username.equals(remembered.username()) ? remembered : null;
    var credential =
        owner == null ? verifier.verify(username, now.wallSeconds()) : owner.credential();
    boolean isValid =
        credential != null
            && (stated.equals(settings.realm()) || verifier.isRealmOf(credential, stated));
    var name = new Keys.Name(username, stated, algorithm);
    var accepted = verifier.accepted(credential, now.wallSeconds());
    byte[] key = shownKey(message, name, owner, isValid, accepted);
    if (credential == null || !isValid || key == null) {
      return null;
    }
    long remaining = verifier.remainingSeconds(credential, now.wallSeconds());
    var response =
        message.has(Attribute.PASSWORD_ALGORITHM)
            ? IntegrityAlgorithm.SHA256
            : IntegrityAlgorithm.SHA1;
    return remaining <= 0
        ? null
        : new AuthResult.Known(
            username,
            credential,
            new IntegrityKey(response, key),
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
    for (var secret : accepted) {
      byte[] key = keys.make(name, secret);
      if (integrity.verify(message, key) && isValid) {
        keys.keep(name, secret, key);
        shown = key;
      }
    }
    return shown;
  }

  /// Who the client says to be, by name or by hash, or nobody where that one is not known here.
  private String username(
      StunMessage message, String stated, AuthResult.@Nullable Known remembered) {
    if (message.has(Attribute.USERNAME)) {
      return text(message, Attribute.USERNAME);
    }
    byte[] hash = message.bytesOf(Attribute.USERHASH);
    if (remembered != null
        && MessageDigest.isEqual(hash, IssuedUsernames.hash(remembered.username(), stated))) {
      return remembered.username();
    }
    var issued = settings.issued();
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
            settings.realm(),
            nonces.create(cookie, client, seconds(now)),
            isShort ? new byte[0] : passwordAlgorithms));
  }

  /// The challenge for a client that names a server: by the realm of the tenant whose host that is.
  public Answer.Challenge asAt(@Nullable String host, Answer.Challenge challenge) {
    String its = host == null ? null : verifier.realmAt(host);
    return its == null
        ? challenge
        : new Answer.Challenge(
            challenge.error(), its, challenge.nonce(), challenge.passwordAlgorithms());
  }

  /// A client whose hash was of no use is to say its name: the credential may have been issued
  /// elsewhere, or before this process began. Who has said it already need not hide it.
  private Cookie cookie(ErrorCode error, StunMessage message) {
    boolean mayHide =
        message.has(Attribute.USERHASH)
            ? error == ErrorCode.STALE_NONCE
            : !message.has(Attribute.USERNAME);
    return settings.issued() != null && mayHide
        ? Cookie.PASSWORD_ALGORITHMS_AND_USERNAME_ANONYMITY
        : Cookie.PASSWORD_ALGORITHMS;
  }

  private static int seconds(Moment now) {
    return (int) TimeUnit.NANOSECONDS.toSeconds(now.nanos());
  }

  /// What is not UTF-8 has a character within that no username and no realm has.
  private static String text(StunMessage message, int attribute) {
    return new String(message.bytesOf(attribute), StandardCharsets.UTF_8);
  }
}
