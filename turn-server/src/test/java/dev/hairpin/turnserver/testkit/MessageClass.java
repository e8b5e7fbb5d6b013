package dev.hairpin.turnserver.testkit;

/// The four classes of a STUN message, with their two bits in the message type (RFC 8489 §5).
public enum MessageClass {
  REQUEST(0),
  INDICATION(0x010),
  SUCCESS(0x100),
  ERROR(0x110);

  private static final int MASK = 0x110;

  private final int bits;

  MessageClass(int bits) {
    this.bits = bits;
  }

  int bits() {
    return bits;
  }

  static MessageClass ofType(int type) {
    return switch (type & MASK) {
      case 0 -> REQUEST;
      case 0x010 -> INDICATION;
      case 0x100 -> SUCCESS;
      default -> ERROR;
    };
  }
}
