package dev.hairpin.turnserver.testkit;

import java.time.Duration;
import java.time.Instant;
import java.util.Base64;

/// What a client authenticates with.
public record TurnCredential(String username, String password) {

  /// A time-limited credential, made as the TURN REST draft says: the username is `expiry:user`,
  /// the password base64(HMAC-SHA1(secret, username)).
  public static TurnCredential timeLimited(String secret, String user, Duration fromNow) {
    String username = Instant.now().plus(fromNow).getEpochSecond() + ":" + user;
    return ofSecret(secret, username);
  }

  /// The password that this secret gives to any username, well formed or not.
  public static TurnCredential ofSecret(String secret, String username) {
    var mac = Hashes.hmacSha1(Bytes.utf8(secret), Bytes.utf8(username));
    return new TurnCredential(username, Base64.getEncoder().encodeToString(mac.toArray()));
  }

  /// The key of MESSAGE-INTEGRITY with long-term credentials (RFC 8489 §9.2.2).
  public Bytes key(String realm) {
    return Hashes.md5(Bytes.utf8(username + ":" + realm + ":" + password));
  }

  /// The key by the password algorithm SHA-256 (RFC 8489 §18.5.1.2).
  public Bytes sha256Key(String realm) {
    return Hashes.sha256(Bytes.utf8(username + ":" + realm + ":" + password));
  }

  /// The key by the algorithm that a PASSWORD-ALGORITHM names.
  public Bytes key(String realm, Bytes algorithm) {
    return switch (algorithm.uint16At(0)) {
      case 1 -> key(realm);
      case 2 -> sha256Key(realm);
      default -> throw new AssertionError("an unknown algorithm: " + algorithm);
    };
  }

  /// What stands in for the username (RFC 8489 §14.4).
  public Bytes userhash(String realm) {
    return Hashes.sha256(Bytes.utf8(username + ":" + realm));
  }
}
