package dev.hairpin.turnserver.testkit;

import static dev.hairpin.turnserver.testkit.Attributes.ADDITIONAL_ADDRESS_FAMILY;
import static dev.hairpin.turnserver.testkit.Attributes.ADDRESS_ERROR_CODE;
import static dev.hairpin.turnserver.testkit.Attributes.ALTERNATE_DOMAIN;
import static dev.hairpin.turnserver.testkit.Attributes.ALTERNATE_SERVER;
import static dev.hairpin.turnserver.testkit.Attributes.CONNECTION_ID;
import static dev.hairpin.turnserver.testkit.Attributes.ERROR_CODE;
import static dev.hairpin.turnserver.testkit.Attributes.EVEN_PORT;
import static dev.hairpin.turnserver.testkit.Attributes.FINGERPRINT;
import static dev.hairpin.turnserver.testkit.Attributes.LIFETIME;
import static dev.hairpin.turnserver.testkit.Attributes.MAPPED_ADDRESS;
import static dev.hairpin.turnserver.testkit.Attributes.MESSAGE_INTEGRITY;
import static dev.hairpin.turnserver.testkit.Attributes.MESSAGE_INTEGRITY_SHA256;
import static dev.hairpin.turnserver.testkit.Attributes.MOBILITY_TICKET;
import static dev.hairpin.turnserver.testkit.Attributes.NONCE;
import static dev.hairpin.turnserver.testkit.Attributes.OTHER_ADDRESS;
import static dev.hairpin.turnserver.testkit.Attributes.PADDING;
import static dev.hairpin.turnserver.testkit.Attributes.PASSWORD_ALGORITHM;
import static dev.hairpin.turnserver.testkit.Attributes.PASSWORD_ALGORITHMS;
import static dev.hairpin.turnserver.testkit.Attributes.REALM;
import static dev.hairpin.turnserver.testkit.Attributes.RESERVATION_TOKEN;
import static dev.hairpin.turnserver.testkit.Attributes.RESPONSE_ORIGIN;
import static dev.hairpin.turnserver.testkit.Attributes.SOFTWARE;
import static dev.hairpin.turnserver.testkit.Attributes.UNKNOWN_ATTRIBUTES;
import static dev.hairpin.turnserver.testkit.Attributes.XOR_MAPPED_ADDRESS;
import static dev.hairpin.turnserver.testkit.Attributes.XOR_RELAYED_ADDRESS;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// What must hold for any response to any request.
final class ResponseRules {
  private static final int MAX_CHARACTERS = 128;
  private static final Set<Integer> MAY_BE_UNSIGNED = Set.of(300, 400, 401, 420, 438);
  private static final Set<Integer> NEVER_SIGNED = Set.of(401, 438);
  private static final Set<Integer> OPTIONAL =
      Set.of(SOFTWARE, MESSAGE_INTEGRITY, MESSAGE_INTEGRITY_SHA256, FINGERPRINT);

  private ResponseRules() {}

  /// @param key what the request was signed with, null where it was not signed
  static void check(Message request, Message response, @Nullable Bytes key) {
    Expect.that(response.method() == request.method(), "the answer to another method: ", response);
    checkForm(request, response);
    checkFingerprint(request, response);
    int code = response.messageClass() == MessageClass.ERROR ? response.errorCode() : 0;
    boolean mayBeUnsigned = MAY_BE_UNSIGNED.contains(code) || request.method() == Methods.BINDING;
    checkIntegrity(response, key, integrityFor(request), mayBeUnsigned);
    switch (response.messageClass()) {
      case SUCCESS -> checkSuccess(request, response);
      case ERROR -> checkError(response);
      case REQUEST, INDICATION -> throw new AssertionError("not a response: " + response);
    }
  }

  private static void checkForm(Message request, Message response) {
    boolean dual = request.has(ADDITIONAL_ADDRESS_FAMILY);
    var seen = new HashSet<Integer>();
    for (var attribute : response.attributes()) {
      boolean mayRepeat = dual && attribute.type() == XOR_RELAYED_ADDRESS;
      Expect.that(
          seen.add(attribute.type()) || mayRepeat, "an attribute stands there twice: ", response);
      Expect.that(
          attribute.padding().equals(Bytes.of(new byte[attribute.padding().length()])),
          "padding is not zero: ",
          response.bytes());
    }
  }

  private static void checkFingerprint(Message request, Message response) {
    Expect.that(
        response.has(FINGERPRINT) == request.has(FINGERPRINT),
        "FINGERPRINT goes only to those who sent one: ",
        response);
    if (response.has(FINGERPRINT)) {
      Expect.that(response.isFingerprintValid(), "FINGERPRINT is wrong: ", response);
      Expect.that(
          response.attributes().getLast().type() == FINGERPRINT,
          "FINGERPRINT is not the last attribute: ",
          response);
    }
  }

  private static void checkSuccess(Message request, Message response) {
    var required =
        switch (request.method()) {
          case Methods.BINDING -> Set.of(XOR_MAPPED_ADDRESS);
          case Methods.ALLOCATE -> allocateAttributes(request);
          case Methods.REFRESH -> Set.of(LIFETIME);
          case Methods.CONNECT -> Set.of(CONNECTION_ID);
          default -> Set.<Integer>of();
        };
    checkAttributes(response, required, optionalAttributes(request));
  }

