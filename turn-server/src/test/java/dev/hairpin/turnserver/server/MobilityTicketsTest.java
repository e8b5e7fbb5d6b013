package dev.hairpin.turnserver.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.hairpin.turnserver.telemetry.Counter;
import dev.hairpin.turnserver.testkit.Attributes;
import dev.hairpin.turnserver.testkit.Await;
import dev.hairpin.turnserver.testkit.Bytes;
import dev.hairpin.turnserver.testkit.MessageBuilder;
import dev.hairpin.turnserver.testkit.Methods;
import dev.hairpin.turnserver.testkit.TestTurnClient;
import dev.hairpin.turnserver.udp.UdpMode;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import javax.management.JMException;
import javax.management.ObjectName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Whom a ticket is of use to, and how often (RFC 8016 §3).
class MobilityTicketsTest extends MobilityScene {
  private static final Pattern OURS = Pattern.compile("dev\\.hairpin\\.");

  static List<Integer> loops() {
    return List.of(1, 4);
  }

  @ParameterizedTest
  @MethodSource("loops")
  void aTicketIsOfUseToItsOwnerAlone(int loops) {
    try (var server = start(UdpMode.AUTO, loops)) {
      var owner = client(server, By.UDP);
      var ticket = mobile(owner);
      for (int i = 0; i < 8; i++) {
        assertEquals(441, shown(client(server, By.UDP).as("bob"), ticket));
        var stranger = MessageBuilder.request(Methods.REFRESH).ticket(ticket).build();
        assertTrue(client(server, By.UDP).exchange(stranger).isError(401));
        var thief = client(server, By.TCP).as("bob");
        thief.allocate();
        assertFalse(List.of(200, 300).contains(shown(thief, ticket)));
      }
      for (var way : By.values()) {
        var known = client(server, way).as("bob");
        known.allocate();
        known.refresh(0);
        assertEquals(441, shown(known, ticket), way::toString);
      }
      assertDataPass(owner);
      assertEquals(0, server.telemetry().get(Counter.ALLOCATIONS_MOVED));
    }
  }

  @Test
  void aTicketThatIsAlteredInAnyBitIsNone() {
    try (var server = start(UdpMode.AUTO, 4)) {
      var ticket = mobile(client(server, By.UDP));
      var client = client(server, By.TCP);
      for (int i = 0; i < 8 * ticket.length(); i++) {
        var altered = ticket.with(i / 8, Bytes.octets(ticket.at(i / 8) ^ 1 << i % 8));
        assertEquals(400, shown(client, altered), "bit " + i);
      }
      assertEquals(400, shown(client, Bytes.EMPTY));
      assertEquals(400, shown(client, Bytes.random(ticket.length())));
      assertEquals(400, shown(client, ticket.plus(Bytes.octets(0))));
      assertNotEquals(ticket, client.take(ticket, 600));
    }
  }

  @ParameterizedTest
  @MethodSource("loops")
  void anOldTicketIsGoodForARetransmissionAlone(int loops) {
    try (var server = start(UdpMode.AUTO, loops)) {
      var first = mobile(client(server, By.UDP));
      for (int i = 0; i < 8; i++) {
        var after = client(server, By.UDP);
        var old = first;
        var request = after.signed(Methods.REFRESH, m -> m.lifetime(600).ticket(old));
        var answer = after.exchange(request);
        assertTrue(answer.isSuccess(), answer::toString);
        clock.advance(Duration.ofSeconds(30));
        assertEquals(answer.bytes(), after.exchange(request).bytes());
        assertEquals(437, shown(after, old));
        assertEquals(437, shown(client(server, By.UDP), old));
        first = answer.require(Attributes.MOBILITY_TICKET);
        assertEquals(400, shown(after, first), "it is there already");
        clock.advance(Duration.ofSeconds(10));
        assertEquals(437, after.exchange(request).errorCode(), "forgotten by now");
      }
      assertEquals(8, server.telemetry().get(Counter.ALLOCATIONS_MOVED));
      assertEquals(1, server.telemetry().liveAllocations());
    }
  }

  @Test
  void movesWithoutDataLeaveNoPlacesBehind() {
    try (var server = start(UdpMode.AUTO, 4)) {
      var origin = client(server, By.UDP);
      var ticket = mobile(origin);
      var places = new ArrayList<TestTurnClient>();
      for (int i = 0; i < 100; i++) {
        var place = client(server, i % 2 == 0 ? By.UDP : By.TCP);
        ticket = place.take(ticket, 600);
        places.add(place);
      }
      for (var place : places.subList(0, 99)) {
        assertEquals(437, place.call(Methods.REFRESH, _ -> {}).errorCode());
      }
      assertEquals(600, origin.refresh(600));
      assertDataPass(places.getLast());
      assertEquals(437, origin.call(Methods.REFRESH, _ -> {}).errorCode());
      assertEquals(1, server.telemetry().liveAllocations());
    }
  }

