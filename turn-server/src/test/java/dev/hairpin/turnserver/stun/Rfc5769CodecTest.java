package dev.hairpin.turnserver.stun;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.hairpin.turnserver.credential.IssuedUsernames;
import dev.hairpin.turnserver.testkit.Resources;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// The test vectors of RFC 5769 through the server's codec.
class Rfc5769CodecTest {
  private static final byte[] SHORT_TERM_KEY =
      "VOkJxbRl1RmTxUk/WvJxBt".getBytes(StandardCharsets.US_ASCII);

  private final MessageIntegrity integrity = new MessageIntegrity();
  private final StunMessage message = new StunMessage();

  @ParameterizedTest
  @ValueSource(strings = {"sample-request", "ipv4-response", "ipv6-response"})
  void integrityAndFingerprintHold(String name) {
    assertTrue(decode(vector(name)));
    assertTrue(message.hasFingerprint());
    assertTrue(integrity.verify(message, SHORT_TERM_KEY));
    assertFalse(integrity.verify(message, "another key".getBytes()));
  }

  @Test
  void theLongTermVectorHolds() throws Exception {
    assertTrue(decode(vector("long-term-request")));
    var key =
        MessageDigest.getInstance("MD5")
            .digest("マトリックス:example.org:TheMatrIX".getBytes(StandardCharsets.UTF_8));
    assertTrue(integrity.verify(message, key));
    assertEquals("example.org", new String(message.bytesOf(Attribute.REALM)));
  }

  /// RFC 8489, appendix B.1.
  @Test
  void theVectorWithSha256AndUserhashHolds() throws Exception {
    assertTrue(decode(vector("long-term-sha256-request")));
    var key =
        MessageDigest.getInstance("SHA-256")
            .digest("マトリックス:example.org:TheMatrIX".getBytes(StandardCharsets.UTF_8));
    assertTrue(integrity.verify(message, key));
    assertArrayEquals(
        IssuedUsernames.hash("マトリックス", "example.org"), message.bytesOf(Attribute.USERHASH));
  }

  @ParameterizedTest
  @CsvSource({
    "ipv4-response, 192.0.2.1:32853",
    "ipv6-response, [2001:db8:1234:5678:11:2233:4455:6677]:32853"
  })
  void addressesComeOutAndGoInAlike(String name, String expected) {
    assertTrue(decode(vector(name)));
    var address = XorAddress.decode(message, message.find(Attribute.XOR_MAPPED_ADDRESS));
    assertEquals(expected, String.valueOf(address));
    var written = Unpooled.buffer();
    new StunWriter(written, MessageClass.SUCCESS, Method.BINDING, message.transactionId())
        .address(Attribute.XOR_MAPPED_ADDRESS, Objects.requireNonNull(address));
    assertTrue(decode(written));
    assertEquals(address, XorAddress.decode(message, message.find(Attribute.XOR_MAPPED_ADDRESS)));
  }

  @ParameterizedTest
  @ValueSource(strings = {"sample-request", "ipv4-response", "ipv6-response", "long-term-request"})
  void noPrefixOfAMessageIsAMessage(String name) {
    var bytes = vector(name);
    for (int length = 0; length < bytes.readableBytes(); length++) {
      assertFalse(message.decode(bytes, 0, length), "a prefix of " + length + " bytes");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"sample-request", "ipv4-response", "ipv6-response"})
  void noFlippedBitPassesTheFingerprint(String name) {
    var bytes = vector(name);
    for (int bit = 0; bit < 8 * bytes.readableBytes(); bit++) {
      var flipped = bytes.copy();
      flipped.setByte(bit / 8, flipped.getByte(bit / 8) ^ 1 << bit % 8);
      boolean passes = decode(flipped) && message.hasFingerprint();
      assertFalse(passes, "bit " + bit);
    }
  }

  private boolean decode(ByteBuf bytes) {
    return message.decode(bytes, 0, bytes.readableBytes());
  }

  private static ByteBuf vector(String name) {
    String hex = String.join("", Resources.lines("/rfc5769/" + name + ".hex")).replace(" ", "");
    return Unpooled.wrappedBuffer(HexFormat.of().parseHex(hex));
  }
}
