package dev.hairpin.turnserver.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.hairpin.turnserver.server.TurnServer;
import dev.hairpin.turnserver.telemetry.DropReason;
import dev.hairpin.turnserver.testkit.Await;
import dev.hairpin.turnserver.testkit.Bytes;
import dev.hairpin.turnserver.testkit.Delivery;
import dev.hairpin.turnserver.testkit.EchoPeer;
import dev.hairpin.turnserver.udp.UdpMode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/// What passes between client and peer, in both forms of UDP sockets and both address families.
class RelayTest {
  private static final int CHANNEL = 0x4000;
  private static final Duration PATIENCE = Duration.ofSeconds(5);

  static Stream<Arguments> modesAndFamilies() {
    return Stream.of(UdpMode.NATIVE, UdpMode.PORTABLE)
        .flatMap(mode -> Stream.of("127.0.0.1", "::1").map(ip -> Arguments.of(mode, ip)));
  }

  @ParameterizedTest
  @MethodSource("modesAndFamilies")
  void payloadsOfAnySizeComeBackUnchanged(UdpMode mode, String ip) {
    try (var server = server(mode, ip);
        var client = Venue.alice(server);
        var peer = EchoPeer.at(InetAddress.ofLiteral(ip))) {
      var _ = Venue.allocate(client);
      client.permit(peer.address());
      for (int size : new int[] {0, 1, 2, 3, 4, 5, 100, 1472, 9000, 65400}) {
        var payload = Bytes.random(size);
        client.send(peer.address(), payload);
        assertEquals(new Delivery.Indication(peer.address(), payload), client.receive());
      }
      client.bind(CHANNEL, peer.address());
      for (int size : new int[] {0, 1, 2, 3, 4, 5, 100, 1472, 9000, 65400}) {
        var payload = Bytes.random(size);
        client.sendOnChannel(CHANNEL, payload);
        assertEquals(new Delivery.OnChannel(CHANNEL, payload), client.receive());
      }
    }
  }

  @ParameterizedTest
  @MethodSource("modesAndFamilies")
  void aPeerIsHeardOnceItsAddressIsPermittedWhateverItsPort(UdpMode mode, String ip)
      throws IOException {
    try (var server = server(mode, ip);
        var client = Venue.alice(server);
        var permitted = new DatagramSocket(0, InetAddress.ofLiteral(ip));
        var another = new DatagramSocket(0, InetAddress.ofLiteral(ip))) {
      var relayed = Venue.allocate(client).relayed();
      send(another, relayed, "too early");
      Await.until(
          PATIENCE,
          () -> server.telemetry().get(DropReason.PEER_NOT_PERMITTED) == 1,
          () -> "the early datagram is dropped");
      client.permit((InetSocketAddress) permitted.getLocalSocketAddress());
      send(another, relayed, "now");
      assertEquals(
          new Delivery.Indication(
              (InetSocketAddress) another.getLocalSocketAddress(), Bytes.utf8("now")),
          client.receive());
      assertEquals(List.of(), client.deliveries());
    }
  }

  @ParameterizedTest
  @MethodSource("modesAndFamilies")
  void aChannelCarriesItsOwnPeerAndNoOther(UdpMode mode, String ip) throws IOException {
    try (var server = server(mode, ip);
        var client = Venue.alice(server);
        var bound = new DatagramSocket(0, InetAddress.ofLiteral(ip));
        var unbound = new DatagramSocket(0, InetAddress.ofLiteral(ip))) {
      var relayed = Venue.allocate(client).relayed();
      client.bind(CHANNEL, (InetSocketAddress) bound.getLocalSocketAddress());
      send(bound, relayed, "bound");
      assertEquals(new Delivery.OnChannel(CHANNEL, Bytes.utf8("bound")), client.receive());
      send(unbound, relayed, "unbound");
      assertEquals(
          new Delivery.Indication(
              (InetSocketAddress) unbound.getLocalSocketAddress(), Bytes.utf8("unbound")),
          client.receive());
    }
  }

  private static void send(DatagramSocket from, InetSocketAddress to, String text) {
    var bytes = Bytes.utf8(text).toArray();
    try {
      from.send(new DatagramPacket(bytes, bytes.length, to));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static TurnServer server(UdpMode mode, String ip) {
    return TurnServer.start(
        Venue.settings(InetAddress.ofLiteral(ip)).but(d -> d.udp = mode).but(d -> d.loops = 2));
  }
}
