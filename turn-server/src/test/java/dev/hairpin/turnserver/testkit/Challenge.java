package dev.hairpin.turnserver.testkit;

import java.util.Base64;

/// The realm and the nonce of a 401 or a 438.
///
/// @param algorithms the value of PASSWORD-ALGORITHMS, empty where there was none
public record Challenge(String realm, Bytes nonce, Bytes algorithms) {
  private static final String COOKIE = "obMatJos2";
  private static final int PASSWORD_ALGORITHMS = 0x80;
  private static final int USERNAME_ANONYMITY = 0x40;

  public Challenge(String realm, Bytes nonce) {
    this(realm, nonce, Bytes.EMPTY);
  }

  static Challenge of(Message refusal) {
    var algorithms = refusal.find(Attributes.PASSWORD_ALGORITHMS);
    return new Challenge(
        refusal.require(Attributes.REALM).asUtf8(),
        refusal.require(Attributes.NONCE),
        algorithms == null ? Bytes.EMPTY : algorithms.value());
  }

  public Challenge withNonce(Bytes other) {
    return new Challenge(realm, other, algorithms);
  }

  /// RFC 8489 §18.1, bit 0.
  public boolean saysPasswordAlgorithms() {
    return (firstFeatures() & PASSWORD_ALGORITHMS) != 0;
  }

  /// RFC 8489 §18.1, bit 1.
  public boolean saysUsernameAnonymity() {
    return (firstFeatures() & USERNAME_ANONYMITY) != 0;
  }

  /// The first eight of the 24 bits in the nonce cookie (RFC 8489 §9.2), 0 where there is none.
  private int firstFeatures() {
    String text = nonce.asUtf8();
    int end = COOKIE.length() + 4;
    return text.startsWith(COOKIE) && text.length() >= end
        ? Base64.getDecoder().decode(text.substring(COOKIE.length(), end))[0]
        : 0;
  }
}
