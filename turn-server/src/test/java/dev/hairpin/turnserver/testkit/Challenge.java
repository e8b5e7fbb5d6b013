package dev.hairpin.turnserver.testkit;

/// The realm and the nonce of a 401 or a 438.
public record Challenge(String realm, Bytes nonce) {
  static Challenge of(Message refusal) {
    return new Challenge(
        refusal.require(Attributes.REALM).asUtf8(), refusal.require(Attributes.NONCE));
  }
}
