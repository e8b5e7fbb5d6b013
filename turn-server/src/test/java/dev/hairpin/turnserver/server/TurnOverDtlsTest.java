package dev.hairpin.turnserver.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.hairpin.turnserver.credential.SharedSecrets;
import dev.hairpin.turnserver.net.ListenUrl;
import dev.hairpin.turnserver.telemetry.Counter;
import dev.hairpin.turnserver.telemetry.DropReason;
import dev.hairpin.turnserver.testkit.Await;
import dev.hairpin.turnserver.testkit.Bytes;
import dev.hairpin.turnserver.testkit.ChildProcess;
import dev.hairpin.turnserver.testkit.Delivery;
import dev.hairpin.turnserver.testkit.DtlsWire;
import dev.hairpin.turnserver.testkit.EchoPeer;
import dev.hairpin.turnserver.testkit.TestCertificate;
import dev.hairpin.turnserver.testkit.TestTurnClient;
import dev.hairpin.turnserver.transport.StreamSettings.CertificateFiles;
import dev.hairpin.turnserver.udp.UdpMode;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// TURN over DTLS (RFC 7350) through the whole server.
@SuppressWarnings("NullAway.Init") // made before all tests
class TurnOverDtlsTest {
  private static final String SECRET = "a secret of this test";
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private static TestCertificate certificate;

  @BeforeAll
  static void makeCertificate(@TempDir Path directory) {
    certificate = TestCertificate.ec(directory, "turn.example");
  }

  @ParameterizedTest
  @CsvSource({"NATIVE,127.0.0.1", "NATIVE,::1", "PORTABLE,127.0.0.1", "PORTABLE,::1"})
  void payloadsGoThereAndBack(UdpMode mode, String ip) {
    try (var server = TurnServer.start(settings(ip).but(d -> d.udp = mode).but(d -> d.loops = 2));
        var client = client(server);
        var peer = EchoPeer.at(address(server).getAddress())) {
      assertEquals(client.localAddress(), client.binding());
      int family = ip.contains(":") ? 2 : 1;
      var allocation = client.allocate(m -> m.requestedFamily(family));
      assertEquals(client.localAddress(), allocation.mapped());
      client.permit(peer.address());
      client.send(peer.address(), Bytes.utf8("by indication"));
      assertEquals(
          new Delivery.Indication(peer.address(), Bytes.utf8("by indication")), client.receive());
      client.bind(0x4000, peer.address());
      for (int size : new int[] {0, 1, 2, 3, 1_300}) { // without padding, as over UDP
        var payload = Bytes.random(size);
        client.sendOnChannel(0x4000, payload);
        assertEquals(new Delivery.OnChannel(0x4000, payload), client.receive());
      }
      assertEquals(0, client.refresh(0));
      assertEquals(0, server.telemetry().liveAllocations());
    }
  }

  @Test
  void aListenerOnAllAddressesAnswersFromTheOneThatWasAsked() {
    var everywhere = List.of(ListenUrl.parse("dtls://0.0.0.0:0"));
    try (var server = TurnServer.start(settings("127.0.0.1").but(d -> d.listeners = everywhere));
        var wire =
            DtlsWire.to(
                new InetSocketAddress(
                    InetAddress.ofLiteral("127.0.0.2"), address(server).getPort()),
                InetAddress.ofLiteral("127.0.0.1"));
        var client = TestTurnClient.over(wire)) {
      assertEquals(client.localAddress(), client.binding());
    }
  }

  @Test
  void closeNotifyTakesTheAllocationAlong() {
    try (var server = TurnServer.start(settings("127.0.0.1"))) {
      var wire = DtlsWire.to(address(server));
      try (var client = TestTurnClient.over(wire).withSecret(SECRET).as("alice")) {
        client.allocate();
        assertEquals(1, server.telemetry().liveAllocations());
        wire.takeLeave();
        Await.until(PATIENCE, () -> server.telemetry().liveAllocations() == 0, () -> "it lives on");
        assertEquals(1, server.telemetry().get(Counter.DTLS_SESSIONS_CLOSED));
      }
    }
  }

