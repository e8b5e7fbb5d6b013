package dev.hairpin.turnserver.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.hairpin.turnserver.allocation.AllocationSettings;
import dev.hairpin.turnserver.credential.Account;
import dev.hairpin.turnserver.credential.SharedSecrets;
import dev.hairpin.turnserver.credential.UserId;
import dev.hairpin.turnserver.loop.ServiceSettings.Feature;
import dev.hairpin.turnserver.net.IpAddress;
import dev.hairpin.turnserver.net.IpPrefix;
import dev.hairpin.turnserver.net.ListenUrl;
import dev.hairpin.turnserver.net.PortRange;
import dev.hairpin.turnserver.policy.QuotaSettings;
import dev.hairpin.turnserver.policy.Quotas.Holder;
import dev.hairpin.turnserver.relay.RelaySettings;
import dev.hairpin.turnserver.telemetry.Gauge;
import dev.hairpin.turnserver.testkit.Attributes;
import dev.hairpin.turnserver.testkit.Await;
import dev.hairpin.turnserver.testkit.Bytes;
import dev.hairpin.turnserver.testkit.EchoPeer;
import dev.hairpin.turnserver.testkit.Message;
import dev.hairpin.turnserver.testkit.MessageBuilder;
import dev.hairpin.turnserver.testkit.Methods;
import dev.hairpin.turnserver.testkit.StreamWire;
import dev.hairpin.turnserver.testkit.TestTurnClient;
import dev.hairpin.turnserver.testkit.TurnCredential;
import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// What clients may have at a time, seen from outside, on the server's own clock.
class QuotaTest {
  private static final String SECRET = "a secret of this test";
  private static final Duration PATIENCE = Duration.ofSeconds(5);
  private static final InetAddress LOOPBACK = InetAddress.ofLiteral("127.0.0.1");
  private static final IpAddress RELAY = IpAddress.parse("127.0.0.1");

  /// Below the ports that the system gives out by itself.
  private static final int FIRST = 21_000;

  private static final Bytes RESERVE = Bytes.octets(0x80);

  private final ManualClock clock = new ManualClock();
  private final List<AutoCloseable> open = new ArrayList<>();
  private @Nullable TurnServer server;

  @AfterEach
  void close() throws Exception {
    for (var each : open.reversed()) {
      each.close();
    }
  }

  private TurnServer start(Consumer<TurnSettings.Draft> change) {
    var urls = List.of(ListenUrl.parse("udp://127.0.0.1:0"), ListenUrl.parse("tcp://127.0.0.1:0"));
    var settings =
        TurnSettings.of(SharedSecrets.of(SECRET), urls.getFirst())
            .but(d -> d.listeners = urls)
            .allowingPeers("127.0.0.0/8")
            .but(d -> d.loops = 2)
            .but(change);
    var started = TurnServer.start(settings, clock);
    server = started;
    open.add(started);
    return started;
  }

  private static QuotaSettings quotas(int perUser, int perSource, int perRealm) {
    return new QuotaSettings(perUser, perSource, perRealm, 0, 0);
  }

  private static RelaySettings ports(int count) {
    return new RelaySettings(List.of(RELAY), List.of(), new PortRange(FIRST, FIRST + count - 1));
  }

  private TurnServer server() {
    var started = server;
    if (started == null) {
      throw new IllegalStateException("not started");
    }
    return started;
  }

  private TestTurnClient client(String user) {
    return keep(
        TestTurnClient.to(server().listenAddresses().getFirst().toInetSocketAddress())
            .withSecret(SECRET)
            .as(user));
  }

  private StreamWire wire() {
    return StreamWire.to(server().listenAddresses().getLast().toInetSocketAddress());
  }

  private TestTurnClient keep(TestTurnClient client) {
    open.add(client);
    return client;
  }

