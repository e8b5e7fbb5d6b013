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
  SHA256_ALONE("MESSAGE-INTEGRITY-SHA256 alone");

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
      case SHA256_ALONE -> {
        name(client, message);
        message.attribute(MESSAGE_INTEGRITY_SHA256, Bytes.random(32));
      }
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
    try (var other = TestTurnClient.to(client.server())) {
      return other.challenge();
    }
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