  /// What a success may tell beyond that (RFC 5780 §6.1, RFC 8656 §7.3, RFC 8016 §3.1).
  private static Set<Integer> optionalAttributes(Message request) {
    var optional = new HashSet<Integer>();
    if (request.method() == Methods.BINDING) {
      optional.addAll(Set.of(RESPONSE_ORIGIN, OTHER_ADDRESS, MAPPED_ADDRESS));
    }
    if (request.has(ADDITIONAL_ADDRESS_FAMILY)) {
      optional.add(ADDRESS_ERROR_CODE);
    }
    if (request.has(PADDING)) {
      optional.add(PADDING);
    }
    if (request.has(MOBILITY_TICKET)) {
      optional.add(MOBILITY_TICKET);
    }
    return optional;
  }

  /// RFC 8656 §7.2: the R bit of EVEN-PORT asks for a token.
  private static Set<Integer> allocateAttributes(Message request) {
    var evenPort = request.find(EVEN_PORT);
    boolean reserve = evenPort != null && evenPort.value().at(0) >= 0x80;
    return reserve
        ? Set.of(XOR_RELAYED_ADDRESS, XOR_MAPPED_ADDRESS, LIFETIME, RESERVATION_TOKEN)
        : Set.of(XOR_RELAYED_ADDRESS, XOR_MAPPED_ADDRESS, LIFETIME);
  }

  private static void checkError(Message response) {
    int code = response.errorCode();
    checkErrorCode(response.require(ERROR_CODE));
    var required =
        switch (code) {
          case 300 -> Set.of(ERROR_CODE, ALTERNATE_SERVER);
          case 401, 438 -> challengeAttributes(response);
          case 420 -> Set.of(ERROR_CODE, UNKNOWN_ATTRIBUTES);
          default -> Set.of(ERROR_CODE);
        };
    checkAttributes(response, required, code == 300 ? Set.of(ALTERNATE_DOMAIN) : Set.of());
    checkQuotable(response, REALM);
    checkQuotable(response, NONCE);
    Expect.that(
        !(NEVER_SIGNED.contains(code)
            && (response.has(MESSAGE_INTEGRITY) || response.has(MESSAGE_INTEGRITY_SHA256))),
        "a challenge is never signed (RFC 8489 §9.2.4): ",
        response);
  }

  /// RFC 8489 §14.9, §14.10: it could stand between quotation marks as it is.
  private static void checkQuotable(Message response, int type) {
    if (response.has(type)) {
      var text = response.require(type).asUtf8();
      Expect.that(
          Bytes.utf8(text).equals(response.require(type))
              && text.codePointCount(0, text.length()) < MAX_CHARACTERS
              && text.chars().noneMatch(c -> c < ' ' || c == '"' || c == 0x7f),
          "REALM or NONCE is long or strange: ",
          response);
    }
  }

  /// PASSWORD-ALGORITHMS goes with a nonce that says so, and with no other (RFC 8489 §9.2.1).
  private static Set<Integer> challengeAttributes(Message response) {
    var challenge = Challenge.of(response);
    Expect.that(challenge.nonce().asUtf8().length() < 128, "a long nonce: ", response);
    return challenge.saysPasswordAlgorithms()
        ? Set.of(ERROR_CODE, REALM, NONCE, PASSWORD_ALGORITHMS)
        : Set.of(ERROR_CODE, REALM, NONCE);
  }

  static boolean isAlgorithmKnown(Bytes algorithm) {
    return algorithm.length() == 4 && List.of(1, 2).contains(algorithm.uint16At(0));
  }

  /// RFC 8489 §9.2.4: MESSAGE-INTEGRITY for whoever named no algorithm.
  private static int integrityFor(Message request) {
    return request.has(PASSWORD_ALGORITHM) && request.has(PASSWORD_ALGORITHMS)
        ? MESSAGE_INTEGRITY_SHA256
        : MESSAGE_INTEGRITY;
  }

  private static void checkErrorCode(Bytes value) {
    Expect.that(
        value.at(0) == 0 && value.at(1) == 0 && value.at(2) >= 3 && value.at(2) <= 6,
        "ERROR-CODE has strange bits: ",
        value);
    Expect.that(value.at(3) < 100, "ERROR-CODE has a number beyond 99: ", value);
    var reason = value.slice(4, value.length());
    Expect.that(
        reason.asUtf8().codePoints().count() < MAX_CHARACTERS
            && Bytes.utf8(reason.asUtf8()).equals(reason),
        "the reason phrase is not short UTF-8: ",
        value);
  }

  private static void checkAttributes(
      Message response, Set<Integer> required, Set<Integer> optional) {
    for (int type : required) {
      Expect.that(response.has(type), "attribute %#06x is missing: ".formatted(type), response);
    }
    for (var attribute : response.attributes()) {
      int type = attribute.type();
      Expect.that(
          required.contains(type) || optional.contains(type) || OPTIONAL.contains(type),
          "attribute %#06x has no business there: ".formatted(type),
          response);
    }
  }

  private static void checkIntegrity(
      Message response, @Nullable Bytes key, int expected, boolean mayBeUnsigned) {
    int other = MESSAGE_INTEGRITY + MESSAGE_INTEGRITY_SHA256 - expected;
    Expect.that(!response.has(other), "signed by the wrong algorithm: ", response);
    var integrity = response.find(expected);
    if (integrity == null) {
      Expect.that(key == null || mayBeUnsigned, "the answer is not signed: ", response);
      return;
    }
    if (key == null) {
      throw new AssertionError("nobody knows the key of this: " + response);
    }
    Expect.that(
        expected == MESSAGE_INTEGRITY
            ? response.isIntegrityValid(key)
            : response.isIntegritySha256Valid(key),
        "the integrity is wrong: ",
        response);
    var behind =
        response.attributes().stream().filter(a -> a.offset() > integrity.offset()).toList();
    Expect.that(
        behind.stream().allMatch(a -> a.type() == FINGERPRINT),
        "something follows the integrity: ",
        response);
  }
}