  @Test
  void aTicketOfAnAllocationThatRanOutIsNone() {
    for (int i = 0; i < 8; i++) { // as often as not it has been swept by then
      try (var server = start(UdpMode.AUTO, 1)) {
        var ticket = mobile(client(server, By.UDP));
        var after = client(server, By.UDP);
        after.challenge();
        clock.advance(Duration.ofMinutes(10));
        assertEquals(437, shown(after, ticket));
      }
    }
  }

  @Test
  void neitherMovesNorEndsLeaveMemoryBehind() {
    try (var server = start(UdpMode.AUTO, 1)) {
      var mover = client(server, By.UDP);
      var ticket = moveAndEnd(mobile(mover), mover, 100);
      long before = liveObjects();
      moveAndEnd(ticket, mover, 2_500);
      Await.until( // the next sweep forgets what has ended
          Duration.ofSeconds(10),
          () -> liveObjects() < before + 1_000,
          () -> "what ended is forgotten");
      assertEquals(600, mover.refresh(600));
      assertEquals(1, server.telemetry().liveAllocations());
    }
  }

  /// By clients of its own, which remember their transactions and go.
  private static Bytes moveAndEnd(Bytes ticket, TestTurnClient mover, int times) {
    var credential = mover.credential();
    var current = ticket;
    try (var one = mover.another().with(credential);
        var two = mover.another().with(credential);
        var other = mover.another().with(credential)) {
      for (int i = 0; i < times; i++) {
        current = two.take(one.take(current, 600), 600);
        other.allocateMobile();
        other.refresh(0);
      }
    }
    return current;
  }

  /// Counts what is reachable, of our classes.
  private static long liveObjects() {
    try {
      var name = new ObjectName("com.sun.management:type=DiagnosticCommand");
      Object[] none = {new String[0]};
      String[] types = {String[].class.getName()};
      var server = ManagementFactory.getPlatformMBeanServer();
      var table = (String) server.invoke(name, "gcClassHistogram", none, types);
      return table
          .lines()
          .map(line -> line.strip().split("\\s+"))
          .filter(l -> l.length > 3 && OURS.matcher(l[3]).lookingAt())
          .mapToLong(l -> Long.parseLong(l[1]))
          .sum();
    } catch (JMException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void nobodyHasTwoAllocations() {
    try (var server = start(UdpMode.AUTO, 4)) {
      var ticket = mobile(client(server, By.UDP));
      for (int i = 0; i < 8; i++) {
        var client = client(server, By.UDP);
        client.allocate();
        assertEquals(437, shown(client, ticket));
        assertEquals(600, client.refresh(600));
      }
      var after = moveAcross(server, ticket, () -> client(server, By.UDP)).client();
      var again = after.call(Methods.ALLOCATE, m -> m.requestedTransport());
      assertEquals(437, again.errorCode());
    }
  }

  @Test
  void aTicketIsAskedForByAnEmptyAttribute() {
    try (var server = start(UdpMode.AUTO, 1)) {
      var client = client(server, By.UDP);
      var refused =
          client.call(Methods.ALLOCATE, m -> m.requestedTransport().ticket(Bytes.random(44)));
      assertEquals(400, refused.errorCode());
      var request =
          client.signed(Methods.ALLOCATE, m -> m.requestedTransport().ticket(Bytes.EMPTY));
      var answer = client.exchange(request);
      assertEquals(answer.bytes(), client.exchange(request).bytes());
      assertTrue(answer.require(Attributes.MOBILITY_TICKET).length() <= 64);
      var without = client(server, By.UDP).call(Methods.ALLOCATE, m -> m.requestedTransport());
      assertFalse(without.has(Attributes.MOBILITY_TICKET));
    }
  }

  @Test
  void whereMobilityIsOffItIsForbidden() {
    var settings = settings(UdpMode.AUTO, 1);
    var without = Services.with(Set.of());
    try (var server = TurnServer.start(settings.but(d -> d.service = without))) {
      var client = client(server, By.UDP);
      var refused = client.call(Methods.ALLOCATE, m -> m.requestedTransport().ticket(Bytes.EMPTY));
      assertEquals(405, refused.errorCode());
      client.allocate();
      assertEquals(405, shown(client, Bytes.random(44)));
    }
  }
}
