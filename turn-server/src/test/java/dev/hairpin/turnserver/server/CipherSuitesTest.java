package dev.hairpin.turnserver.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.hairpin.turnserver.net.Transport;
import dev.hairpin.turnserver.testkit.Bytes;
import dev.hairpin.turnserver.testkit.StreamWire;
import dev.hairpin.turnserver.testkit.TestCertificate;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What the server makes of a ClientHello (RFC 8489 §6.2.3, BCP 195), written by hand: Java's own
/// client would not offer what is weak.
class CipherSuitesTest {
  private static final int ECDHE_RSA_AES_128_GCM = 0xC02F;
  private static final int DHE_RSA_AES_128_GCM = 0x009E;
  private static final int RSA_AES_128_GCM = 0x009C;
  private static final int ALERT = 21;
  private static final int HANDSHAKE = 22;

  @TempDir private Path folder = Path.of("");

  @Test
  void forwardSecrecyIsPreferredWhateverTheClientPrefers() {
    var hello = hello("00", RSA_AES_128_GCM, 0x002F, DHE_RSA_AES_128_GCM, ECDHE_RSA_AES_128_GCM);
    assertEquals(ECDHE_RSA_AES_128_GCM, answer(hello).suite());
  }

  @ParameterizedTest
  @ValueSource(
      ints = {
        RSA_AES_128_GCM, // no forward secrecy
        0x002F, // RSA_WITH_AES_128_CBC_SHA
        0x0005, // RSA_WITH_RC4_128_SHA
        0xC011, // ECDHE_RSA_WITH_RC4_128_SHA
        0x0009, // RSA_WITH_DES_CBC_SHA
        0x0015, // DHE_RSA_WITH_DES_CBC_SHA
        0xC012, // ECDHE_RSA_WITH_3DES_EDE_CBC_SHA
        0x0034, // DH_anon_WITH_AES_128_CBC_SHA
        0xC013, // ECDHE_RSA_WITH_AES_128_CBC_SHA: no AEAD
        0xC027, // ECDHE_RSA_WITH_AES_128_CBC_SHA256
        0x0033, // DHE_RSA_WITH_AES_128_CBC_SHA
        0x0002, // RSA_WITH_NULL_SHA
        0x0003 // RSA_EXPORT_WITH_RC4_40_MD5
      })
  void weakSuitesAreNotSpoken(int suite) {
    assertEquals(ALERT, answer(hello("00", suite)).contentType());
  }

  /// By a hello of bytes: Java's own client would refuse to speak them.
  @ParameterizedTest
  @ValueSource(ints = {0x0300, 0x0301, 0x0302})
  void versionsBefore12AreNotSpoken(int version) {
    var answer = answer(hello(version, "00", ECDHE_RSA_AES_128_GCM, 0xC013, 0xC014, 0x0033));
    assertEquals(ALERT, answer.contentType());
  }

  @Test
  void nothingIsCompressed() {
    assertEquals(0, answer(hello("0100", ECDHE_RSA_AES_128_GCM)).compression());
  }

  private Answer answer(Bytes hello) {
    try (var scene = StreamScene.secure(TestCertificate.rsa(folder, "localhost"));
        var wire = StreamWire.to(scene.address(Transport.TLS))) {
      wire.send(hello);
      var header = wire.receiveBytes(5);
      return new Answer(header.at(0), wire.receiveBytes(header.uint16At(3)));
    }
  }

  static Bytes hello(String compressions, int... suites) {
    return hello(0x0303, compressions, suites);
  }

  /// A ClientHello (RFC 5246 §7.4.1.2) in a record.
  private static Bytes hello(int version, String compressions, int... suites) {
    var list = Bytes.EMPTY;
    for (int suite : suites) {
      list = list.plus(Bytes.uint16(suite));
    }
    var extensions =
        Bytes.hex(
            "000a 0008 0006 001d 0017 0100" // groups: x25519, secp256r1, ffdhe2048
                + "000b 0002 01 00" // uncompressed points
                + "000d 000a 0008 0804 0401 0403 0805" // signatures
                + "ff01 0001 00"); // renegotiation_info
    var offered = Bytes.hex(compressions);
    var body =
        Bytes.uint16(version)
            .plus(Bytes.random(32))
            .plus(Bytes.hex("00"))
            .plus(Bytes.uint16(list.length()))
            .plus(list)
            .plus(Bytes.octets(offered.length()))
            .plus(offered)
            .plus(Bytes.uint16(extensions.length()))
            .plus(extensions);
    var message = Bytes.hex("01 00").plus(Bytes.uint16(body.length())).plus(body);
    return Bytes.hex("16 0301").plus(Bytes.uint16(message.length())).plus(message);
  }

  /// The first record that comes back.
  private record Answer(int contentType, Bytes content) {
    int suite() {
      return content.uint16At(afterSession());
    }

    int compression() {
      return content.at(afterSession() + 2);
    }

    /// Behind type, length, version, random and session id of a ServerHello.
    private int afterSession() {
      assertTrue(contentType == HANDSHAKE && content.at(0) == 2, () -> contentType + " " + content);
      int session = 4 + 2 + 32;
      return session + 1 + content.at(session);
    }
  }
}
