package dev.hairpin.turnserver.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The test vectors of RFC 5769, which check themselves by HMAC and CRC, check the test client.
class Rfc5769Test {
  private static final Bytes SHORT_TERM_KEY = Bytes.utf8("VOkJxbRl1RmTxUk/WvJxBt");

  @ParameterizedTest
  @ValueSource(strings = {"sample-request", "ipv4-response", "ipv6-response"})
  void integrityAndFingerprintOfTheShortTermVectorsAreRight(String name) {
    var message = Message.decode(vector(name));
    assertTrue(message.isIntegrityValid(SHORT_TERM_KEY));
    assertTrue(message.isFingerprintValid());
    assertFalse(message.isIntegrityValid(Bytes.utf8("another key")));
  }

  @Test
  void theLongTermVectorIsRightAndTheBuilderMakesTheSameBytes() {
    var credential = new TurnCredential("マトリックス", "TheMatrIX");
    var message = Message.decode(vector("long-term-request"));
    assertTrue(message.isIntegrityValid(credential.key("example.org")));

    var built =
        MessageBuilder.of(MessageClass.REQUEST, Methods.BINDING, message.transaction())
            .text(Attributes.USERNAME, credential.username())
            .text(Attributes.NONCE, "f//499k954d6OL34oL9FSTvy64sA")
            .text(Attributes.REALM, "example.org")
            .integrity(credential.key("example.org"))
            .build();
    assertEquals(message.bytes(), built);
  }

  /// RFC 8489, appendix B.1.
  @Test
  void theVectorWithSha256AndUserhashIsRightAndTheBuilderMakesTheSameBytes() {
    var credential = new TurnCredential("マトリックス", "TheMatrIX");
    var message = Message.decode(vector("long-term-sha256-request"));
    var key = credential.sha256Key("example.org");
    assertTrue(message.isIntegritySha256Valid(key));
    assertFalse(message.isIntegritySha256Valid(credential.key("example.org")));

    var nonce = Bytes.utf8("obMatJos2AAACf//499k954d6OL34oL9FSTvy64sA");
    assertFalse(new Challenge("example.org", nonce).saysUsernameAnonymity()); // of all vectors
    var built =
        MessageBuilder.of(MessageClass.REQUEST, Methods.BINDING, message.transaction())
            .attribute(Attributes.USERHASH, credential.userhash("example.org"))
            .attribute(Attributes.NONCE, nonce)
            .text(Attributes.REALM, "example.org")
            .attribute(Attributes.PASSWORD_ALGORITHM, Bytes.octets(0, 2, 0, 0))
            .integritySha256(key)
            .build();
    assertEquals(message.bytes(), built);
  }

  @Test
  void addressesComeOutOfTheirXorForm() {
    assertEquals(
        new InetSocketAddress(InetAddress.ofLiteral("192.0.2.1"), 32853),
        Message.decode(vector("ipv4-response")).address(Attributes.XOR_MAPPED_ADDRESS));
    assertEquals(
        new InetSocketAddress(InetAddress.ofLiteral("2001:db8:1234:5678:11:2233:4455:6677"), 32853),
        Message.decode(vector("ipv6-response")).address(Attributes.XOR_MAPPED_ADDRESS));
  }

  @ParameterizedTest
  @ValueSource(strings = {"ipv4-response", "ipv6-response"})
  void theBuilderMakesTheSameResponses(String name) {
    var message = Message.decode(vector(name));
    var address = message.address(Attributes.XOR_MAPPED_ADDRESS);
    var ip = Bytes.of(address.getAddress().getAddress());
    var padding = Bytes.utf8(" "); // the vectors pad with spaces, the builder with zeros
    var built =
        MessageBuilder.of(MessageClass.SUCCESS, Methods.BINDING, message.transaction())
            .text(Attributes.SOFTWARE, "test vector")
            .xorAddress(Attributes.XOR_MAPPED_ADDRESS, ip, address.getPort())
            .build();
    var expected = message.bytes().slice(0, built.length()).with(2, built.slice(2, 4));
    assertEquals(expected, built.with(35, padding));
  }

  private static Bytes vector(String name) {
    return Bytes.hex(String.join("", Resources.lines("/rfc5769/" + name + ".hex")));
  }
}
