package dev.hairpin.turnserver.conformance;

import static dev.hairpin.turnserver.testkit.Attributes.MESSAGE_INTEGRITY_SHA256;
import static dev.hairpin.turnserver.testkit.Attributes.NONCE;
import static dev.hairpin.turnserver.testkit.Attributes.REALM;
import static dev.hairpin.turnserver.testkit.Attributes.USERNAME;

import dev.hairpin.turnserver.testkit.Bytes;
import dev.hairpin.turnserver.testkit.Challenge;
import dev.hairpin.turnserver.testkit.MessageBuilder;
import dev.hairpin.turnserver.testkit.TestTurnClient;
import dev.hairpin.turnserver.testkit.TurnCredential;
import java.time.Duration;

/// With what the question of a row is signed.
enum Credentials {
  NONE("none"),
  GOOD("good"),
  WRONG_PASSWORD("wrong password"),
  UNKNOWN_SECRET("by an unknown secret"),
  EXPIRED("expired a second ago"),
  TOO_FAR_AHEAD("ends in ten years"),
  NOT_TIME_LIMITED("username without expiry"),
  OTHER_USER("good, of another user"),
  LATER_CREDENTIAL("good, of the same user, issued later"),
  FOREIGN_NONCE("good, with a nonce of another server"),
  NONCE_OF_OTHER_CLIENT("good, with another client's nonce"),
  FOREIGN_NONCE_AND_WRONG_PASSWORD("wrong password, with a nonce of another server"),
  OTHER_REALM("good, but for another realm"),
  NO_USERNAME("good, without USERNAME"),
  NO_REALM("good, without REALM"),
  NO_NONCE("good, without NONCE"),
  NO_INTEGRITY("username, realm and nonce alone"),
  FORGED_SHA256("MESSAGE-INTEGRITY-SHA256 of random bytes"),
  BY_SHA256("good, by SHA-256"),
  BY_SHA256_AND_USERHASH("good, by SHA-256, USERHASH"),
  BY_CHOSEN_MD5("good, by MD5 as chosen"),
  BY_SHA256_AND_SHA1_INTEGRITY("good, by SHA-256, but MESSAGE-INTEGRITY"),
  BY_MD5_AND_SHA256_INTEGRITY("good, no algorithm chosen, MESSAGE-INTEGRITY-SHA256"),
  BOTH_INTEGRITIES("good, by SHA-256, both integrities"),
  BOTH_INTEGRITIES_SHA1_WRONG("good, by SHA-256, both integrities, MESSAGE-INTEGRITY wrong"),
  BOTH_INTEGRITIES_SHA256_WRONG("good, both integrities, MESSAGE-INTEGRITY-SHA256 wrong"),
  WRONG_PASSWORD_BY_SHA256("wrong password, by SHA-256"),
  MD5_KEY_FOR_SHA256("SHA-256 chosen, key by MD5"),
  UNKNOWN_USERHASH("good, but an unknown USERHASH"),
  USERHASH_OF_31_BYTES("good, USERHASH of 31 bytes"),
  ALGORITHM_WITHOUT_LIST("good, without PASSWORD-ALGORITHMS"),
  LIST_WITHOUT_ALGORITHM("good, without PASSWORD-ALGORITHM"),
  SHORTENED_LIST("good, PASSWORD-ALGORITHMS shortened to MD5"),
  UNLISTED_ALGORITHM("good, PASSWORD-ALGORITHM not in the list"),
  TRUNCATED_SHA256("good, MESSAGE-INTEGRITY-SHA256 of 16 bytes"),
  NONCE_WITHOUT_FEATURES("good, the nonce's features set to none"),
  NONCE_WITHOUT_COOKIE("good, without the nonce's cookie");

  private final String text;

  Credentials(String text) {
    this.text = text;
  }

