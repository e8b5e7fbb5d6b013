package dev.hairpin.turnserver.stun;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.zip.CRC32;
import org.jspecify.annotations.Nullable;

/// A view of one received message (RFC 8489 §5, §14), used again for the next: decoding makes no
/// object. It is valid until the buffer under it changes.
///
/// Only attributes that count are seen: what follows an integrity attribute is ignored, FINGERPRINT
/// and the integrity attributes themselves are answered by their own methods (RFC 8489 §9).
public final class StunMessage {
  public static final int HEADER_BYTES = 20;
  public static final int MAGIC_COOKIE = 0x2112A442;

  /// More attributes than any sane message has; a message with more is malformed.
  static final int MAX_ATTRIBUTES = 64;

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
  private int cookie;
  private int count;
  private int size;

  /// The one that is to be verified; its attribute stands behind those that count.
  private @Nullable IntegrityAlgorithm integrity;

  private boolean fingerprinted;

  /// Whether a message starts with the first byte of a STUN message (RFC 8489 §5).
  public static boolean startsWith(int firstByte) {
    return (firstByte & 0xc0) == 0;
  }

  /// Looks at `length` bytes from `start` on. False where they are not one well-formed message.
  public boolean decode(ByteBuf bytes, int start, int length) {
    return read(bytes, start, length) && cookie == MAGIC_COOKIE;
  }

  /// The same for a request of RFC 3489, which has 32 bits more of transaction id where the magic
  /// cookie stands today.
  public boolean decodeClassic(ByteBuf bytes, int start, int length) {
    return read(bytes, start, length)
        && cookie != MAGIC_COOKIE
        && messageClass() == MessageClass.REQUEST;
  }

  private boolean read(ByteBuf bytes, int start, int length) {
    this.buffer = bytes;
    this.start = start;
    this.size = length;
    this.count = 0;
    this.integrity = null;
    this.fingerprinted = false;
    if (length < HEADER_BYTES
        || (length & 3) != 0
        || bytes.getUnsignedShort(start + 2) != length - HEADER_BYTES) {
      return false;
    }
    cookie = bytes.getInt(start + 4);
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
      } else if (!add(attribute, value, length)) {
        return false;
      }
      at = next;
    }
    return true;
  }

  /// Nothing counts behind MESSAGE-INTEGRITY-SHA256, and that alone behind MESSAGE-INTEGRITY (RFC
  /// 8489 §9).
  private boolean add(int attribute, int value, int length) {
    boolean isSha256 = attribute == Attribute.MESSAGE_INTEGRITY_SHA256;
    if (integrity == IntegrityAlgorithm.SHA256 || (integrity != null && !isSha256)) {
      return true;
    }
    offsets[count] = value;
    lengths[count] = length;
    if (isSha256) {
      integrity = IntegrityAlgorithm.SHA256;
    } else if (attribute == Attribute.MESSAGE_INTEGRITY) {
      integrity = IntegrityAlgorithm.SHA1;
      return length == IntegrityAlgorithm.SHA1.bytes;
    } else {
      types[count++] = attribute;
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

  /// Whether it is of RFC 3489. The answer is then to carry the same [#cookie()] and no XOR.
  public boolean isClassic() {
    return cookie != MAGIC_COOKIE;
  }

  public int cookie() {
    return cookie;
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

  /// The message's bytes without those of FINGERPRINT, header included.
  public int lengthWithoutFingerprint() {
    return fingerprinted ? size - 4 - FINGERPRINT_BYTES : size;
  }

  public boolean hasIntegrity() {
    return integrity != null;
  }

  /// Whether MESSAGE-INTEGRITY-SHA256 has another length than TURN's (RFC 8489 §14.6).
  public boolean isIntegrityMalformed() {
    return integrity != null && lengths[count] != integrity.bytes;
  }

  /// The one that is to be verified (RFC 8489 §9.2.4), or null where there is none.
  public @Nullable IntegrityAlgorithm integrityAlgorithm() {
    return integrity;
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

  /// A copy of the value of the first attribute of a type; empty where there is none.
  public byte[] bytesOf(int attribute) {
    int at = find(attribute);
    var value = new byte[at < 0 ? 0 : lengths[at]];
    if (at >= 0) {
      buffer.getBytes(offsets[at], value);
    }
    return value;
  }

  /// Where the value of the first attribute of a type starts in [#buffer()], if it has this length;
  /// else -1.
  public int valueOf(int attribute, int length) {
    int at = find(attribute);
    return at >= 0 && lengths[at] == length ? offsets[at] : NONE;
  }

  /// The value of the first attribute of a type as a number, if it has 32 bits; else -1.
  public long numberOf(int attribute) {
    int at = valueOf(attribute, Integer.BYTES);
    return at < 0 ? NONE : buffer.getUnsignedInt(at);
  }

  public ByteBuf buffer() {
    return buffer;
  }

  int startOffset() {
    return start;
  }

  int integrityOffset() {
    return offsets[count];
  }
}