  @Test
  void aPeersDatagramLargerThanARecordIsDropped() throws IOException {
    try (var server = TurnServer.start(settings("127.0.0.1"));
        var client = client(server);
        var peer = new DatagramSocket(new InetSocketAddress("127.0.0.1", 0))) {
      var relayed = client.allocate().relayed();
      var from = (InetSocketAddress) peer.getLocalSocketAddress();
      client.bind(0x4000, from);
      peer.send(new DatagramPacket(new byte[16_381], 16_381, relayed));
      Await.until(
          PATIENCE,
          () -> server.telemetry().get(DropReason.TOO_LARGE) == 1,
          () -> "it was not dropped");
      peer.send(new DatagramPacket(new byte[1_300], 1_300, relayed));
      assertEquals(new Delivery.OnChannel(0x4000, Bytes.of(new byte[1_300])), client.receive());
    }
  }

  /// RFC 8489 §11: DTLS came later than classic STUN.
  @Test
  void aRequestWithoutTheMagicCookieGets500AndAnIndicationNothing() {
    try (var server = TurnServer.start(settings("127.0.0.1"));
        var wire = DtlsWire.to(address(server))) {
      for (String type : List.of("0001", "0002", "0003", "0ee1")) {
        var id = Bytes.octets(0x17).plus(Bytes.random(15)); // never the magic cookie
        wire.send(Bytes.hex("0011 0000").plus(id));
        wire.send(Bytes.hex(type + "0000").plus(id));
        var answer = Objects.requireNonNull(wire.receive(PATIENCE));
        int asError = Bytes.hex(type).uint16At(0) | 0x0110;
        assertEquals(
            Bytes.uint16(asError)
                .plus(Bytes.hex("0008"))
                .plus(id)
                .plus(Bytes.hex("0009 0004 0000 0500")),
            answer);
      }
      assertEquals(4, server.telemetry().errors(500));
    }
  }

  @Test
  void plaintextThatIsNeitherStunNorChannelDataIsDropped() {
    try (var server = TurnServer.start(settings("127.0.0.1"));
        var client = client(server)) {
      client.sendRaw(Bytes.utf8("\u00e9"));
      assertEquals(client.localAddress(), client.binding());
      assertEquals(1, server.telemetry().get(DropReason.NOT_STUN_NOR_CHANNEL_DATA));
    }
  }

  @Test
  void theServerTakesLeaveOfItsClients() {
    var server = TurnServer.start(settings("127.0.0.1"));
    try (var wire = DtlsWire.to(address(server))) {
      var client = TestTurnClient.over(wire).withSecret(SECRET).as("alice");
      client.allocate();
      server.close();
      var alert = wire.receiveDatagram();
      assertEquals(21, alert.at(0));
    }
  }

  /// It would cost every start the time to load it.
  @Test
  void nothingOfDtlsIsLoadedWithoutAListener() {
    String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    var command =
        List.of(
            java,
            "--enable-native-access=ALL-UNNAMED",
            "-Xlog:class+load",
            "-cp",
            System.getProperty("java.class.path"),
            PlainServer.class.getName());
    try (var process = ChildProcess.start(command)) {
      assertEquals(0, process.awaitExit(Duration.ofSeconds(30)));
      var loaded = process.output();
      assertTrue(loaded.stream().anyMatch(line -> line.contains("RelayLoop")), "nothing is seen");
      var needless =
          loaded.stream()
              .filter(line -> line.contains("bouncycastle") || line.contains("transport.dtls"))
              .toList();
      assertEquals(List.of(), needless);
      assertFalse(loaded.isEmpty());
    }
  }

  /// Starts and stops a server without DTLS.
  static final class PlainServer {
    private PlainServer() {}

    public static void main(String[] arguments) {
      var listener = ListenUrl.parse("udp://127.0.0.1:0");
      TurnServer.start(TurnSettings.of(SharedSecrets.of(SECRET), listener)).close();
    }
  }

  private static TurnSettings settings(String ip) {
    String host = ip.contains(":") ? "[" + ip + "]" : ip;
    var files = new CertificateFiles(certificate.file(), certificate.key());
    return TurnSettings.of(SharedSecrets.of(SECRET), ListenUrl.parse("udp://" + host + ":0"))
        .but(
            d -> {
              d.listeners = List.of(ListenUrl.parse("dtls://" + host + ":0"));
              d.streams = d.streams.withCertificates(List.of(files));
            })
        .allowingPeers("127.0.0.0/8", "::1");
  }

  private static TestTurnClient client(TurnServer server) {
    return TestTurnClient.over(DtlsWire.to(address(server))).withSecret(SECRET).as("alice");
  }

  private static InetSocketAddress address(TurnServer server) {
    return server.listenAddresses().getFirst().toInetSocketAddress();
  }
}
