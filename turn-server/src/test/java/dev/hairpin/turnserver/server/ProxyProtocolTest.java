package dev.hairpin.turnserver.server;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.hairpin.turnserver.net.IpPrefix;
import dev.hairpin.turnserver.net.Transport;
import dev.hairpin.turnserver.telemetry.DropReason;
import dev.hairpin.turnserver.testkit.Bytes;
import dev.hairpin.turnserver.testkit.MessageBuilder;
import dev.hairpin.turnserver.testkit.Methods;
import dev.hairpin.turnserver.testkit.TestCertificate;
import dev.hairpin.turnserver.testkit.TestTurnClient;
import dev.hairpin.turnserver.testkit.TlsProfile;
import dev.hairpin.turnserver.udp.UdpMode;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Load balancers tell who their clients are, and nobody else is believed.
class ProxyProtocolTest {
  private static final String BALANCER = "127.0.0.1/32";
  private static final String SIGNATURE = "0d0a0d0a000d0a515549540a";
  private static final Bytes BINDING = MessageBuilder.request(Methods.BINDING).build();

  @TempDir private Path folder = Path.of("");

  @Test
  void theClientOfAHeaderIsTheOneThatIsMapped() {
    assertMapped(
        "198.51.100.7", 4711, Bytes.utf8("PROXY TCP4 198.51.100.7 192.0.2.1 4711 443\r\n"));
    assertMapped(
        "2001:db8::7", 4711, Bytes.utf8("PROXY TCP6 2001:db8::7 2001:db8::1 4711 443\r\n"));
    assertMapped("198.51.100.7", 4711, Bytes.hex(SIGNATURE + "2111000cc6336407c0000201126701bb"));
  }

  private static void assertMapped(String ip, int port, Bytes header) {
    for (int size : new int[] {1, 1_000}) {
      try (var scene = StreamScene.behindBalancer(BALANCER);
          var wire = scene.tcp()) {
        wire.sendInPieces(header, size);
        assertEquals(new InetSocketAddress(ip, port), scene.over(wire).binding());
      }
    }
  }

  @Test
  void aBalancerSpeaksForItselfWhereItSaysSo() {
    try (var scene = StreamScene.behindBalancer(BALANCER);
        var wire = scene.tcp();
        var other = scene.tcp()) {
      wire.send(Bytes.hex(SIGNATURE + "20000000"));
      assertEquals(wire.localAddress(), scene.over(wire).binding());
      other.send(Bytes.utf8("PROXY UNKNOWN\r\n"));
      assertEquals(other.localAddress(), scene.over(other).binding());
    }
  }

  @Test
  void tlsMayFollowTheHeader() {
    var certificate = TestCertificate.ec(folder, "localhost");
    try (var scene = StreamScene.behindBalancer(BALANCER, certificate);
        var wire = scene.tcp()) {
      wire.send(Bytes.utf8("PROXY TCP4 198.51.100.7 192.0.2.1 4711 443\r\n"));
      try (var client = scene.over(wire.secured(TlsProfile.trusting(certificate)))) {
        assertEquals(new InetSocketAddress("198.51.100.7", 4711), client.binding());
      }
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "00010000", // a request without a header
        "50524f585920544350342066697368", // PROXY TCP4 fish
        SIGNATURE + "3111000cc6336407c0000201126701bb", // version 3
        SIGNATURE + "21110002c633" // an IPv4 address of two bytes
      })
  void aBalancerWithoutAProperHeaderIsClosed(String hex) {
    try (var scene = StreamScene.behindBalancer(BALANCER);
        var wire = scene.tcp()) {
      wire.send(
          Bytes.hex(hex)
              .plus(BINDING)
              .plus(BINDING)
              .plus(BINDING)
              .plus(BINDING)
              .plus(BINDING)
              .plus(BINDING)
              .plus(BINDING));
      wire.awaitEnd();
      scene.awaitDrops(DropReason.MALFORMED_PROXY_HEADER, 1);
    }
  }

  @Test
  void aHeaderIsReadNeitherInADatagramNorWithinTls() {
    var header = Bytes.utf8("PROXY TCP4 198.51.100.7 192.0.2.1 4711 443\r\n");
    var certificate = TestCertificate.ec(folder, "localhost");
    try (var scene =
            StreamScene.start(
                UdpMode.AUTO,
                List.of("udp://127.0.0.1:0", "tcp://127.0.0.1:0"),
                d ->
                    d.streams =
                        Services.behind(
                            StreamScene.shown(certificate), List.of(IpPrefix.parse(BALANCER))));
        var datagrams = TestTurnClient.to(scene.address(Transport.UDP));
        var wire = scene.tcp()) {
      datagrams.sendRaw(header.plus(BINDING));
      scene.awaitDrops(DropReason.NO_ALLOCATION, 1); // it looks like ChannelData
      assertEquals(datagrams.localAddress(), datagrams.binding());
      wire.send(header);
      var within = wire.secured(TlsProfile.trusting(certificate));
      within.send(header.plus(BINDING));
      within.awaitEnd();
      scene.awaitDrops(DropReason.NOT_STUN_NOR_CHANNEL_DATA, 1);
    }
  }

  @Test
  void aProbeThatOnlyConnectsIsNoFailure() {
    try (var scene = StreamScene.plain(UdpMode.AUTO)) {
      for (int i = 0; i < 20; i++) {
        scene.tcp().close();
      }
      scene.over(scene.tcp()).binding();
      for (var reason : DropReason.values()) {
        assertEquals(0, scene.dropped(reason), reason::toString);
      }
    }
  }

  @Test
  void nobodyElseIsBelieved() {
    try (var scene = StreamScene.behindBalancer("127.9.0.0/16");
        var wire = scene.tcp()) {
      wire.send(Bytes.utf8("PROXY TCP4 198.51.100.7 192.0.2.1 4711 443\r\n").plus(BINDING));
      wire.awaitEnd();
      assertEquals(1, scene.dropped(DropReason.NOT_STUN_NOR_CHANNEL_DATA));
    }
  }
}
