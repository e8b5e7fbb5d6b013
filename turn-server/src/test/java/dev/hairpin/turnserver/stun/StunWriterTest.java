package dev.hairpin.turnserver.stun;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.hairpin.turnserver.net.Family;
import dev.hairpin.turnserver.net.TransportAddress;
import dev.hairpin.turnserver.testkit.Attributes;
import dev.hairpin.turnserver.testkit.Bytes;
import dev.hairpin.turnserver.testkit.Message;
import dev.hairpin.turnserver.testkit.MessageBuilder;
import dev.hairpin.turnserver.testkit.Methods;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.net.InetSocketAddress;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/// What is written is what the test kit reads, bits that are reserved are zero, and it makes no
/// difference where in a buffer a message stands.
class StunWriterTest {
  private static final TransactionId ID = new TransactionId(0x01020304, 0x05060708090a0b0cL);
  private static final Bytes TRANSACTION = Bytes.hex("0102030405060708090a0b0c");
  private static final InetSocketAddress IPV4 = new InetSocketAddress("192.0.2.7", 4711);
  private static final InetSocketAddress IPV6 = new InetSocketAddress("2001:db8::7", 4711);
  private static final Bytes KEY = Bytes.utf8("sixteen bytes!!!");
  private static final int BEFORE = 7; // bytes of something else

  private final ByteBuf buffer = Unpooled.buffer().writeZero(BEFORE);
  private final MessageIntegrity integrity = new MessageIntegrity();
  private final StunMessage message = new StunMessage();

  @Test
  void everyAttributeIsWrittenAsItIsRead() {
    var read =
        written(
            w ->
                w.bytes(Attribute.USERNAME, "alice".getBytes())
                    .integer(Attribute.LIFETIME, 600)
                    .address(Attribute.XOR_MAPPED_ADDRESS, TransportAddress.of(IPV4))
                    .address(Attribute.XOR_RELAYED_ADDRESS, TransportAddress.of(IPV6))
                    .plainAddress(Attribute.RESPONSE_ORIGIN, TransportAddress.of(IPV4))
                    .plainAddress(Attribute.OTHER_ADDRESS, TransportAddress.of(IPV6))
                    .error(ErrorCode.STALE_NONCE)
                    .addressError(Family.IPV6, ErrorCode.ADDRESS_FAMILY_NOT_SUPPORTED)
                    .unknownAttributes(new int[] {0x7001, 0x7002, 0x7003})
                    .icmp(3, 4, 0x01020304));
    assertEquals(TRANSACTION, read.transaction());
    assertEquals(Methods.ALLOCATE, read.method());
    assertTrue(read.isError(438));
    assertEquals("alice", read.require(Attributes.USERNAME).asUtf8());
    assertEquals(600, read.uint32(Attributes.LIFETIME));
    assertEquals(IPV4, read.address(Attributes.XOR_MAPPED_ADDRESS));
    assertEquals(IPV6, read.address(Attributes.XOR_RELAYED_ADDRESS));
    assertEquals(IPV4, read.plainAddress(Attributes.RESPONSE_ORIGIN));
    assertEquals(IPV6, read.plainAddress(Attributes.OTHER_ADDRESS));
    assertEquals(Bytes.hex("00000426"), read.require(Attributes.ERROR_CODE));
    assertEquals(Bytes.hex("02000428"), read.require(Attributes.ADDRESS_ERROR_CODE));
    assertEquals(Bytes.hex("700170027003"), read.require(Attributes.UNKNOWN_ATTRIBUTES));
    assertEquals(Bytes.hex("0000030401020304"), read.require(Attributes.ICMP));
    for (var attribute : read.attributes()) {
      assertEquals(Bytes.of(new byte[attribute.padding().length()]), attribute.padding());
    }
  }

  @Test
  void whatIsSignedAndSealedIsRightBehindOtherBytes() {
    for (var algorithm : IntegrityAlgorithm.values()) {
      buffer.clear().writeZero(BEFORE);
      var key = new IntegrityKey(algorithm, KEY.toArray());
      var read =
          written(w -> w.integer(Attribute.LIFETIME, 600).integrity(integrity, key).fingerprint());
      boolean sha1 = algorithm == IntegrityAlgorithm.SHA1;
      assertTrue(sha1 ? read.isIntegrityValid(KEY) : read.isIntegritySha256Valid(KEY));
      assertTrue(read.isFingerprintValid());
      assertTrue(message.decode(buffer, BEFORE, buffer.readableBytes() - BEFORE));
      assertTrue(message.hasFingerprint());
      assertTrue(message.hasIntegrity());
      assertTrue(integrity.verify(message, KEY.toArray()));
      assertEquals(ID, message.transactionId());
      assertFalse(key.toString().contains("sixteen"));
      assertTrue(key.toString().contains(algorithm.name()));
    }
  }

  /// The length stands in two bytes, and the signature covers both.
  @Test
  void aLongMessageIsSignedAndVerified() {
    for (var algorithm : IntegrityAlgorithm.values()) {
      for (int length : new int[] {200, 256, 1_000, 60_000}) {
        buffer.clear().writeZero(BEFORE);
        var key = new IntegrityKey(algorithm, KEY.toArray());
        var read =
            written(w -> w.bytes(Attribute.PADDING, new byte[length]).integrity(integrity, key));
        boolean sha1 = algorithm == IntegrityAlgorithm.SHA1;
        assertTrue(sha1 ? read.isIntegrityValid(KEY) : read.isIntegritySha256Valid(KEY));
        assertTrue(message.decode(buffer, BEFORE, buffer.readableBytes() - BEFORE));
        assertTrue(integrity.verify(message, KEY.toArray()));
      }
    }
  }

