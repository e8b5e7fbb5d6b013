package dev.hairpin.turnserver.foreign;

import static dev.hairpin.turnserver.foreign.UclientRow.Ability.DONT_FRAGMENT;
import static dev.hairpin.turnserver.foreign.UclientRow.Ability.MOBILITY;
import static dev.hairpin.turnserver.foreign.UclientRow.Ability.TCP_RELAY;
import static dev.hairpin.turnserver.foreign.UclientRow.Carrier.DTLS;
import static dev.hairpin.turnserver.foreign.UclientRow.Carrier.TCP;
import static dev.hairpin.turnserver.foreign.UclientRow.Carrier.TLS;
import static dev.hairpin.turnserver.foreign.UclientRow.Carrier.UDP;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.parallel.ExecutionMode.CONCURRENT;

import dev.hairpin.turnserver.credential.SharedSecrets;
import dev.hairpin.turnserver.foreign.UclientRow.Ability;
import dev.hairpin.turnserver.foreign.UclientRow.Carrier;
import dev.hairpin.turnserver.loop.ServiceSettings.Feature;
import dev.hairpin.turnserver.net.IpAddress;
import dev.hairpin.turnserver.net.ListenUrl;
import dev.hairpin.turnserver.net.PortRange;
import dev.hairpin.turnserver.relay.RelaySettings;
import dev.hairpin.turnserver.server.Services;
import dev.hairpin.turnserver.server.TurnServer;
import dev.hairpin.turnserver.server.TurnSettings;
import dev.hairpin.turnserver.testkit.EchoPeer;
import dev.hairpin.turnserver.testkit.TestCertificate;
import dev.hairpin.turnserver.transport.StreamSettings.CertificateFiles;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// coturn's load generator loses nothing on any way through one server: every transport, family and
/// extension that the server has, in small runs side by side.
class UclientMatrixTest {
  /// What this server serves; the matrix has rows for these and no others.
  private static final List<Carrier> CARRIERS = List.of(UDP, TCP, TLS, DTLS);

  private static final Set<Ability> ABILITIES = Set.of(DONT_FRAGMENT, MOBILITY, TCP_RELAY);

  private static final String SECRET = "north";
  private static final List<String> HOSTS = List.of("127.0.0.1", "[::1]");
  private static final InetAddress LOOPBACK = InetAddress.ofLiteral("127.0.0.1");

  /// Apart from the listeners' address and from the ports that clients get, so that a relayed port
  /// is never taken by a client.
  private static final RelaySettings RELAY =
      new RelaySettings(
          List.of(IpAddress.parse("127.0.2.1"), IpAddress.parse("::1")),
          List.of(),
          new PortRange(61_000, 65_535));

  @TempDir private static Path directory = Path.of("");
  private static Optional<TurnServer> server = Optional.empty();
  private static Optional<EchoPeer> peer = Optional.empty();

  @BeforeAll
  static void start() {
    peer = Optional.of(EchoPeer.at(LOOPBACK));
    server =
        Optional.of(
            TurnServer.start(
                TurnSettings.of(SharedSecrets.of(SECRET), listeners().getFirst())
                    .but(d -> d.streams = d.streams.withCertificates(List.of(certificate())))
                    .but(d -> d.listeners = listeners())
                    .but(d -> d.relay = RELAY)
                    .but(
                        d -> d.service = Services.with(Set.of(Feature.MOBILITY, Feature.TCP_RELAY)))
                    .allowingPeers("127.0.0.1")));
  }

  @AfterAll
  static void stop() {
    server.ifPresent(TurnServer::close);
    peer.ifPresent(EchoPeer::close);
  }

  static Stream<UclientRow> rows() {
    return UclientRow.matrix(CARRIERS, ABILITIES, peer.orElseThrow().address());
  }

  @Execution(CONCURRENT)
  @ParameterizedTest
  @MethodSource("rows")
  void nothingIsLost(UclientRow row) {
    var run = Uclient.run(address(row), SECRET, row.options());
    assertEquals(0, run.exitCode(), () -> row + "\n" + run);
    assertTrue(run.sent() > 0, () -> row + "\n" + run);
    assertEquals(row.expectedOf(run.sent()), run.received(), () -> row + "\n" + run);
  }

  private static CertificateFiles certificate() {
    var made = TestCertificate.ec(directory, "turn.example");
    return new CertificateFiles(made.file(), made.key());
  }

  private static List<ListenUrl> listeners() {
    var urls = new ArrayList<ListenUrl>();
    for (var carrier : CARRIERS) {
      for (var host : HOSTS) {
        urls.add(ListenUrl.parse(carrier.scheme() + "://" + host + ":0"));
      }
    }
    return urls;
  }

  private static InetSocketAddress address(UclientRow row) {
    int index = CARRIERS.indexOf(row.carrier()) * HOSTS.size() + (row.onIpv6() ? 1 : 0);
    return server.orElseThrow().listenAddresses().get(index).toInetSocketAddress();
  }
}
