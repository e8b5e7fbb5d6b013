package dev.hairpin.turnserver.stun;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.zip.CRC32;

/// A view of one received message (RFC 8489 §5, §14), used again for the next: decoding makes no
/// object. It is valid until the buffer under it changes.
///
/// Only attributes that count are seen: what follows MESSAGE-INTEGRITY is ignored, FINGERPRINT and
/// the integrity attributes themselves are answered by their own methods (RFC 8489 §14.5).
public final class StunMessage {
  public static final int HEADER_BYTES = 20;
  public static final int MAGIC_COOKIE = 0x2112A442;

  /// More attributes than any sane message has; a message with more is malformed.
  static final int MAX_ATTRIBUTES = 64;

  static final int INTEGRITY_BYTES = 20;
  private static final int FINGERPRINT_XOR = 0x5354554e;
  private static final int FINGERPRINT_BYTES = 4;
  private static final int NONE = -1;

  private final int[] types = new int[MAX_ATTRIBUTES];
  private final int[] offsets = new int[MAX_ATTRIBUTES];
  private final int[] lengths = new int[MAX_ATTRIBUTES];
  private final CRC32 crc = new CRC32();

  private ByteBuf buffer = Unpooled.EMPTY_BUFFER;
  private int start;
  private int type;
  private int count;
  private int integrityOffset = NONE;
  private boolean fingerprinted;

  /// Looks at `length` bytes from `start` on. False where they are not one well-formed message.
  public boolean decode(ByteBuf bytes, int start, int length) {
    this.buffer = bytes;
    this.start = start;
    this.count = 0;
    this.integrityOffset = NONE;
    this.fingerprinted = false;
    if (length < HEADER_BYTES
        || (length & 3) != 0
        || bytes.getUnsignedShort(start + 2) != length - HEADER_BYTES
        || bytes.getInt(start + 4) != MAGIC_COOKIE) {
      return false;
    }
    type = bytes.getUnsignedShort(start);
    return (type & 0xc000) == 0 && decodeAttributes(start + length);
  }

  private boolean decodeAttributes(int end) {
    int at = start + HEADER_BYTES;
    int seen = 0;
    while (at < end) {
      int attribute = buffer.getUnsignedShort(at);
      int length = buffer.getUnsignedShort(at + 2);
      int value = at + 4;
      int next = value + (length + 3 & ~3);
      if (next > end || ++seen > MAX_ATTRIBUTES || fingerprinted) {
        return false; // FINGERPRINT is the last attribute (RFC 8489 §14.7)
      }
      if (attribute == Attribute.FINGERPRINT) {
        if (length != FINGERPRINT_BYTES
            || buffer.getInt(value) != fingerprint(crc, buffer, start, at - start)) {
          return false;
        }
        fingerprinted = true;
      } else if (integrityOffset == NONE) {
        if (attribute == Attribute.MESSAGE_INTEGRITY) {
          if (length != INTEGRITY_BYTES) {
            return false;
          }
          integrityOffset = value;
        } else {
          types[count] = attribute;
          offsets[count] = value;
          lengths[count] = length;
          count++;
        }
      }
      at = next;
    }
    return true;
  }

  /// The value of FINGERPRINT over these bytes (RFC 8489 §14.7).
  static int fingerprint(CRC32 crc, ByteBuf bytes, int start, int length) {
    crc.reset();
    crc.update(bytes.internalNioBuffer(start, length));
    return (int) crc.getValue() ^ FINGERPRINT_XOR;
  }

  public int method() {
    return MessageClass.methodOfType(type);
  }

  public MessageClass messageClass() {
    return MessageClass.ofType(type);
  }

  public TransactionId transactionId() {
    return new TransactionId(transactionHigh(), transactionLow());
  }

  int transactionHigh() {
    return buffer.getInt(start + 8);
  }

  long transactionLow() {
    return buffer.getLong(start + 12);
  }

  public boolean hasFingerprint() {
    return fingerprinted;
  }

  public boolean hasIntegrity() {
    return integrityOffset != NONE;
  }

  /// How many attributes count.
  public int attributes() {
    return count;
  }

  public int typeOf(int index) {
    return types[index];
  }

  public int lengthOf(int index) {
    return lengths[index];
  }

  /// Where an attribute's value starts in [#buffer()].
  public int offsetOf(int index) {
    return offsets[index];
  }

  /// The place of the first attribute of a type, which is the one that counts (RFC 8489 §14), or
  /// -1.
  public int find(int attribute) {
    for (int i = 0; i < count; i++) {
      if (types[i] == attribute) {
        return i;
      }
    }
    return NONE;
  }

  public boolean has(int attribute) {
    return find(attribute) != NONE;
  }

  /// A copy of an attribute's value.
  public byte[] bytesOf(int index) {
    var value = new byte[lengths[index]];
    buffer.getBytes(offsets[index], value);
    return value;
  }

  public ByteBuf buffer() {
    return buffer;
  }

  int startOffset() {
    return start;
  }

  int integrityOffset() {
    return integrityOffset;
  }
}
