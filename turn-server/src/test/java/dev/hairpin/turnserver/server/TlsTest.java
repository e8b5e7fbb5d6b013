package dev.hairpin.turnserver.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.hairpin.turnserver.net.Transport;
import dev.hairpin.turnserver.telemetry.DropReason;
import dev.hairpin.turnserver.testkit.Bytes;
import dev.hairpin.turnserver.testkit.Delivery;
import dev.hairpin.turnserver.testkit.MessageBuilder;
import dev.hairpin.turnserver.testkit.Methods;
import dev.hairpin.turnserver.testkit.StreamWire;
import dev.hairpin.turnserver.testkit.TestCertificate;
import dev.hairpin.turnserver.testkit.TlsProfile;
import dev.hairpin.turnserver.transport.StreamSettings;
import dev.hairpin.turnserver.udp.UdpMode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// TURN over TLS: versions, certificates and how they change.
class TlsTest {
  private static final int CHANNEL = 0x4000;

  @TempDir private Path folder = Path.of("");

  @ParameterizedTest
  @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
  void turnPassesThroughTls(String version) {
    var certificate = TestCertificate.ec(folder, "localhost");
    var profile = TlsProfile.trusting(certificate).withVersions(version);
    try (var scene = StreamScene.secure(certificate);
        var wire = scene.tls(profile);
        var client = scene.over(wire)) {
      assertEquals(version, wire.tlsVersion());
      client.allocate();
      client.bind(CHANNEL, scene.peer.address());
      for (int length : new int[] {1, 160, 1_200, 20_000}) {
        var payload = Bytes.random(length);
        client.sendOnChannel(CHANNEL, payload);
        assertEquals(new Delivery.OnChannel(CHANNEL, payload), client.receive());
      }
    }
  }

  @Test
  void everyFormOfKeyIsRead() throws IOException {
    for (var made : List.of(TestCertificate.ec(folder, "a"), TestCertificate.rsa(folder, "a"))) {
      for (var key : List.of(made.key(), made.traditionalKey())) {
        assertServed(made, made.file(), key);
      }
    }
    // as `openssl ecparam -genkey` writes it: the parameters first
    var ec = TestCertificate.ec(folder, "b");
    var parameters =
        "-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n";
    var file =
        Files.writeString(folder.resolve("k"), parameters + Files.readString(ec.traditionalKey()));
    assertServed(ec, ec.file(), file);
    var both =
        Files.writeString(
            folder.resolve("both"), Files.readString(ec.file()) + Files.readString(ec.key()));
    assertServed(ec, both, both);
  }

  private static void assertServed(TestCertificate certificate, Path chain, Path key) {
    try (var scene =
            StreamScene.start(
                UdpMode.AUTO,
                List.of("tls://127.0.0.1:0"),
                d ->
                    d.streams =
                        StreamSettings.DEFAULT.withCertificates(
                            List.of(StreamScene.files(chain, key))));
        var client = scene.over(scene.tls(TlsProfile.trusting(certificate)))) {
      client.binding();
    }
  }

  @Test
  void aKeyThatCannotBeUsedStopsTheStartAndIsNamedButNotShown() throws IOException {
    var one = TestCertificate.ec(folder, "one");
    var other = TestCertificate.ec(folder, "other");
    var broken =
        Files.writeString(
            folder.resolve("broken"),
            "-----BEGIN PRIVATE KEY-----\nSECRET\n-----END PRIVATE KEY-----\n");
    for (var key :
        List.of(other.key(), one.encryptedKey("x"), one.file(), broken, folder.resolve("none"))) {
      var e = assertThrows(UncheckedIOException.class, () -> assertServed(one, one.file(), key));
      assertTrue(e.toString().contains(key.toString()), e::toString);
      for (Throwable t = e; t != null; t = t.getCause()) {
        assertTrue(!t.toString().contains("SECRET"), t::toString);
      }
    }
  }

  @Test
  void theNameThatAClientAsksForChoosesTheCertificate() throws IOException {
    var first = TestCertificate.ec(folder, "one.example.org");
    var second = TestCertificate.rsa(folder, "two.example.org");
    var wild = TestCertificate.ec(folder, "*.example.net");
    var any = TlsProfile.trusting(first, second, wild);
    try (var scene = StreamScene.secure(first, second, wild)) {
      assertEquals(first.certificate(), served(scene, any));
      assertEquals(first.certificate(), served(scene, any.withServerName("one.example.org")));
      assertEquals(second.certificate(), served(scene, any.withServerName("TWO.example.org")));
      assertEquals(wild.certificate(), served(scene, any.withServerName("x.example.net")));
      assertEquals(first.certificate(), served(scene, any.withServerName("x.y.example.net")));
      assertEquals(first.certificate(), served(scene, any.withServerName("unknown.org")));
    }
  }

