package dev.hairpin.turnserver.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.hairpin.turnserver.loop.RelayLoop;
import dev.hairpin.turnserver.loop.ServiceSettings.Feature;
import dev.hairpin.turnserver.net.IpPrefix;
import dev.hairpin.turnserver.telemetry.Counter;
import dev.hairpin.turnserver.telemetry.DropReason;
import dev.hairpin.turnserver.testkit.Attributes;
import dev.hairpin.turnserver.testkit.Bytes;
import dev.hairpin.turnserver.testkit.Challenge;
import dev.hairpin.turnserver.testkit.Message;
import dev.hairpin.turnserver.testkit.MessageBuilder;
import dev.hairpin.turnserver.testkit.Methods;
import dev.hairpin.turnserver.testkit.StreamWire;
import dev.hairpin.turnserver.testkit.TestTurnClient;
import dev.hairpin.turnserver.testkit.Wire;
import dev.hairpin.turnserver.udp.UdpMode;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/// What a ticket does not get around: where allocations may not be, and what is bounded.
class MobilityBoundsTest extends MobilityScene {
  private static final Set<Feature> FEATURES = Set.of(Feature.MOBILITY, Feature.TCP_RELAY);

  /// A server that believes its load balancer on loopback.
  private TurnServer behindBalancer() {
    var proxies = List.of(IpPrefix.parse("127.0.0.1/32"));
    var settings = settings(UdpMode.AUTO, 1).but(d -> d.service = Services.with(FEATURES));
    return TurnServer.start(
        settings.but(d -> d.streams = Services.behind(d.streams, proxies)), clock);
  }

  /// A connection whose load balancer says that it comes from elsewhere.
  private static StreamWire from(TurnServer server, Bytes header) {
    var wire = StreamWire.to(server.listenAddresses().get(By.TCP.listener).toInetSocketAddress());
    wire.send(Bytes.hex("0d0a0d0a000d0a515549540a21").plus(header));
    return wire;
  }

  private static Bytes ipv4(String hex, int port) {
    return Bytes.hex("11000c" + hex + "c0000201").plus(Bytes.uint16(port)).plus(Bytes.uint16(3478));
  }

  private static Bytes ipv6(String hex) {
    return Bytes.hex("210024" + hex + "20030000000000000000000000000001" + "12670d96");
  }

  private static Message ask(Wire wire, Bytes request) {
    wire.send(request);
    return Message.decode(Objects.requireNonNull(wire.receive(PATIENCE)));
  }

  @Test
  void aRelayedAddressTakesOverNoAllocation() {
    try (var server = behindBalancer();
        var outside = from(server, ipv4("c6336407", 4_711))) {
      var credential = client(server, By.UDP).credential();
      var ticket = mobile(client(server, By.UDP));
      var connector = TestTurnClient.over(outside).with(credential);
      int relayed = connector.allocateTcp().relayed().getPort();
      try (var loop = from(server, ipv4("7f000001", relayed))) {
        var refusal = ask(loop, MessageBuilder.request(Methods.REFRESH).lifetime(600).build());
        var realm = refusal.require(Attributes.REALM).asUtf8();
        var challenge = new Challenge(realm, refusal.require(Attributes.NONCE));
        var move = MessageBuilder.request(Methods.REFRESH).lifetime(600).ticket(ticket);
        loop.send(move.signedBy(credential, challenge).build());
        ask(loop, MessageBuilder.request(Methods.BINDING).build());
        assertEquals(0, server.telemetry().get(Counter.ALLOCATIONS_MOVED));
        assertEquals(1, server.telemetry().get(DropReason.IMPOSSIBLE_SOURCE));
      }
    }
  }

  @Test
  void aTunnelledClientTakesOverNoAllocation() {
    try (var server = behindBalancer();
        var teredo = from(server, ipv6("20010000000000000000000000000001"));
        var sixToFour = from(server, ipv6("2002c000020700000000000000000001"))) {
      var owner = client(server, By.UDP);
      var ticket = mobile(owner);
      for (var wire : List.of(teredo, sixToFour)) {
        assertEquals(403, shown(TestTurnClient.over(wire).with(owner.credential()), ticket));
      }
      assertDataPass(owner);
      assertEquals(0, server.telemetry().get(Counter.ALLOCATIONS_MOVED));
    }
  }

  @Test
  void whatIsLedToALoopThatIsBehindIsBounded() throws Exception {
    try (var server = start(UdpMode.AUTO, 2)) {
      var owner = client(server, By.UDP);
      var ticket = mobile(owner);
      var home = homeOf(server);
      var stranger = elsewhere(server, ticket);
      var request =
          MessageBuilder.request(Methods.REFRESH)
              .ticket(ticket)
              .attribute(Attributes.SOFTWARE, Bytes.random(700))
              .build();
      var held = new CountDownLatch(1);
      var _ = home.eventLoop().submit(() -> held.await(10, TimeUnit.SECONDS));
      for (int i = 0; i < 1_000; i++) {
        stranger.sendRaw(request);
        if (i % 20 == 0) {
          stranger.binding();
        }
      }
      stranger.binding();
      long lost = server.telemetry().get(DropReason.BACKLOG_FULL);
      held.countDown();
      assertTrue(lost > 100, () -> "of a thousand requests " + lost + " were too many");
      assertEquals(600, owner.refresh(600));
      elsewhere(server, ticket); // others are led again
    }
  }

  private static RelayLoop homeOf(TurnServer server) throws Exception {
    for (var loop : server.shared.loops()) {
      if (!loop.eventLoop().submit(loop::sessions).get().isEmpty()) {
        return loop;
      }
    }
    throw new AssertionError("no loop has an allocation");
  }

  /// A client whose loop is not that of the ticket's allocation.
  private TestTurnClient elsewhere(TurnServer server, Bytes ticket) {
    for (int i = 0; i < 64; i++) {
      long before = server.telemetry().get(Counter.MESSAGES_ACROSS_LOOPS);
      var client = client(server, By.UDP);
      var request = MessageBuilder.request(Methods.REFRESH).ticket(ticket).build();
      assertTrue(client.exchange(request).isError(401));
      if (server.telemetry().get(Counter.MESSAGES_ACROSS_LOOPS) > before) {
        return client;
      }
    }
    throw new AssertionError("the kernel brought 64 clients to one loop of two");
  }
}
