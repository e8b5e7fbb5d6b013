package dev.hairpin.turnserver.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// The test client over streams and coturn understand each other.
class StreamWireTest {
  private static final String SECRET = "a secret of this test";
  private static final InetAddress LOOPBACK = InetAddress.ofLiteral("127.0.0.1");
  private static final Duration PATIENCE = Duration.ofSeconds(5);

  @TempDir private static Path directory = Path.of("");
  private static Optional<TestCertificate> certificate = Optional.empty();
  private static Optional<Coturn> coturn = Optional.empty();

  enum Kind {
    TCP,
    TLS
  }

  @BeforeAll
  static void start() {
    certificate = Optional.of(TestCertificate.ec(directory, "turn.example"));
    coturn =
        Optional.of(
            Coturn.on(directory, LOOPBACK, SECRET)
                .withTcp()
                .withTls(certificate())
                .with("listening-ip=::1")
                .with("relay-ip=::1")
                .start());
  }

  @AfterAll
  static void stop() {
    coturn.ifPresent(Coturn::close);
  }

  @ParameterizedTest
  @EnumSource
  void payloadsOfEveryPaddingGoThereAndBack(Kind kind) {
    try (var client = client(kind);
        var peer = EchoPeer.at(LOOPBACK)) {
      var allocation = client.allocate();
      assertEquals(client.localAddress(), allocation.mapped());
      client.bind(0x4000, peer.address());
      for (int length = 1; length <= 4; length++) {
        var payload = Bytes.random(length);
        client.sendOnChannel(0x4000, payload);
        assertEquals(new Delivery.OnChannel(0x4000, payload), client.receive());
        client.send(peer.address(), payload);
        assertEquals(new Delivery.OnChannel(0x4000, payload), client.receive());
      }
      assertEquals(0, client.refresh(0));
    }
  }

  @ParameterizedTest
  @EnumSource
  void messagesAreFoundWhereverTheStreamIsCut(Kind kind) {
    try (var wire = wire(kind)) {
      var requests = new ArrayList<Bytes>();
      for (int i = 0; i < 3; i++) {
        requests.add(MessageBuilder.request(Methods.BINDING).build());
      }
      var all = requests.stream().reduce(Bytes.EMPTY, Bytes::plus);
      wire.send(all);
      wire.sendInPieces(all, 1);
      wire.sendInPieces(all, 7);
      for (int i = 0; i < 9; i++) {
        var response = Message.decode(received(wire));
        assertEquals(Message.decode(requests.get(i % 3)).transaction(), response.transaction());
        assertEquals(wire.localAddress(), response.address(Attributes.XOR_MAPPED_ADDRESS));
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void theEndOfAConnectionIsNoticed(Kind kind) {
    try (var wire = wire(kind)) {
      wire.closeOutput();
      wire.awaitEnd();
    }
  }

  @Test
  void anAnswerThatNobodyAskedForIsNoticed() {
    try (var client = client(Kind.TCP)) {
      client.sendRaw(MessageBuilder.request(Methods.BINDING).build());
      var error = assertThrows(AssertionError.class, client::binding);
      assertTrue(String.valueOf(error.getMessage()).startsWith("nobody asked for this"));
    }
  }

  @Test
  void theServedCertificateIsTheOneThatWasMade() {
    try (var wire = wire(Kind.TLS)) {
      assertEquals(certificate().certificate(), wire.servedCertificate());
      assertEquals("TLSv1.2", wire.tlsVersion()); // coturn 4.6.1 offers no later one
    }
  }

  @Test
  void aNameAndAProtocolAreAskedFor() {
    var profile =
        TlsProfile.trusting(certificate()).withServerName("turn.example").withAlpn("stun.turn");
    try (var wire = StreamWire.to(coturn().tlsAddress()).secured(profile)) {
      assertEquals("stun.turn", wire.applicationProtocol());
    }
  }

  @Test
  void aCertificateThatIsNotTrustedEndsTheHandshake() {
    var other = TlsProfile.trusting(TestCertificate.rsa(directory, "turn.example"));
    try (var wire = StreamWire.to(coturn().tlsAddress())) {
      assertThrows(UncheckedIOException.class, () -> wire.secured(other));
    }
  }

  @Test
  void keysAreToBeHadInEveryForm() throws Exception {
    var ec = certificate();
    var rsa = TestCertificate.rsa(directory, "rsa.example");
    assertEquals("-----BEGIN PRIVATE KEY-----", firstLine(ec.key()));
    assertEquals("-----BEGIN EC PRIVATE KEY-----", firstLine(ec.traditionalKey()));
    assertEquals("-----BEGIN PRIVATE KEY-----", firstLine(rsa.key()));
    assertEquals("-----BEGIN RSA PRIVATE KEY-----", firstLine(rsa.traditionalKey()));
    assertEquals("-----BEGIN ENCRYPTED PRIVATE KEY-----", firstLine(rsa.encryptedKey("open")));
    assertEquals("CN=rsa.example", rsa.certificate().getSubjectX500Principal().getName());
  }

  private static String firstLine(Path file) throws Exception {
    return Files.readAllLines(file).getFirst();
  }

  private static TestTurnClient client(Kind kind) {
    return TestTurnClient.over(wire(kind)).withSecret(SECRET).as("alice");
  }

  private static StreamWire wire(Kind kind) {
    return switch (kind) {
      case TCP -> StreamWire.to(coturn().address());
      case TLS -> StreamWire.to(coturn().tlsAddress()).secured(TlsProfile.trusting(certificate()));
    };
  }

  private static Bytes received(StreamWire wire) {
    return Optional.ofNullable(wire.receive(PATIENCE)).orElseThrow();
  }

  private static Coturn coturn() {
    return coturn.orElseThrow();
  }

  private static TestCertificate certificate() {
    return certificate.orElseThrow();
  }
}