  void sign(TestTurnClient client, MessageBuilder message) {
    switch (this) {
      case NONE -> {}
      case GOOD -> sign(client, message, client.credential());
      case WRONG_PASSWORD -> sign(client, message, wrongPassword(client));
      case UNKNOWN_SECRET -> sign(client, message, guessed());
      case EXPIRED -> sign(client, message, ending(Duration.ofSeconds(-1)));
      case TOO_FAR_AHEAD -> sign(client, message, ending(Duration.ofDays(3650)));
      case NOT_TIME_LIMITED ->
          sign(client, message, TurnCredential.ofSecret(Venue.SECRET, "alice"));
      case OTHER_USER -> sign(client, message, ofBob());
      case LATER_CREDENTIAL -> sign(client, message, ending(Duration.ofHours(2)));
      case FOREIGN_NONCE -> message.signedBy(client.credential(), foreign(client));
      case NONCE_OF_OTHER_CLIENT -> message.signedBy(client.credential(), ofOther(client));
      case FOREIGN_NONCE_AND_WRONG_PASSWORD ->
          message.signedBy(wrongPassword(client), foreign(client));
      case OTHER_REALM -> message.signedBy(client.credential(), otherRealm(client));
      case NO_USERNAME -> signWithout(USERNAME, client, message);
      case NO_REALM -> signWithout(REALM, client, message);
      case NO_NONCE -> signWithout(NONCE, client, message);
      case NO_INTEGRITY -> name(client, message);
      case FORGED_SHA256 -> {
        name(client, message);
        message.attribute(MESSAGE_INTEGRITY_SHA256, Bytes.random(32));
      }
      case NONCE_WITHOUT_FEATURES -> message.signedBy(client.credential(), withFeatures(client));
      case NONCE_WITHOUT_COOKIE -> message.signedBy(client.credential(), withoutCookie(client));
      case BY_SHA256,
          BY_SHA256_AND_USERHASH,
          BY_CHOSEN_MD5,
          BY_SHA256_AND_SHA1_INTEGRITY,
          BY_MD5_AND_SHA256_INTEGRITY,
          BOTH_INTEGRITIES,
          BOTH_INTEGRITIES_SHA1_WRONG,
          BOTH_INTEGRITIES_SHA256_WRONG,
          WRONG_PASSWORD_BY_SHA256,
          MD5_KEY_FOR_SHA256,
          UNKNOWN_USERHASH,
          USERHASH_OF_31_BYTES,
          ALGORITHM_WITHOUT_LIST,
          LIST_WITHOUT_ALGORITHM,
          SHORTENED_LIST,
          UNLISTED_ALGORITHM,
          TRUNCATED_SHA256 ->
          new AlgorithmSigner(client, message).sign(this);
    }
  }

  /// Signs, and lets the client expect a response that is signed with the same key.
  private static void sign(
      TestTurnClient client, MessageBuilder message, TurnCredential credential) {
    message.signedBy(credential, client.challenge());
    client.with(credential);
  }

  private static TurnCredential wrongPassword(TestTurnClient client) {
    return new TurnCredential(client.credential().username(), "wrong");
  }

  private static TurnCredential guessed() {
    return TurnCredential.timeLimited("guessed", "alice", Duration.ofHours(1));
  }

  private static TurnCredential ending(Duration fromNow) {
    return TurnCredential.timeLimited(Venue.SECRET, "alice", fromNow);
  }

  private static TurnCredential ofBob() {
    return TurnCredential.timeLimited(Venue.SECRET, "bob", Duration.ofHours(1));
  }

  private static Challenge foreign(TestTurnClient client) {
    return new Challenge(client.challenge().realm(), Bytes.utf8("a-nonce-of-another-server"));
  }

  private static Challenge ofOther(TestTurnClient client) {
    try (var other = client.another()) {
      return other.challenge();
    }
  }

  private static Challenge withFeatures(TestTurnClient client) {
    var nonce = client.challenge().nonce();
    return client.challenge().withNonce(nonce.with(9, Bytes.utf8("AAAA")));
  }

  private static Challenge withoutCookie(TestTurnClient client) {
    var nonce = client.challenge().nonce();
    return client.challenge().withNonce(nonce.slice(13, nonce.length()));
  }

  private static Challenge otherRealm(TestTurnClient client) {
    return new Challenge("another realm", client.challenge().nonce());
  }

  private static void signWithout(int absent, TestTurnClient client, MessageBuilder message) {
    add(message, absent, USERNAME, Bytes.utf8(client.credential().username()));
    add(message, absent, REALM, Bytes.utf8(client.challenge().realm()));
    add(message, absent, NONCE, client.challenge().nonce());
    message.integrity(client.credential().key(client.challenge().realm()));
  }

  private static void add(MessageBuilder message, int absent, int attribute, Bytes value) {
    if (attribute != absent) {
      message.attribute(attribute, value);
    }
  }

  private static void name(TestTurnClient client, MessageBuilder message) {
    message.text(USERNAME, client.credential().username());
    message.text(REALM, client.challenge().realm());
    message.attribute(NONCE, client.challenge().nonce());
  }

  @Override
  public String toString() {
    return text;
  }
}
