package dev.hairpin.turnserver.conformance;

import static dev.hairpin.turnserver.testkit.Attributes.MESSAGE_INTEGRITY_SHA256;
import static dev.hairpin.turnserver.testkit.Attributes.NONCE;
import static dev.hairpin.turnserver.testkit.Attributes.PASSWORD_ALGORITHM;
import static dev.hairpin.turnserver.testkit.Attributes.PASSWORD_ALGORITHMS;
import static dev.hairpin.turnserver.testkit.Attributes.REALM;
import static dev.hairpin.turnserver.testkit.Attributes.USERHASH;
import static dev.hairpin.turnserver.testkit.Attributes.USERNAME;

import dev.hairpin.turnserver.testkit.Bytes;
import dev.hairpin.turnserver.testkit.MessageBuilder;
import dev.hairpin.turnserver.testkit.TestTurnClient;

/// Signs by the password algorithms of RFC 8489 §9.2.3, and in every way that is nearly so.
final class AlgorithmSigner {
  private static final Bytes MD5 = Bytes.hex("00010000");
  private static final Bytes SHA256 = Bytes.hex("00020000");
  private static final Bytes UNASSIGNED = Bytes.hex("00030000");
  private static final Bytes WRONG_KEY = Bytes.utf8("wrong");

  private final MessageBuilder message;
  private final TestTurnClient client;
  private final String realm;
  private final Bytes list;
  private final Bytes md5Key;
  private final Bytes sha256Key;

  AlgorithmSigner(TestTurnClient client, MessageBuilder message) {
    this.client = client;
    this.message = message;
    this.realm = client.challenge().realm();
    this.list = client.challenge().algorithms();
    this.md5Key = client.credential().key(realm);
    this.sha256Key = client.credential().sha256Key(realm);
  }

  void sign(Credentials credentials) {
    switch (credentials) {
      case BY_SHA256 -> named().choosing(list, SHA256).integritySha256(sha256Key);
      case BY_SHA256_AND_USERHASH -> hashed().choosing(list, SHA256).integritySha256(sha256Key);
      case BY_CHOSEN_MD5 -> named().choosing(list, MD5).integritySha256(md5Key);
      case BY_SHA256_AND_SHA1_INTEGRITY -> named().choosing(list, SHA256).integrity(sha256Key);
      case BY_MD5_AND_SHA256_INTEGRITY -> named().message.integritySha256(md5Key);
      case BOTH_INTEGRITIES ->
          named().choosing(list, SHA256).integrity(sha256Key).integritySha256(sha256Key);
      case BOTH_INTEGRITIES_SHA1_WRONG ->
          named().choosing(list, SHA256).integrity(WRONG_KEY).integritySha256(sha256Key);
      case BOTH_INTEGRITIES_SHA256_WRONG ->
          named().choosing(list, SHA256).integrity(sha256Key).integritySha256(WRONG_KEY);
      case WRONG_PASSWORD_BY_SHA256 -> named().choosing(list, SHA256).integritySha256(WRONG_KEY);
      case MD5_KEY_FOR_SHA256 -> named().choosing(list, SHA256).integritySha256(md5Key);
      case UNKNOWN_USERHASH ->
          hashed(Bytes.random(32)).choosing(list, SHA256).integritySha256(sha256Key);
      case USERHASH_OF_31_BYTES ->
          hashed(Bytes.random(31)).choosing(list, SHA256).integritySha256(sha256Key);
      case ALGORITHM_WITHOUT_LIST ->
          named().message.attribute(PASSWORD_ALGORITHM, SHA256).integritySha256(sha256Key);
      case LIST_WITHOUT_ALGORITHM ->
          named().message.attribute(PASSWORD_ALGORITHMS, list).integritySha256(md5Key);
      case SHORTENED_LIST -> named().choosing(MD5, MD5).integritySha256(md5Key);
      case UNLISTED_ALGORITHM -> named().choosing(list, UNASSIGNED).integritySha256(sha256Key);
      case TRUNCATED_SHA256 ->
          named().choosing(list, SHA256).attribute(MESSAGE_INTEGRITY_SHA256, Bytes.random(16));
      default -> throw new IllegalArgumentException(credentials.toString());
    }
  }

  private AlgorithmSigner named() {
    message.text(USERNAME, client.credential().username());
    return challenged();
  }

  private AlgorithmSigner hashed() {
    return hashed(client.credential().userhash(realm));
  }

  private AlgorithmSigner hashed(Bytes hash) {
    message.attribute(USERHASH, hash);
    return challenged();
  }

  private AlgorithmSigner challenged() {
    message.text(REALM, realm).attribute(NONCE, client.challenge().nonce());
    return this;
  }

  private MessageBuilder choosing(Bytes algorithms, Bytes algorithm) {
    return message
        .attribute(PASSWORD_ALGORITHMS, algorithms)
        .attribute(PASSWORD_ALGORITHM, algorithm);
  }
}