  @Test
  void aDataIndicationHasTheBytesThatItWasGivenAndPaddingOfZeros() {
    for (var peer : new InetSocketAddress[] {IPV4, IPV6}) {
      for (int length = 0; length <= 9; length++) {
        var source = Unpooled.buffer().writeZero(3);
        for (int i = 0; i < length; i++) {
          source.writeByte(0xf0 + i);
        }
        buffer.clear().writeZero(BEFORE);
        var ip = TransportAddress.of(peer).ip();
        StunWriter.dataIndication(
            buffer, ID.high(), ID.low(), ip.high(), ip.low(), 4711, source, 3, length);
        var read = read();
        assertEquals(peer, read.address(Attributes.XOR_PEER_ADDRESS));
        assertEquals(Methods.DATA, read.method());
        var data = read.attributes().getLast();
        assertEquals(length, data.value().length());
        assertEquals(Bytes.of(new byte[-length & 3]), data.padding());
        for (int i = 0; i < length; i++) {
          assertEquals(0xf0 + i, data.value().at(i));
        }
      }
    }
  }

  @Test
  void aMessageIsReadWhereverItStands() {
    var bytes =
        MessageBuilder.request(Methods.CHANNEL_BIND)
            .channel(0x4001)
            .peer(IPV6)
            .integrity(KEY)
            .fingerprint()
            .build();
    for (int offset = 0; offset < 9; offset++) {
      buffer.clear().writeZero(offset).writeBytes(bytes.toArray()).writeZero(5);
      assertTrue(message.decode(buffer, offset, bytes.length()));
      assertEquals(MessageClass.REQUEST, message.messageClass());
      assertEquals(Methods.CHANNEL_BIND, message.method());
      assertFalse(message.isClassic());
      assertEquals(StunMessage.MAGIC_COOKIE, message.cookie());
      assertTrue(integrity.verify(message, KEY.toArray()));
      int channel = message.find(Attribute.CHANNEL_NUMBER);
      assertEquals(Attribute.CHANNEL_NUMBER, message.typeOf(channel));
      assertEquals(0x4001, buffer.getUnsignedShort(message.offsetOf(channel)));
      var peer = new XorAddress();
      assertTrue(peer.read(message, message.find(Attribute.XOR_PEER_ADDRESS)));
      assertEquals(TransportAddress.of(IPV6).ip().high(), peer.high());
      assertEquals(TransportAddress.of(IPV6).ip().low(), peer.low());
      assertEquals(4711, peer.port());
    }
  }

  @Test
  void onlyRequestsOfRfc3489AreReadWithoutTheCookie() {
    for (var messageClass : dev.hairpin.turnserver.testkit.MessageClass.values()) {
      var today = MessageBuilder.of(messageClass, Methods.BINDING, TRANSACTION).build();
      var classic = today.with(4, Bytes.uint32(1));
      boolean request = messageClass == dev.hairpin.turnserver.testkit.MessageClass.REQUEST;
      assertEquals(request, isClassic(classic));
      assertTrue(message.isClassic());
      assertEquals(1, message.cookie());
      assertFalse(isClassic(today));
      assertFalse(isClassic(classic.slice(0, 16)));
    }
  }

  private boolean isClassic(Bytes bytes) {
    return message.decodeClassic(Unpooled.wrappedBuffer(bytes.toArray()), 0, bytes.length());
  }

  @Test
  void aMessageWithoutIntegrityHasNone() {
    var bytes = MessageBuilder.request(Methods.BINDING).build();
    assertTrue(message.decode(Unpooled.wrappedBuffer(bytes.toArray()), 0, bytes.length()));
    assertFalse(message.hasIntegrity());
    assertFalse(integrity.verify(message, KEY.toArray()));
    assertEquals(-1, message.find(0));
    assertFalse(message.has(0));
  }

  @Test
  void aFirstByteIsThatOfStunBelow0x40() {
    for (int first = 0; first <= 0xff; first++) {
      assertEquals(first < 0x40, StunMessage.startsWith(first));
      assertEquals(first < 0x80, Attribute.isComprehensionRequired(first << 8 | 0xff));
      assertEquals(first < 0x80, Attribute.isComprehensionRequired(first << 8));
    }
  }

  @Test
  void anErrorIsSaidByItsNumber() {
    for (var error : ErrorCode.values()) {
      buffer.clear().writeZero(BEFORE);
      assertTrue(written(w -> w.error(error)).isError(error.code()));
    }
    assertEquals(401, ErrorCode.UNAUTHENTICATED.code());
  }

  private Message written(UnaryOperator<StunWriter> content) {
    var writer = new StunWriter(buffer, MessageClass.ERROR, Method.ALLOCATE, ID);
    assertEquals(writer, content.apply(writer));
    return read();
  }

  private Message read() {
    var bytes = new byte[buffer.readableBytes() - BEFORE];
    buffer.getBytes(BEFORE, bytes);
    return Message.decode(Bytes.of(bytes));
  }
}
