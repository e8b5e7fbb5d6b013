package dev.hairpin.turnserver.foreign;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.parallel.ExecutionMode.CONCURRENT;

import dev.hairpin.turnserver.credential.SharedSecrets;
import dev.hairpin.turnserver.net.IpAddress;
import dev.hairpin.turnserver.net.ListenUrl;
import dev.hairpin.turnserver.net.PortRange;
import dev.hairpin.turnserver.relay.RelaySettings;
import dev.hairpin.turnserver.server.TurnServer;
import dev.hairpin.turnserver.server.TurnSettings;
import dev.hairpin.turnserver.telemetry.Counter;
import dev.hairpin.turnserver.telemetry.DropReason;
import dev.hairpin.turnserver.testkit.EchoPeer;
import dev.hairpin.turnserver.testkit.TestCertificate;
import dev.hairpin.turnserver.transport.StreamSettings.CertificateFiles;
import dev.hairpin.turnserver.udp.UdpMode;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// coturn's load generator loses nothing through this server. With `-y` its clients talk to each
/// other from relayed address to relayed address, which the default policy allows; without, they
/// talk to a peer on loopback, which must be allowed by settings; `-c` leaves out the second peer
/// that RTCP would need. Each run takes some seconds, most of which the tool sleeps, so the runs go
/// side by side.
class UclientTest {
  private static final String SECRET = "north";
  private static final PortRange UPPER_PORTS = new PortRange(61_000, 65_535);
  private static final AtomicInteger RELAYS = new AtomicInteger();
  private static final InetAddress LOOPBACK = InetAddress.ofLiteral("127.0.0.1");

  @Execution(CONCURRENT)
  @ParameterizedTest
  @EnumSource(names = {"NATIVE", "PORTABLE"})
  void clientsReachEachOtherByChannels(UdpMode mode) {
    try (var server =
        TurnServer.start(settings("127.0.0.1").but(d -> d.udp = mode).but(d -> d.loops = 2))) {
      assertFlawless(server, "-y", "-m", "20", "-n", "50", "-l", "170");
    }
  }

  @Execution(CONCURRENT)
  @ParameterizedTest
  @EnumSource(names = {"NATIVE", "PORTABLE"})
  void clientsReachEachOtherByIndications(UdpMode mode) {
    try (var server =
        TurnServer.start(settings("127.0.0.1").but(d -> d.udp = mode).but(d -> d.loops = 2))) {
      assertFlawless(server, "-y", "-s", "-m", "20", "-n", "50", "-l", "170");
    }
  }

  @Execution(CONCURRENT)
  @ParameterizedTest
  @EnumSource(names = {"NATIVE", "PORTABLE"})
  void clientsReachEachOtherByIndicationsThatMayNotBeCut(UdpMode mode) {
    try (var server =
        TurnServer.start(settings("127.0.0.1").but(d -> d.udp = mode).but(d -> d.loops = 2))) {
      assertFlawless(server, "-y", "-s", "-g", "-m", "10", "-n", "50", "-l", "170");
    }
  }

  @Execution(CONCURRENT)
  @Test
  void manyLargeMessagesPass() {
    try (var server = TurnServer.start(settings("127.0.0.1"))) {
      assertFlawless(server, "-y", "-m", "10", "-n", "200", "-l", "1200", "-z", "10");
    }
  }

  @Execution(CONCURRENT)
  @ParameterizedTest
  @EnumSource(names = {"NATIVE", "PORTABLE"})
  void clientsReachEachOtherOverDtls(UdpMode mode, @TempDir Path directory) {
    try (var server =
        TurnServer.start(dtls(directory).but(d -> d.udp = mode).but(d -> d.loops = 2))) {
      assertFlawless(server, "-S", "-y", "-m", "20", "-n", "50", "-l", "170");
      assertFlawless(server, "-S", "-y", "-s", "-m", "5", "-n", "50", "-l", "1200");
      assertEquals(0, server.telemetry().get(DropReason.INTERNAL_FAULT));
    }
  }

  @Execution(CONCURRENT)
  @Test
  void clientsReachEachOtherOnIpv6() {
    try (var server = TurnServer.start(settings("[::1]"))) {
      assertFlawless(server, "-y", "-x", "-m", "10", "-n", "50");
    }
  }

