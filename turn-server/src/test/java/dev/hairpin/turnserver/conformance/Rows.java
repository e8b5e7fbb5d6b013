package dev.hairpin.turnserver.conformance;

import dev.hairpin.turnserver.conformance.Question.Content;
import java.util.ArrayList;
import java.util.List;

/// Collects rows about one message.
final class Rows {
  static final String STUN = "RFC 8489 ";
  static final String TURN = "RFC 8656 ";
  static final String HOUSE = "house rule";

  /// Any attribute number that IANA has not assigned.
  static final int UNKNOWN_REQUIRED = 0x7FFF;

  static final int UNKNOWN_OPTIONAL = 0xFFFF;

  private final String message;
  private final int method;
  private final List<Row> rows = new ArrayList<>();

  /// @param message the name of the message, as it stands in the table
  Rows(String message, int method) {
    this.message = message;
    this.method = method;
  }

  /// Asks with good credentials.
  ///
  /// @param variant what is special about the message, behind a comma; may be empty
  void ask(String variant, Content content, State state, Expected expected, String source) {
    ask(variant, content, Credentials.GOOD, state, expected, source);
  }

  void ask(
      String variant,
      Content content,
      Credentials credentials,
      State state,
      Expected expected,
      String source) {
    String name = variant.isEmpty() ? message : message + ", " + variant;
    add(Question.request(name, method, content), credentials, state, expected, source);
  }

  /// Sends what needs no credentials.
  void send(Question question, State state, Expected expected, String source) {
    add(question, Credentials.NONE, state, expected, source);
  }

  private void add(
      Question question, Credentials credentials, State state, Expected expected, String source) {
    rows.add(new Row(question, credentials, state, expected, source));
  }

  /// The long-term credential mechanism, which is the same for every method.
  void askByEveryCredential(Content content, State fresh, State oldNonce) {
    refused(content, fresh, 401, Credentials.NONE, Credentials.NO_INTEGRITY);
    refused(content, fresh, 401, Credentials.FORGED_SHA256);
    refused(content, fresh, 400, Credentials.NO_USERNAME, Credentials.NO_REALM);
    refused(content, fresh, 400, Credentials.NO_NONCE);
    refused(content, fresh, 438, Credentials.FOREIGN_NONCE, Credentials.NONCE_OF_OTHER_CLIENT);
    refused(content, fresh, 438, Credentials.FOREIGN_NONCE_AND_WRONG_PASSWORD);
    refused(content, fresh, 438, Credentials.NONCE_WITHOUT_FEATURES);
    refused(content, fresh, 438, Credentials.NONCE_WITHOUT_COOKIE);
    refused(content, fresh, 401, Credentials.WRONG_PASSWORD, Credentials.UNKNOWN_SECRET);
    refused(content, fresh, 401, Credentials.OTHER_REALM);
    refused(content, fresh, 401, Credentials.NOT_TIME_LIMITED);
    for (var ended : List.of(Credentials.EXPIRED, Credentials.TOO_FAR_AHEAD)) {
      ask("", content, ended, fresh, Expected.error(401), HOUSE);
    }
    refused(content, oldNonce, 438, Credentials.GOOD);
    refused(content, oldNonce, 401, Credentials.WRONG_PASSWORD);
  }

  /// What RFC 8489 added to it.
  void askByEveryAlgorithm(Content content, State state, Expected granted) {
    for (var credentials :
        List.of(
            Credentials.BY_SHA256,
            Credentials.BY_SHA256_AND_USERHASH,
            Credentials.BY_CHOSEN_MD5,
            Credentials.BY_SHA256_AND_SHA1_INTEGRITY,
            Credentials.BY_MD5_AND_SHA256_INTEGRITY,
            Credentials.BOTH_INTEGRITIES,
            Credentials.BOTH_INTEGRITIES_SHA1_WRONG)) {
      ask("", content, credentials, state, granted, STUN + "§9.2.4");
    }
    refused(content, state, 401, Credentials.BOTH_INTEGRITIES_SHA256_WRONG);
    refused(content, state, 401, Credentials.WRONG_PASSWORD_BY_SHA256);
    refused(content, state, 401, Credentials.MD5_KEY_FOR_SHA256, Credentials.UNKNOWN_USERHASH);
    refused(content, state, 400, Credentials.USERHASH_OF_31_BYTES);
    refused(content, state, 400, Credentials.ALGORITHM_WITHOUT_LIST);
    refused(content, state, 400, Credentials.LIST_WITHOUT_ALGORITHM);
    refused(content, state, 400, Credentials.SHORTENED_LIST, Credentials.UNLISTED_ALGORITHM);
    refused(content, state, 400, Credentials.TRUNCATED_SHA256);
  }

  private void refused(Content content, State state, int code, Credentials... all) {
    for (var credentials : all) {
      ask("", content, credentials, state, Expected.error(code), STUN + "§9.2.4");
    }
  }

  List<Row> list() {
    return List.copyOf(rows);
  }
}
