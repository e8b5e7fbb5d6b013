package dev.hairpin.turnserver.stun;

/// The class of a STUN message (RFC 8489 §5).
public enum MessageClass {
  REQUEST(0x000),
  INDICATION(0x010),
  SUCCESS(0x100),
  ERROR(0x110);

  private static final int MASK = 0x110;

  private final int bits;

  MessageClass(int bits) {
    this.bits = bits;
  }

  /// The class in the first 16 bits of a message.
  static MessageClass ofType(int type) {
    return switch (type & MASK) {
      case 0x000 -> REQUEST;
      case 0x010 -> INDICATION;
      case 0x100 -> SUCCESS;
      default -> ERROR;
    };
  }

  /// The first 16 bits of a message of this class: the method's 12 bits lie around the two of the
  /// class (RFC 8489 §5, figure 3).
  int typeOf(int method) {
    return (method & 0x00f) | (method & 0x070) << 1 | (method & 0xf80) << 2 | bits;
  }

  static int methodOfType(int type) {
    return (type & 0x000f) | (type & 0x00e0) >> 1 | (type & 0x3e00) >> 2;
  }
}
