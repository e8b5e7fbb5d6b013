package dev.hairpin.turnserver.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.hairpin.turnserver.server.TurnServer;
import dev.hairpin.turnserver.telemetry.Counter;
import dev.hairpin.turnserver.telemetry.DropReason;
import dev.hairpin.turnserver.testkit.Bytes;
import dev.hairpin.turnserver.testkit.Canary;
import dev.hairpin.turnserver.testkit.Delivery;
import dev.hairpin.turnserver.testkit.TestTurnClient;
import dev.hairpin.turnserver.udp.UdpMode;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Peers that are not there: what the client is told, and that nobody else suffers. Loopback
/// answers a datagram to a closed port before the call that sent it returns, so each such error
/// stands in the way of the next datagram.
class IcmpTest {
  private static final int DEAD_CHANNEL = 0x4000;
  private static final int LIVE_CHANNEL = 0x4001;
  private static final int ROUNDS = 40;
  private static final int ROUND = 25;

  @ParameterizedTest
  @CsvSource({"127.0.0.1, 3, 3", "::1, 1, 4"})
  void aClosedPortIsToldToTheClient(String ip, int type, int code) {
    try (var server = server(ip);
        var client = Venue.alice(server)) {
      var dead = closedPort(InetAddress.ofLiteral(ip));
      var _ = Venue.allocate(client);
      client.permit(dead);
      client.send(dead, Bytes.utf8("anybody there?"));
      assertEquals(new Delivery.Icmp(dead, type, code, 0), client.receive());
      client.bind(DEAD_CHANNEL, dead);
      client.sendOnChannel(DEAD_CHANNEL, Bytes.utf8("anybody there?"));
      assertEquals(new Delivery.Icmp(dead, type, code, 0), client.receive());
      assertEquals(2, server.telemetry().get(Counter.ICMP_TO_CLIENT));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"127.0.0.1", "::1"})
  void aDeadPeerCostsTheOthersNothing(String ip) {
    try (var server = server(ip);
        var client = Venue.alice(server);
        var alive = Canary.at(InetAddress.ofLiteral(ip))) {
      var dead = closedPort(InetAddress.ofLiteral(ip));
      var _ = Venue.allocate(client);
      client.bind(DEAD_CHANNEL, dead);
      client.bind(LIVE_CHANNEL, alive.address());
      long errors = 0;
      for (int round = 0; round < ROUNDS; round++) {
        var expected = alternate(client, dead, alive, round);
        errors += errorsOf(client, dead);
        assertEquals(expected, alive.received(), "round " + round);
      }
      assertTrue(errors >= ROUNDS, errors + " errors were told");
      assertEquals(0, server.telemetry().get(DropReason.SEND_REFUSED));
    }
  }

  /// By turns to the dead peer and the live one, by channel and by indication, now and then twice
  /// so that two leave as one; returns what the live one is to get.
  private static List<Bytes> alternate(
      TestTurnClient client, InetSocketAddress dead, Canary alive, int round) {
    var expected = new ArrayList<Bytes>();
    for (int i = 0; i < ROUND; i++) {
      var payload = Bytes.utf8("round %2d, number %2d".formatted(round, i));
      client.sendOnChannel(DEAD_CHANNEL, payload);
      for (int times = i % 2; times >= 0; times--) {
        client.sendOnChannel(LIVE_CHANNEL, payload);
        expected.add(payload);
      }
      client.send(dead, payload);
      client.send(alive.address(), payload);
      expected.add(payload);
    }
    return expected;
  }

  private static long errorsOf(TestTurnClient client, InetSocketAddress dead) {
    return client.deliveries().stream()
        .peek(delivery -> assertEquals(dead, ((Delivery.Icmp) delivery).peer()))
        .count();
  }

  @Test
  void onlyWhoseDatagramItWasIsTold() {
    try (var server = server("127.0.0.1");
        var alice = Venue.alice(server);
        var other = Venue.alice(server)) {
      var dead = closedPort(Venue.IPV4);
      for (var client : List.of(alice, other)) {
        var _ = client.allocate();
        client.permit(dead);
      }
      alice.send(dead, Bytes.utf8("anybody there?"));
      assertEquals(new Delivery.Icmp(dead, 3, 3, 0), alice.receive());
      assertEquals(List.of(), other.deliveries());
    }
  }

  @Test
  void aPeerThatComesToLifeIsHeard() {
    try (var server = server("127.0.0.1");
        var client = Venue.alice(server)) {
      var address = closedPort(Venue.IPV4);
      var _ = client.allocate();
      client.permit(address);
      client.send(address, Bytes.utf8("too early"));
      var _ = client.receive();
      try (var peer = Canary.at(address)) {
        client.send(address, Bytes.utf8("now"));
        assertEquals(Bytes.utf8("now"), peer.next());
      }
    }
  }

  private static TurnServer server(String ip) {
    return TurnServer.start(
        Venue.settings(InetAddress.ofLiteral(ip))
            .but(d -> d.udp = UdpMode.NATIVE)
            .but(d -> d.loops = 1));
  }

  private static InetSocketAddress closedPort(InetAddress ip) {
    try (var gone = Canary.at(ip)) {
      return gone.address();
    }
  }
}