  /// The error code that an Allocate gets, or 200.
  private static int asked(TestTurnClient client, Consumer<MessageBuilder> more) {
    return code(client.call(Methods.ALLOCATE, more));
  }

  private static int asked(TestTurnClient client) {
    return asked(client, MessageBuilder::requestedTransport);
  }

  private static int askedForEven(TestTurnClient client, Bytes evenPort) {
    return asked(client, m -> m.requestedTransport().attribute(Attributes.EVEN_PORT, evenPort));
  }

  private static int code(Message answer) {
    return answer.isSuccess() ? 200 : answer.errorCode();
  }

  private void awaitLive(int count) {
    Await.until(
        PATIENCE,
        () -> server().telemetry().liveAllocations() == count,
        () -> server().telemetry().liveAllocations() + " live");
  }

  private void assertHeld(int units, int ports) {
    assertEquals(units, server().shared.quotas().heldBy(new Holder.Realm()));
    assertEquals(ports, server().telemetry().get(Gauge.RELAY_PORTS_USED));
  }

  @Test
  void aHundredUsernamesOfOneUserAreOneUser() {
    start(d -> d.quotas = new QuotaSettings(64, 0, 0, 0, 0));
    for (int i = 0; i < 100; i++) {
      var username = TurnCredential.timeLimited(SECRET, "alice", Duration.ofSeconds(600 + i));
      assertEquals(i < 64 ? 200 : 486, asked(client("alice").with(username)), "number " + i);
    }
    assertEquals(200, asked(client("bob")));
    assertEquals(64, server().telemetry().get(Gauge.QUOTA_USER_USED));
    assertHeld(65, 65);
  }

  @Test
  void usernamesWithoutAUserAreOneUserToo() {
    start(d -> d.quotas = quotas(1, 0, 0));
    for (int i = 0; i < 2; i++) {
      String expiry = Long.toString(System.currentTimeMillis() / 1_000 + 600 + i);
      var credential = TurnCredential.ofSecret(SECRET, expiry);
      assertEquals(i == 0 ? 200 : 486, asked(client("").with(credential)));
    }
  }

  @Test
  void aSourceOfManyUsersHasItsQuota() {
    start(
        d -> {
          d.quotas = quotas(0, 3, 0);
          d.streams = Services.behind(d.streams, List.of(IpPrefix.parse("127.0.0.0/8")));
        });
    for (int i = 0; i < 5; i++) {
      assertEquals(i < 3 ? 200 : 486, asked(from("198.51.100.7", "user " + i)));
    }
    assertEquals(200, asked(from("198.51.100.8", "user 9")));
    assertEquals(3, server().telemetry().get(Gauge.QUOTA_SOURCE_USED));
  }

  /// As a load balancer tells of it.
  private TestTurnClient from(String ip, String user) {
    var wire = wire();
    wire.send(Bytes.utf8("PROXY TCP4 " + ip + " 192.0.2.1 4711 3478\r\n"));
    return keep(TestTurnClient.over(wire).withSecret(SECRET).as(user));
  }

  @Test
  void allTogetherHaveTheQuotaOfTheRealm() {
    start(d -> d.quotas = quotas(0, 0, 2));
    assertEquals(200, asked(client("alice")));
    assertEquals(200, asked(client("bob")));
    assertEquals(486, asked(client("carol")));
  }

  @Test
  void aClientThatLeavesItsConnectionStillHasTheAllocationThatItMayComeBackTo() {
    start(d -> d.quotas = quotas(1, 0, 0));
    var wire = wire();
    var ticket = keep(TestTurnClient.over(wire).withSecret(SECRET).as("alice"));
    var mobile = ticket.allocateMobile();
    wire.close();
    for (int i = 0; i < 10; i++) {
      var flood = keep(TestTurnClient.over(wire()).withSecret(SECRET).with(ticket.credential()));
      assertEquals(486, asked(flood, m -> m.requestedTransport().ticket(Bytes.EMPTY)));
      flood.close();
    }
    assertHeld(1, 1);
    var back = client("alice").with(ticket.credential());
    back.take(mobile.ticket(), 600);
    assertHeld(1, 1);
    clock.advance(Duration.ofMinutes(10));
    awaitLive(0);
    assertHeld(0, 0);
  }

