package dev.hairpin.deploy.check;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.hairpin.turnserver.credential.SharedSecrets;
import dev.hairpin.turnserver.loop.ServiceSettings;
import dev.hairpin.turnserver.net.ListenUrl;
import dev.hairpin.turnserver.server.TurnServer;
import dev.hairpin.turnserver.server.TurnSettings;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class NatDiscoveryTest {
  static Stream<Arguments> everyKindOfNat() {
    return Stream.of(NatBehavior.values())
        .flatMap(m -> Stream.of(NatBehavior.values()).map(f -> Arguments.of(m, f)));
  }

  @ParameterizedTest
  @MethodSource("everyKindOfNat")
  void mappingAndFilteringAreToldApart(NatBehavior mapping, NatBehavior filtering)
      throws Exception {
    try (var nat = new FakeNat(mapping, filtering)) {
      var found = new NatDiscovery(nat.address()).run();
      assertEquals(mapping, found.mapping());
      assertEquals(filtering, found.filtering());
      assertTrue(found.isTranslated());
      assertEquals("198.51.100.7", found.mapped().ip().toString());
    }
  }

  @Test
  void coturnAndThisMachineHaveNoNatBetweenThem(@TempDir Path folder) throws Exception {
    int port = freePort();
    var process =
        new ProcessBuilder(
                "turnserver -n -L 127.0.0.1 -L 127.0.0.2 --no-cli --no-tls --no-dtls --no-tcp"
                    .split(" ", -1))
            .directory(folder.toFile())
            .redirectErrorStream(true);
    process.command().add("--listening-port=" + port);
    process.command().add("--alt-listening-port=" + freePort());
    process.command().add("--pidfile=" + folder.resolve("pid"));
    process.command().add("--log-file=stdout");
    process.redirectOutput(folder.resolve("log").toFile());
    var coturn = process.start();
    try {
      var found = new NatDiscovery(new InetSocketAddress("127.0.0.1", port)).run();
      assertFalse(found.isTranslated(), found.toString());
      assertEquals(NatBehavior.ENDPOINT_INDEPENDENT, found.mapping());
      assertEquals(NatBehavior.ENDPOINT_INDEPENDENT, found.filtering());
    } finally {
      coturn.destroyForcibly().waitFor();
    }
  }

  @Test
  void ourOwnServerHelpsAsWell() throws Exception {
    var listener = ListenUrl.parse("udp://127.0.0.1:0");
    var primary = listener.address();
    var other = ListenUrl.parse("udp://127.0.0.2:0").address();
    var discovery =
        new dev.hairpin.turnserver.loop.NatDiscovery(primary, other, primary.ip(), other.ip());
    var settings =
        TurnSettings.of(SharedSecrets.of("a secret of tests"), listener)
            .allowingPeers("127.0.0.0/8")
            .but(d -> d.service = with(discovery, d.service));
    try (var server = TurnServer.start(settings)) {
      var address = server.listenAddresses().getFirst().toInetSocketAddress();
      var found = new NatDiscovery(address).run();
      assertFalse(found.isTranslated(), found.toString());
      assertEquals(NatBehavior.ENDPOINT_INDEPENDENT, found.filtering());
    }
  }

  private static ServiceSettings with(
      dev.hairpin.turnserver.loop.NatDiscovery discovery, ServiceSettings rest) {
    return new ServiceSettings(
        rest.mode(), rest.features(), List.of(), "", discovery, rest.limits());
  }

  @Test
  void theReportSaysWhatFollows() throws Exception {
    try (var nat =
        new FakeNat(NatBehavior.ENDPOINT_INDEPENDENT, NatBehavior.ADDRESS_AND_PORT_DEPENDENT)) {
      var text = new StringWriter();
      int port = nat.address().getPort();
      var report = new NatReport("stun:127.0.0.1:" + port, new PrintWriter(text));
      assertTrue(report.run());
      assertTrue(text.toString().contains("\nNAT        yes\n"), text.toString());
      assertTrue(
          text.toString()
              .contains(
                  """
                  mapping    endpoint-independent
                  filtering  address-and-port-dependent

                  Direct calls succeed with most peers\
                  """),
          text.toString());
    }
  }

  @Test
  void aServerWithOneAddressIsOfNoHelp() {
    var url = ListenUrl.parse("udp://127.0.0.1:0");
    try (var server =
        TurnServer.start(TurnSettings.of(SharedSecrets.of("a secret of tests"), url))) {
      var address = server.listenAddresses().getFirst().toInetSocketAddress();
      var error = assertThrows(CheckException.class, () -> new NatDiscovery(address).run());
      assertTrue(
          String.valueOf(error.getMessage()).contains("no second address"), error.getMessage());
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"turn:127.0.0.1", "stuns:127.0.0.1", "stun:a?transport=tcp", "127.0.0.1", ""})
  void whatIsNoStunServerOverUdpIsRefused(String url) {
    var out = new PrintWriter(new StringWriter());
    assertThrows(IllegalArgumentException.class, () -> new NatReport(url, out));
  }

  private static int freePort() throws IOException {
    try (var socket = new DatagramSocket(0, InetAddress.getByName("127.0.0.1"))) {
      return socket.getLocalPort();
    }
  }
}
