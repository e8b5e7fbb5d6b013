package dev.hairpin.turnserver.foreign;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import dev.hairpin.turnserver.credential.SharedSecrets;
import dev.hairpin.turnserver.net.IpAddress;
import dev.hairpin.turnserver.net.ListenUrl;
import dev.hairpin.turnserver.net.Transport;
import dev.hairpin.turnserver.net.TransportAddress;
import dev.hairpin.turnserver.server.Services;
import dev.hairpin.turnserver.server.TurnServer;
import dev.hairpin.turnserver.server.TurnSettings;
import dev.hairpin.turnserver.testkit.Coturn;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// coturn's `turnutils_natdiscovery` finds no NAT between itself and a server on loopback that has
/// two addresses and two ports (RFC 5780).
class NatDiscoveryTest {
  private static final InetAddress FIRST = InetAddress.ofLiteral("127.0.0.1");
  private static final InetAddress SECOND = InetAddress.ofLiteral("127.0.0.2");
  private static final String NO_NAT = "No NAT! (Endpoint Independent Mapping)";

  private static final List<String> NO_NAT_AT_ALL =
      List.of(
          NO_NAT,
          "NAT with Endpoint Independent Mapping!",
          NO_NAT,
          "NAT with Endpoint Independent Filtering!");

  @TempDir private Path directory = Path.of("");

  @Test
  void coturnIsUnderstoodAsItUnderstandsItself() {
    try (var coturn = Coturn.on(directory, FIRST, "north").withDiscovery(SECOND).start()) {
      assertMappingAndFilteringAreFound(coturn.address());
      assertALifetimeIsMeasured(coturn.address());
    }
  }

  @Test
  void thisServerIsUnderstoodByItToo() {
    try (var server = TurnServer.start(settings())) {
      var primary = server.listenAddresses().getFirst().toInetSocketAddress();
      var run = NatDiscovery.run(primary, "-m", "-f");
      assertEquals(NO_NAT_AT_ALL, run.findings(), run::toString);
      assertEquals(4, run.answers().size(), run::toString);
      assertALifetimeIsMeasured(primary);
      var padded = NatDiscovery.run(primary, "-m", "-f", "-P");
      assertEquals(NO_NAT_AT_ALL, padded.findings(), padded::toString);
    }
  }

  private static TurnSettings settings() {
    var primary = new TransportAddress(IpAddress.of(FIRST), 0);
    var other = new TransportAddress(IpAddress.of(SECOND), 0);
    return TurnSettings.of(SharedSecrets.of("north"), new ListenUrl(Transport.UDP, primary))
        .allowingPeers("127.0.0.0/8")
        .but(d -> d.service = Services.with(Services.discovery(primary, other)));
  }

  @Test
  void aServerWithoutASecondAddressLetsNothingBeFound() {
    try (var coturn = Coturn.on(directory, FIRST, "north").start()) {
      var run = NatDiscovery.run(coturn.address(), "-f");
      assertEquals(List.of(), run.answers(), run::toString);
      assertEquals(List.of(NO_NAT), run.findings(), run::toString);
    }
  }

  /// Mapping asks the first port of both addresses; filtering has the other address and port answer
  /// to a question that went to the first.
  private static void assertMappingAndFilteringAreFound(InetSocketAddress server) {
    var run = NatDiscovery.run(server, "-m", "-f");
    assertEquals(NO_NAT_AT_ALL, run.findings(), run::toString);
    String other = run.answers().getFirst().other();
    int otherPort = Integer.parseInt(other.substring(other.indexOf(':') + 1));
    assertNotEquals(server.getPort(), otherPort);
    assertEquals(text(SECOND, otherPort), other);
    assertEquals(
        List.of(
            text(FIRST, server.getPort()),
            text(SECOND, server.getPort()),
            text(FIRST, server.getPort()),
            other),
        run.answers().stream().map(NatDiscovery.Answer::origin).toList(),
        run::toString);
    assertEquals(
        Collections.nCopies(4, other),
        run.answers().stream().map(NatDiscovery.Answer::other).toList(),
        run::toString);
  }

  /// The second question goes out from a new socket and asks to be answered at the first one's port
  /// (RESPONSE-PORT, RFC 5780 §7.5); only the first one listens.
  private static void assertALifetimeIsMeasured(InetSocketAddress server) {
    var run = NatDiscovery.run(server, "-t", "-T", "1");
    assertEquals(2, run.answers().size(), run::toString);
    assertNotEquals(
        run.answers().getFirst().mapped(), run.answers().getLast().mapped(), run::toString);
  }

  private static String text(InetAddress ip, int port) {
    return ip.getHostAddress() + ":" + port;
  }
}