  @Test
  void aTcpAllocationCountsOnceAndEndsWithItsConnection() {
    start(
        d -> {
          d.quotas = quotas(1, 0, 0);
          d.service = Services.with(Set.of(Feature.TCP_RELAY));
        });
    var first = keep(TestTurnClient.over(wire()).withSecret(SECRET).as("alice"));
    first.allocateTcp();
    assertHeld(1, 1);
    var second = keep(TestTurnClient.over(wire()).withSecret(SECRET).as("alice"));
    assertEquals(486, asked(second, MessageBuilder::requestedTcp));
    first.close();
    awaitLive(0);
    assertHeld(0, 0);
    assertEquals(0, server().telemetry().get(Gauge.DESCRIPTORS_RELAYS));
    second.allocateTcp();
    assertHeld(1, 1);
  }

  @Test
  void twoRelayedAddressesAreOneAllocationAndTwoPorts() {
    start(
        d -> {
          d.quotas = quotas(1, 0, 0);
          d.relay = bothFamilies();
        });
    var alice = client("alice");
    alice.allocateDual();
    assertHeld(1, 2);
    assertEquals(2, server().shared.quotas().descriptors().relays.open());
    assertEquals(486, asked(client("alice")));
    alice.call(Methods.REFRESH, m -> m.lifetime(0).requestedFamily(2));
    assertHeld(1, 1);
    assertEquals(0, alice.refresh(0));
    assertHeld(0, 0);
    assertEquals(0, server().shared.quotas().descriptors().relays.open());
  }

  private static RelaySettings bothFamilies() {
    var addresses = List.of(RELAY, IpAddress.parse("::1"));
    return new RelaySettings(addresses, List.of(), PortRange.DYNAMIC);
  }

  @Test
  void oneRelayedAddressInPlaceOfTwoIsOnePort() {
    start(d -> {});
    var alice = client("alice");
    var half = alice.call(Methods.ALLOCATE, m -> m.requestedTransport().additionalFamily(2));
    assertTrue(half.isSuccess() && half.has(Attributes.ADDRESS_ERROR_CODE), half::toString);
    assertHeld(1, 1);
    assertEquals(0, alice.refresh(0));
    assertHeld(0, 0);
  }

  @Test
  void evenPortsTakeNoSiblings() {
    start(d -> d.relay = ports(10));
    var alice = client("alice");
    for (int i = 0; i < 500; i++) {
      assertEquals(200, askedForEven(alice, Bytes.octets(0)));
      assertHeld(1, 1);
      assertEquals(0, alice.refresh(0));
    }
    assertHeld(0, 0);
  }

  @Test
  void reservationsCanNotBeHoarded() {
    start(
        d -> {
          d.relay = ports(10);
          d.quotas = quotas(8, 0, 0);
        });
    for (int i = 0; i < 4; i++) {
      assertEquals(i < 2 ? 200 : 486, askedForEven(client("alice"), RESERVE));
    }
    assertEquals(
        4, server().shared.quotas().heldBy(new Holder.User(new Account("", new UserId("alice")))));
    assertHeld(4, 4);
    assertEquals(200, askedForEven(client("bob"), RESERVE));
    assertHeld(6, 6);
    clock.advance(Duration.ofSeconds(31));
    Await.until(
        PATIENCE, () -> server().shared.quotas().heldBy(new Holder.Realm()) == 3, () -> "expired");
    assertHeld(3, 3);
    assertEquals(3, server().shared.quotas().descriptors().relays.open());
    assertEquals(200, askedForEven(client("alice"), RESERVE));
  }

