package dev.hairpin.turnserver.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.hairpin.turnserver.net.IpAddress;
import dev.hairpin.turnserver.net.PortRange;
import dev.hairpin.turnserver.relay.RelaySettings;
import dev.hairpin.turnserver.server.TurnServer;
import dev.hairpin.turnserver.testkit.Bytes;
import dev.hairpin.turnserver.testkit.Delivery;
import dev.hairpin.turnserver.testkit.EchoPeer;
import dev.hairpin.turnserver.udp.UdpMode;
import java.net.InetAddress;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/// Clients of one address family, peers of the other (RFC 8656 §13).
class TranslationTest {
  private static final int CHANNEL = 0x4000;

  static Stream<Arguments> modesAndFamilies() {
    return Stream.of(UdpMode.NATIVE, UdpMode.PORTABLE)
        .flatMap(
            mode ->
                Stream.of(
                    Arguments.of(mode, Venue.IPV4, Venue.IPV6),
                    Arguments.of(mode, Venue.IPV6, Venue.IPV4)));
  }

  @ParameterizedTest
  @MethodSource("modesAndFamilies")
  void aClientReachesPeersOfTheOtherFamily(UdpMode mode, InetAddress here, InetAddress there) {
    var relay = new RelaySettings(List.of(IpAddress.of(there)), List.of(), PortRange.DYNAMIC);
    var settings =
        Venue.settings(here).but(d -> d.relay = relay).but(d -> d.udp = mode).but(d -> d.loops = 2);
    try (var server = TurnServer.start(settings);
        var client = Venue.alice(server);
        var peer = EchoPeer.at(there)) {
      int family = there.equals(Venue.IPV4) ? 1 : 2;
      assertEquals(there, client.allocate(m -> m.requestedFamily(family)).relayed().getAddress());
      client.permit(peer.address());
      for (int size : new int[] {0, 1, 1200, 1472, 9000, 65000}) { // the last ones in fragments
        var payload = Bytes.random(size);
        client.send(peer.address(), payload);
        assertEquals(new Delivery.Indication(peer.address(), payload), client.receive());
      }
      client.bind(CHANNEL, peer.address());
      for (int size : new int[] {0, 1, 1200, 1472, 9000, 65000}) {
        var payload = Bytes.random(size);
        client.sendOnChannel(CHANNEL, payload);
        assertEquals(new Delivery.OnChannel(CHANNEL, payload), client.receive());
      }
    }
  }
}
