package dev.hairpin.turnserver.stun;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.Random;
import org.junit.jupiter.api.Test;

/// What a receiver must not be fooled by.
class StunMessageTest {
  private static final TransactionId ID = new TransactionId(1, 2);
  private static final byte[] KEY = new byte[16];
  private static final IntegrityKey SHA1 = new IntegrityKey(IntegrityAlgorithm.SHA1, KEY);
  private static final IntegrityKey SHA256 = new IntegrityKey(IntegrityAlgorithm.SHA256, KEY);

  private final MessageIntegrity integrity = new MessageIntegrity();
  private final StunMessage message = new StunMessage();

  @Test
  void everyTypeIsSplitIntoMethodAndClassAndPutTogetherAgain() {
    for (int method = 0; method < 0x1000; method++) {
      for (var messageClass : MessageClass.values()) {
        int type = messageClass.typeOf(method);
        assertEquals(0, type & 0xc000);
        assertEquals(method, MessageClass.methodOfType(type));
        assertEquals(messageClass, MessageClass.ofType(type));
      }
    }
    assertEquals(0x0113, MessageClass.ERROR.typeOf(Method.ALLOCATE));
  }

  @Test
  void whatFollowsTheIntegrityIsNotSeen() {
    var bytes = Unpooled.buffer();
    writer(bytes)
        .integer(Attribute.LIFETIME, 600)
        .integrity(integrity, SHA1)
        .integer(Attribute.CHANNEL_NUMBER, 0x40000000)
        .integer(Attribute.LIFETIME, 3_600)
        .fingerprint();
    assertTrue(decode(bytes));
    assertTrue(message.hasFingerprint());
    assertTrue(integrity.verify(message, KEY));
    assertEquals(1, message.attributes());
    assertFalse(message.has(Attribute.CHANNEL_NUMBER));
  }

  @Test
  void ofWhatFollowsAnIntegrityOnlyTheOtherOneIsSeen() {
    for (var order : new String[] {"1X2X", "2X1X", "12X", "21X", "X12", "X21", "1X1X2", "2X2X1"}) {
      var bytes = Unpooled.buffer();
      var writer = writer(bytes);
      for (int i = 0; i < order.length(); i++) {
        switch (order.charAt(i)) {
          case '1' -> writer.integrity(integrity, SHA1);
          case '2' -> writer.integrity(integrity, SHA256);
          default -> writer.integer(Attribute.LIFETIME, 1);
        }
      }
      writer.fingerprint();
      assertTrue(decode(bytes), order);
      assertEquals(order.startsWith("X") ? 1 : 0, message.attributes(), order);
      assertEquals(IntegrityAlgorithm.SHA256, message.integrityAlgorithm(), order);
      assertTrue(integrity.verify(message, KEY), order);
      assertEquals(bytes.readableBytes() - 8, message.lengthWithoutFingerprint());
    }
  }

  @Test
  void aRightIntegrityDoesNotMakeUpForAWrongOneBySha256() {
    var other = new IntegrityKey(IntegrityAlgorithm.SHA256, new byte[] {1});
    var bytes = Unpooled.buffer();
    writer(bytes).integrity(integrity, SHA1).integrity(integrity, other);
    assertTrue(decode(bytes));
    assertFalse(integrity.verify(message, KEY));
    var hidden = Unpooled.buffer();
    writer(hidden).integrity(integrity, other).integrity(integrity, SHA256);
    assertTrue(decode(hidden));
    assertFalse(integrity.verify(message, KEY));
  }

  @Test
  void anIntegrityBySha256IsNeverTakenTruncated() {
    var whole = Unpooled.buffer();
    writer(whole).integrity(integrity, SHA256);
    for (int length = 0; length <= 40; length++) {
      var bytes = Unpooled.buffer();
      var value = new byte[length];
      whole.getBytes(24, value, 0, Math.min(length, 32));
      writer(bytes).bytes(Attribute.MESSAGE_INTEGRITY_SHA256, value);
      assertTrue(decode(bytes));
      assertEquals(length != 32, message.isIntegrityMalformed(), "length " + length);
      assertEquals(length == 32, integrity.verify(message, KEY), "length " + length);
    }
  }

  @Test
  void theFirstOfTwoAttributesCounts() {
    var bytes = Unpooled.buffer();
    writer(bytes).integer(Attribute.LIFETIME, 1).integer(Attribute.LIFETIME, 2);
    assertTrue(decode(bytes));
    assertEquals(1, bytes.getInt(message.offsetOf(message.find(Attribute.LIFETIME))));
  }