  @Test
  void aReservationIsRedeemedWhereTheUserHasNoRoomForOneMore() {
    start(d -> d.quotas = quotas(2, 0, 0));
    var first = client("alice");
    var reserved =
        first.call(
            Methods.ALLOCATE, m -> m.requestedTransport().attribute(Attributes.EVEN_PORT, RESERVE));
    var token = reserved.require(Attributes.RESERVATION_TOKEN);
    assertEquals(486, asked(client("alice")));
    Consumer<MessageBuilder> redeeming =
        m -> m.requestedTransport().attribute(Attributes.RESERVATION_TOKEN, token);
    assertEquals(200, asked(client("alice"), redeeming));
    assertEquals(508, asked(client("alice"), redeeming));
    assertHeld(2, 2);
    assertEquals(486, asked(client("alice")));
  }

  @Test
  void portsOfOtherProgramsArePassedOverAndTriedAgainAfterAMinute() throws IOException {
    start(d -> d.relay = ports(40));
    var others = new ArrayList<DatagramSocket>();
    for (int port = FIRST; port < FIRST + 36; port++) {
      others.add(new DatagramSocket(port, LOOPBACK));
    }
    for (int i = 0; i < 4; i++) {
      assertEquals(200, asked(client("alice")), "there are four");
    }
    for (int i = 0; i < 10; i++) {
      assertEquals(508, asked(client("bob")));
      assertEquals(508, askedForEven(client("bob"), RESERVE));
    }
    assertHeld(4, 4);
    assertEquals(4, server().shared.quotas().descriptors().relays.open());
    others.forEach(DatagramSocket::close);
    assertEquals(508, asked(client("bob")), "they are not tried again at once");
    clock.advance(Duration.ofSeconds(61));
    var bob = client("bob");
    Await.until(PATIENCE, () -> asked(bob) == 200, () -> "the ports come back");
  }

  @Test
  void anAllocationGrowsNoOlderThanItMay() {
    var day = AllocationSettings.DEFAULT;
    var aging =
        new AllocationSettings(
            day.defaultLifetime(), day.maxLifetime(), Duration.ofSeconds(5_000), Duration.ZERO);
    start(d -> d.allocation = aging);
    var alice = client("alice");
    alice.allocate();
    clock.advance(Duration.ofSeconds(500));
    assertEquals(3_600, alice.refresh(3_600));
    clock.advance(Duration.ofMinutes(50));
    assertEquals(1_500, alice.refresh(3_600));
    clock.advance(Duration.ofMillis(1_499_500));
    assertEquals(0, alice.refresh(600), "less than a second is left");
    assertHeld(0, 0);
    assertEquals(86_400, day.maxAge().toSeconds());
  }

  @Test
  void anAllocationThatRelaysNothingEndsWhereThatIsWished() {
    var day = AllocationSettings.DEFAULT;
    var idling =
        new AllocationSettings(
            day.defaultLifetime(), day.maxLifetime(), day.maxAge(), Duration.ofMinutes(10));
    start(
        d -> {
          d.allocation = idling;
          d.loops = 1; // one sweep looks at both
        });
    var peer = EchoPeer.at(LOOPBACK);
    open.add(peer);
    var busy = client("alice");
    var idle = client("bob");
    for (var client : List.of(busy, idle)) {
      client.allocate(m -> m.lifetime(3_600));
      client.bind(0x4000, peer.address());
    }
    clock.advance(Duration.ofSeconds(200));
    busy.sendOnChannel(0x4000, Bytes.utf8("hello"));
    busy.receive();
    clock.advance(Duration.ofSeconds(399));
    assertEquals(3_600, idle.refresh(3_600));
    clock.advance(Duration.ofSeconds(1));
    awaitLive(1);
    assertEquals(3_600, busy.refresh(3_600));
    clock.advance(Duration.ofMinutes(20));
    awaitLive(0);
  }
}