  private static X509Certificate served(StreamScene scene, TlsProfile profile) {
    try (var wire = scene.tls(profile)) {
      return wire.servedCertificate();
    }
  }

  @Test
  void theProtocolsOfStunAreAgreedOn() {
    var certificate = TestCertificate.ec(folder, "localhost");
    var profile = TlsProfile.trusting(certificate);
    try (var scene = StreamScene.secure(certificate);
        var turn = scene.tls(profile.withAlpn("stun.turn"));
        var discovery = scene.tls(profile.withAlpn("h2", "stun.nat-discovery"));
        var none = scene.tls(profile)) {
      assertEquals("stun.turn", turn.applicationProtocol());
      assertEquals("stun.nat-discovery", discovery.applicationProtocol());
      assertEquals("", none.applicationProtocol());
      scene.over(turn).binding();
      scene.over(discovery).binding();
    }
  }

  @Test
  void plainAndTlsShareATcpListenerAndATlsListenerTakesOnlyTls() {
    var certificate = TestCertificate.ec(folder, "localhost");
    var profile = TlsProfile.trusting(certificate);
    try (var scene = StreamScene.secure(certificate);
        var plain = scene.over(scene.tcp());
        var secured = scene.over(scene.tcp().secured(profile));
        var refused = StreamWire.to(scene.address(Transport.TLS))) {
      plain.binding();
      secured.binding();
      refused.send(MessageBuilder.request(Methods.BINDING).build());
      refused.awaitEnd();
      assertEquals(1, scene.dropped(DropReason.TLS_FAILED));
    }
  }

  @Test
  void httpIsTurnedAwayWhereNobodyServesIt() {
    var certificate = TestCertificate.ec(folder, "localhost");
    try (var scene = StreamScene.secure(certificate);
        var wire = scene.tls(TlsProfile.trusting(certificate))) {
      wire.send(Bytes.utf8("GET / HTTP/1.1\r\n\r\n"));
      wire.awaitEnd();
    }
  }

  @Test
  void aHandshakeThatStopsIsClosed() {
    var certificate = TestCertificate.ec(folder, "localhost");
    try (var scene = StreamScene.secure(certificate);
        var wire = StreamWire.to(scene.address(Transport.TLS));
        var secured = scene.tls(TlsProfile.trusting(certificate))) {
      wire.send(Bytes.hex("1603010070"));
      scene.clock.advance(StreamSettings.DEFAULT.timeouts().handshake());
      wire.awaitEnd();
      scene.clock.advance(StreamSettings.DEFAULT.timeouts().firstMessage());
      secured.awaitEnd();
    }
  }

  @Test
  void aCertificateThatIsReplacedUnderLoadIsShownToTheNextHandshakeAndNothingIsLost()
      throws IOException {
    var old = TestCertificate.ec(folder, "localhost");
    var young = TestCertificate.rsa(folder, "localhost");
    var profile = TlsProfile.trusting(old, young);
    try (var scene = StreamScene.secure(old);
        var client = scene.over(scene.tls(profile))) {
      client.allocate();
      client.bind(CHANNEL, scene.peer.address());
      for (int i = 0; i < 300; i++) {
        var payload = Bytes.uint32(i);
        client.sendOnChannel(CHANNEL, payload);
        switch (i) {
          case 100 -> replace(young.file(), old.file()); // the key has not come yet
          case 200 -> replace(young.key(), old.key());
          default -> {}
        }
        if (i % 100 == 0) {
          scene.server.shared.streams().identities().refresh();
          assertEquals(i < 200 ? old.certificate() : young.certificate(), served(scene, profile));
        }
        assertEquals(new Delivery.OnChannel(CHANNEL, payload), client.receive());
      }
      Files.delete(old.key());
      scene.server.shared.streams().identities().refresh();
      assertEquals(young.certificate(), served(scene, profile));
    }
  }

  private static void replace(Path by, Path what) throws IOException {
    Files.copy(by, what, StandardCopyOption.REPLACE_EXISTING);
    Files.setLastModifiedTime(what, FileTime.from(Instant.now().plusSeconds(5)));
  }
}