  @Test
  void theFingerprintIsLastAndRight() {
    var after = Unpooled.buffer();
    writer(after).fingerprint().integer(Attribute.LIFETIME, 1);
    assertFalse(decode(after));
    var twice = Unpooled.buffer();
    writer(twice).fingerprint().fingerprint();
    assertFalse(decode(twice));
    var wrong = Unpooled.buffer();
    writer(wrong).integer(Attribute.FINGERPRINT, 1);
    assertFalse(decode(wrong));
    var right = Unpooled.buffer();
    writer(right).fingerprint();
    assertTrue(decode(right));
  }

  @Test
  void anIntegrityOfAnotherLengthIsMalformed() {
    for (int length = 0; length <= 40; length++) {
      var bytes = Unpooled.buffer();
      writer(bytes).bytes(Attribute.MESSAGE_INTEGRITY, new byte[length]);
      assertEquals(length == 20, decode(bytes), "length " + length);
    }
  }

  @Test
  void everyLengthThatReachesBeyondTheMessageIsMalformed() {
    var bytes = Unpooled.buffer();
    writer(bytes).bytes(Attribute.USERNAME, new byte[8]);
    for (int length = 0; length <= 0xffff; length++) {
      bytes.setShort(StunMessage.HEADER_BYTES + 2, length);
      boolean fits = length >= 5 && length <= 8;
      if (fits || length > 8) { // a shorter one leaves bytes that are read as the next attribute
        assertEquals(fits, decode(bytes), "length " + length);
      }
    }
  }

  @Test
  void theHeadersLengthIsThatOfTheDatagram() {
    var bytes = Unpooled.buffer();
    writer(bytes).integer(Attribute.LIFETIME, 1);
    int right = bytes.getUnsignedShort(2);
    for (int length = 0; length <= 0xffff; length++) {
      bytes.setShort(2, length);
      assertEquals(length == right, decode(bytes), "length " + length);
    }
  }

  @Test
  void aMessageHasAtMost64Attributes() {
    for (int count : new int[] {StunMessage.MAX_ATTRIBUTES, StunMessage.MAX_ATTRIBUTES + 1}) {
      var bytes = Unpooled.buffer();
      var writer = writer(bytes);
      for (int i = 0; i < count; i++) {
        writer.integer(0x9000 + i, i);
      }
      assertEquals(count == StunMessage.MAX_ATTRIBUTES, decode(bytes));
    }
  }

  @Test
  void anAddressWhoseLengthAndFamilyDisagreeIsNone() {
    for (int length = 0; length <= 24; length++) {
      for (int family = 0; family <= 3; family++) {
        var bytes = Unpooled.buffer();
        var value = new byte[length];
        if (length > 1) {
          value[1] = (byte) family;
        }
        writer(bytes).bytes(Attribute.XOR_PEER_ADDRESS, value);
        assertTrue(decode(bytes));
        if (!(length == 8 && family == 1) && !(length == 20 && family == 2)) {
          assertNull(XorAddress.decode(message, 0), length + " bytes, family " + family);
        }
      }
    }
  }

  @Test
  void noMutationOfAMessageThrowsOrReadsBeyondIt() {
    var random = new Random(11);
    var original = Unpooled.buffer();
    writer(original)
        .bytes(Attribute.USERNAME, "1800000000:alice".getBytes())
        .bytes(Attribute.REALM, "example.org".getBytes())
        .integer(Attribute.LIFETIME, 600)
        .integrity(integrity, SHA1);
    for (int i = 0; i < 500_000; i++) {
      var mutant = original.copy();
      for (int changes = 1 + random.nextInt(4); changes > 0; changes--) {
        mutant.setByte(random.nextInt(mutant.readableBytes()), random.nextInt());
      }
      int length =
          random.nextInt(8) == 0
              ? random.nextInt(mutant.readableBytes() + 1)
              : mutant.readableBytes();
      if (message.decode(mutant, 0, length)) {
        for (int a = 0; a < message.attributes(); a++) {
          assertTrue(message.offsetOf(a) + message.lengthOf(a) <= length);
        }
        integrity.verify(message, KEY);
      }
    }
  }

  private StunWriter writer(ByteBuf bytes) {
    return new StunWriter(bytes, MessageClass.REQUEST, Method.REFRESH, ID);
  }

  private boolean decode(ByteBuf bytes) {
    return message.decode(bytes, 0, bytes.readableBytes());
  }
}