  @Execution(CONCURRENT)
  @Test
  void aPeerThatTheSettingsAllowEchoesByChannels() {
    try (var server = TurnServer.start(settings("127.0.0.1").allowingPeers("127.0.0.0/8"));
        var peer = EchoPeer.at(LOOPBACK)) {
      assertFlawless(server, "-c", "-e", "127.0.0.1", "-r", port(peer), "-m", "10", "-n", "50");
    }
  }

  @Execution(CONCURRENT)
  @Test
  void aPeerThatTheSettingsAllowEchoesByIndications() {
    try (var server = TurnServer.start(settings("127.0.0.1").allowingPeers("127.0.0.0/8"));
        var peer = EchoPeer.at(LOOPBACK)) {
      assertFlawless(
          server, "-c", "-s", "-e", "127.0.0.1", "-r", port(peer), "-m", "10", "-n", "50");
    }
  }

  @Execution(CONCURRENT)
  @Test
  void aPeerOnLoopbackIsOutOfReachByDefault() {
    try (var server = TurnServer.start(settings("127.0.0.1"));
        var peer = EchoPeer.at(LOOPBACK)) {
      var run =
          Uclient.run(
              address(server), SECRET, "-e", "127.0.0.1", "-r", port(peer), "-m", "2", "-n", "5");
      assertFalse(run.isFlawless(), run::toString);
      assertEquals(0, server.telemetry().get(Counter.TO_PEER_PACKETS));
    }
  }

  @Execution(CONCURRENT)
  @Test
  void aWrongSecretGetsNothingThrough() {
    try (var server = TurnServer.start(settings("127.0.0.1"))) {
      var run = Uclient.run(address(server), "south", "-y", "-m", "2", "-n", "5");
      assertFalse(run.isFlawless(), run::toString);
      assertTrue(server.telemetry().errors(401) > 0);
      assertEquals(0, server.telemetry().get(Counter.ALLOCATIONS_OPENED));
    }
  }

  @Execution(CONCURRENT)
  @Test
  void nothingPassesThroughAServerThatWasStopped() {
    var server = TurnServer.start(settings("127.0.0.1"));
    var address = address(server);
    server.close();
    var run = Uclient.run(address, SECRET, "-y", "-m", "2", "-n", "5");
    assertFalse(run.isFlawless(), run::toString);
  }

  /// Nothing is lost, and the server's own counters tell of all that passed.
  private static void assertFlawless(TurnServer server, String... options) {
    var run = Uclient.run(address(server), SECRET, options);
    assertTrue(run.isFlawless(), run::toString);
    var telemetry = server.telemetry();
    assertTrue(telemetry.get(Counter.TO_PEER_PACKETS) >= run.sent(), telemetry::toString);
    assertTrue(telemetry.get(Counter.TO_CLIENT_PACKETS) >= run.received(), telemetry::toString);
  }

  /// Settings with every default but the relayed addresses: tests that run at the same time must
  /// not take each other's ports, nor may clients, who get theirs from the lower half of the range.
  private static TurnSettings settings(String host) {
    String relay = host.equals("[::1]") ? "::1" : "127.0.1." + RELAYS.incrementAndGet();
    return TurnSettings.of(SharedSecrets.of(SECRET), ListenUrl.parse("udp://" + host + ":0"))
        .but(
            d ->
                d.relay =
                    new RelaySettings(List.of(IpAddress.parse(relay)), List.of(), UPPER_PORTS));
  }

  private static TurnSettings dtls(Path directory) {
    var certificate = TestCertificate.ec(directory, "turn.example");
    var files = new CertificateFiles(certificate.file(), certificate.key());
    return settings("127.0.0.1")
        .but(
            d -> {
              d.listeners = List.of(ListenUrl.parse("dtls://127.0.0.1:0"));
              d.streams = d.streams.withCertificates(List.of(files));
            });
  }

  private static InetSocketAddress address(TurnServer server) {
    return server.listenAddresses().getFirst().toInetSocketAddress();
  }

  private static String port(EchoPeer peer) {
    return Integer.toString(peer.address().getPort());
  }
}
