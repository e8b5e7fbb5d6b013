package dev.hairpin.turnserver.auth;

import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.hairpin.turnserver.credential.CredentialIssuer;
import dev.hairpin.turnserver.credential.IssuedUsernames;
import dev.hairpin.turnserver.credential.SharedSecrets;
import dev.hairpin.turnserver.credential.UserId;
import dev.hairpin.turnserver.net.IpAddress;
import dev.hairpin.turnserver.net.TransportAddress;
import dev.hairpin.turnserver.stun.Attribute;
import dev.hairpin.turnserver.stun.IntegrityAlgorithm;
import dev.hairpin.turnserver.stun.IntegrityKey;
import dev.hairpin.turnserver.stun.MessageClass;
import dev.hairpin.turnserver.stun.MessageIntegrity;
import dev.hairpin.turnserver.stun.Method;
import dev.hairpin.turnserver.stun.StunMessage;
import dev.hairpin.turnserver.stun.StunWriter;
import dev.hairpin.turnserver.stun.TransactionId;
import dev.hairpin.turnserver.turn.Answer;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// Requests as clients sign them, and what is made of them at a time of the test's choice.
final class Requests {
  static final String REALM = "example.org";
  static final long WALL_SECONDS = 1_800_000_000;
  static final TransportAddress CLIENT = new TransportAddress(IpAddress.parse("192.0.2.1"), 40_000);

  private final MessageIntegrity integrity = new MessageIntegrity();

  /// What a client signs with.
  record Credential(String username, String password) {
    static Credential of(SharedSecrets secrets, String user, Duration ttl) {
      return of(new CredentialIssuer(secrets), user, ttl);
    }

    static Credential of(CredentialIssuer issuer, String user, Duration ttl) {
      var issued = issuer.issue(new UserId(user), ttl, Instant.ofEpochSecond(WALL_SECONDS));
      return new Credential(issued.username(), issued.password());
    }

    Credential withPassword(String other) {
      return new Credential(username, other);
    }
  }

  static AuthSettings settings(SharedSecrets secrets, Duration grace, boolean sha256Only) {
    return new AuthSettings(
        REALM,
        secrets,
        Duration.ofMinutes(10),
        Duration.ofDays(2),
        null,
        grace,
        sha256Only,
        java.util.List.of());
  }

  /// With one attribute, as every Allocate has it.
  StunMessage unsigned() {
    return decode(plain());
  }

  /// By USERNAME and MD5.
  StunMessage signed(Credential credential, byte[] nonce) {
    return signed(credential.username().getBytes(StandardCharsets.UTF_8), credential, nonce);
  }

  /// With another REALM than the one that is in the key.
  StunMessage signedWithRealm(String realm, Credential credential, byte[] nonce) {
    var bytes = plain();
    writer(bytes)
        .bytes(Attribute.USERNAME, credential.username().getBytes(StandardCharsets.UTF_8))
        .bytes(Attribute.REALM, realm.getBytes(StandardCharsets.UTF_8))
        .bytes(Attribute.NONCE, nonce)
        .integrity(integrity, new IntegrityKey(IntegrityAlgorithm.SHA1, md5Key(credential)));
    return decode(bytes);
  }

  /// By a key that was made with another realm, which is stated.
  StunMessage signedFor(String realm, Credential credential, byte[] nonce) {
    var bytes = plain();
    byte[] key = digest("MD5", realm, credential);
    writer(bytes)
        .bytes(Attribute.USERNAME, credential.username().getBytes(StandardCharsets.UTF_8))
        .bytes(Attribute.REALM, realm.getBytes(StandardCharsets.UTF_8))
        .bytes(Attribute.NONCE, nonce)
        .integrity(integrity, new IntegrityKey(IntegrityAlgorithm.SHA1, key));
    return decode(bytes);
  }

  /// With USERHASH, by MD5.
  StunMessage hashed(String realm, Credential credential, byte[] nonce) {
    var bytes = plain();
    byte[] key = digest("MD5", realm, credential);
    writer(bytes)
        .bytes(Attribute.USERHASH, IssuedUsernames.hash(credential.username(), realm))
        .bytes(Attribute.REALM, realm.getBytes(StandardCharsets.UTF_8))
        .bytes(Attribute.NONCE, nonce)
        .integrity(integrity, new IntegrityKey(IntegrityAlgorithm.SHA1, key));
    return decode(bytes);
  }

