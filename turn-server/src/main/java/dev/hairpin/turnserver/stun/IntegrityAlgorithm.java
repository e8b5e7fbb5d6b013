package dev.hairpin.turnserver.stun;

/// How a message is protected, and the attribute that shows it.
public enum IntegrityAlgorithm {
  /// MESSAGE-INTEGRITY (RFC 8489 §14.5).
  SHA1(Attribute.MESSAGE_INTEGRITY, "HmacSHA1", 20),
  /// MESSAGE-INTEGRITY-SHA256 (RFC 8489 §14.6). TURN allows no truncation.
  SHA256(Attribute.MESSAGE_INTEGRITY_SHA256, "HmacSHA256", 32);

  final int attribute;
  final String mac;
  final int bytes;

  IntegrityAlgorithm(int attribute, String mac, int bytes) {
    this.attribute = attribute;
    this.mac = mac;
    this.bytes = bytes;
  }
}
