package dev.hairpin.turnserver.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.hairpin.turnserver.net.ListenUrl;
import dev.hairpin.turnserver.server.TurnServer;
import dev.hairpin.turnserver.testkit.Bytes;
import dev.hairpin.turnserver.testkit.Delivery;
import dev.hairpin.turnserver.testkit.EchoPeer;
import dev.hairpin.turnserver.testkit.TestTurnClient;
import dev.hairpin.turnserver.udp.UdpMode;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// An answer, and what a peer sent, come from the address that the client asked: it is connected to
/// that and hears no other.
class ServerAddressTest {
  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "AUTO")
  void everyListenerAnswersFromItsOwnAddress(UdpMode mode) {
    var listeners =
        List.of(ListenUrl.parse("udp://127.0.0.1:0"), ListenUrl.parse("udp://127.0.0.2:0"));
    var settings =
        Venue.settings(Venue.IPV4)
            .but(d -> d.listeners = listeners)
            .but(d -> d.udp = mode)
            .but(d -> d.loops = 2);
    try (var server = TurnServer.start(settings)) {
      for (var address : server.listenAddresses()) {
        assertServes(address.toInetSocketAddress());
      }
    }
  }

  @Test
  void aListenerOnAllAddressesAnswersFromTheOneThatWasAsked() {
    var everywhere = List.of(ListenUrl.parse("udp://0.0.0.0:0"));
    var settings =
        Venue.settings(Venue.IPV4)
            .but(d -> d.listeners = everywhere)
            .but(d -> d.udp = UdpMode.NATIVE)
            .but(d -> d.loops = 2);
    try (var server = TurnServer.start(settings)) {
      int port = server.listenAddresses().getFirst().port();
      for (String asked : List.of("127.0.0.1", "127.0.0.2")) {
        assertServes(new InetSocketAddress(InetAddress.ofLiteral(asked), port));
      }
    }
  }

  private static void assertServes(InetSocketAddress asked) {
    try (var client = TestTurnClient.to(asked, Venue.IPV4).withSecret(Venue.SECRET).as("alice");
        var peer = EchoPeer.at(Venue.IPV4)) {
      assertEquals(client.localAddress(), client.binding());
      var _ = client.allocate();
      client.permit(peer.address());
      client.send(peer.address(), Bytes.utf8("echo"));
      assertEquals(new Delivery.Indication(peer.address(), Bytes.utf8("echo")), client.receive());
    }
  }
}