  /// With a USERNAME of these bytes.
  StunMessage signed(byte[] username, Credential credential, byte[] nonce) {
    var bytes = plain();
    named(bytes, username, nonce)
        .integrity(integrity, new IntegrityKey(IntegrityAlgorithm.SHA1, md5Key(credential)));
    return decode(bytes);
  }

  /// By SHA-256 of these chosen algorithms.
  StunMessage signedBySha256(Credential credential, byte[] nonce, byte[] algorithms) {
    var bytes = plain();
    byte[] key = digest("SHA-256", credential);
    named(bytes, credential.username().getBytes(StandardCharsets.UTF_8), nonce)
        .bytes(Attribute.PASSWORD_ALGORITHMS, algorithms)
        .bytes(Attribute.PASSWORD_ALGORITHM, new byte[] {0, 2, 0, 0})
        .integrity(integrity, new IntegrityKey(IntegrityAlgorithm.SHA256, key));
    return decode(bytes);
  }

  /// By an algorithm that was chosen, but by MESSAGE-INTEGRITY.
  StunMessage signedBySha1(
      Credential credential, String digest, byte[] chosen, byte[] nonce, byte[] algorithms) {
    var bytes = plain();
    byte[] key = digest(digest, credential);
    named(bytes, credential.username().getBytes(StandardCharsets.UTF_8), nonce)
        .bytes(Attribute.PASSWORD_ALGORITHMS, algorithms)
        .bytes(Attribute.PASSWORD_ALGORITHM, chosen)
        .integrity(integrity, new IntegrityKey(IntegrityAlgorithm.SHA1, key));
    return decode(bytes);
  }

  private static ByteBuf plain() {
    return Unpooled.buffer();
  }

  private static StunWriter writer(ByteBuf bytes) {
    return new StunWriter(bytes, MessageClass.REQUEST, Method.REFRESH, new TransactionId(1, 2))
        .integer(Attribute.LIFETIME, 600);
  }

  private static StunWriter named(ByteBuf bytes, byte[] username, byte[] nonce) {
    return writer(bytes)
        .bytes(Attribute.USERNAME, username)
        .bytes(Attribute.REALM, REALM.getBytes(StandardCharsets.UTF_8))
        .bytes(Attribute.NONCE, nonce);
  }

  private static StunMessage decode(ByteBuf bytes) {
    if (!bytes.isReadable()) {
      writer(bytes);
    }
    var message = new StunMessage();
    assertTrue(message.decode(bytes, 0, bytes.readableBytes()));
    return message;
  }

  private static byte[] md5Key(Credential credential) {
    return digest("MD5", credential);
  }

  private static byte[] digest(String algorithm, Credential credential) {
    return digest(algorithm, REALM, credential);
  }

  private static byte[] digest(String algorithm, String realm, Credential credential) {
    var text = credential.username() + ":" + realm + ":" + credential.password();
    try {
      return MessageDigest.getInstance(algorithm).digest(text.getBytes(StandardCharsets.UTF_8));
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError(e);
    }
  }

  /// A time that is so long after the beginning, by both clocks.
  static Moment after(Duration time) {
    return new Moment(TimeUnit.HOURS.toNanos(1) + time.toNanos(), WALL_SECONDS + time.toSeconds());
  }

  byte[] nonce(Authenticator authenticator, Moment now) {
    return challenge(authenticate(authenticator, unsigned(), CLIENT, null, now)).nonce();
  }

  static AuthResult authenticate(
      Authenticator authenticator,
      StunMessage message,
      TransportAddress client,
      AuthResult.@Nullable Known owner,
      Moment now) {
    int createdAt = authenticator.nonceCreatedAt(message, client);
    return authenticator.authenticate(message, client, createdAt, owner, now);
  }

  /// What a client gets that signs with a fresh nonce.
  AuthResult ask(
      Authenticator authenticator,
      Credential credential,
      AuthResult.@Nullable Known owner,
      Moment now) {
    var request = signed(credential, nonce(authenticator, now));
    return authenticate(authenticator, request, CLIENT, owner, now);
  }

  static AuthResult.Known known(AuthResult result) {
    return assertInstanceOf(AuthResult.Known.class, result);
  }

  static Answer.Challenge challenge(AuthResult result) {
    return assertInstanceOf(AuthResult.Challenge.class, result).answer();
  }

  /// 0 for a client that is known.
  static int codeOf(AuthResult result) {
    return switch (result) {
      case AuthResult.Known _ -> 0;
      case AuthResult.Challenge(var answer) -> answer.error().code();
      case AuthResult.Refused(var error) -> error.code();
    };
  }
}
