package dev.hairpin.turnserver.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.hairpin.turnserver.auth.AuthSettings;
import dev.hairpin.turnserver.credential.SharedSecrets;
import dev.hairpin.turnserver.loop.Clock;
import dev.hairpin.turnserver.loop.ServiceSettings.Feature;
import dev.hairpin.turnserver.net.ListenUrl;
import dev.hairpin.turnserver.telemetry.Counter;
import dev.hairpin.turnserver.testkit.Attributes;
import dev.hairpin.turnserver.testkit.Await;
import dev.hairpin.turnserver.testkit.Bytes;
import dev.hairpin.turnserver.testkit.Delivery;
import dev.hairpin.turnserver.testkit.Dialect;
import dev.hairpin.turnserver.testkit.EchoPeer;
import dev.hairpin.turnserver.testkit.MessageBuilder;
import dev.hairpin.turnserver.testkit.Methods;
import dev.hairpin.turnserver.testkit.StreamWire;
import dev.hairpin.turnserver.testkit.TestTurnClient;
import dev.hairpin.turnserver.testkit.TurnCredential;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// Secrets that change, credentials that end, are renewed and are revoked under clients that go on,
/// seen from outside.
class CredentialLifeTest {
  private static final String OLD = "an old secret of this test";
  private static final String NEW = "a new secret of this test";
  private static final Duration PATIENCE = Duration.ofSeconds(5);
  private static final Duration HOUR = Duration.ofHours(1);
  private static final Duration DAY = Duration.ofDays(1);
  private static final int CHANNEL = 0x4000;
  private static final Bytes HELLO = Bytes.utf8("hello");
  private static final ListenUrl UDP = ListenUrl.parse("udp://127.0.0.1:0");

  private final BothClocks clock = new BothClocks();
  private final List<AutoCloseable> open = new ArrayList<>();
  private final EchoPeer peer = keep(EchoPeer.at(InetAddress.ofLiteral("127.0.0.1")));

  @AfterEach
  void close() throws Exception {
    for (var each : open.reversed()) {
      each.close();
    }
  }

  @Test
  void aSecretIsChangedWithoutAMomentInWhichAClientFails() {
    var server = start(s -> s);
    var early = client(server, OLD, "early");
    early.allocate();
    early.bind(CHANNEL, peer.address());
    server.apply(SharedSecrets.of(NEW, OLD));
    client(server, OLD, "between").allocate();
    client(server, NEW, "between").allocate();
    server.apply(SharedSecrets.of(NEW));
    client(server, NEW, "late").allocate();
    assertEquals(401, allocateCode(client(server, OLD, "late")));
    assertEquals(401, allocateCode(client(server, OLD, "early")));
    assertEquals(600, early.refresh(600));
    early.permit(peer.address());
    early.sendOnChannel(CHANNEL, HELLO);
    assertEquals(new Delivery.OnChannel(CHANNEL, HELLO), early.receive());
  }

  @Test
  void aCredentialIsGoodAtOnceWhereClocksAreHalfAMinuteApart() {
    for (var apart : List.of(Duration.ofSeconds(-30), Duration.ofSeconds(30))) {
      var server = start(s -> s);
      clock.stepWall(apart);
      for (var ttl : List.of(Duration.ofMinutes(1), DAY)) { // the bounds of api.ttl
        var alice = client(server, OLD, "alice").with(credential(OLD, "alice", ttl));
        alice.allocate();
        assertEquals(0, alice.refresh(0));
      }
      clock.stepWall(apart.negated());
    }
  }

  @Test
  void whoIsRevokedGetsNothingMoreAndIsDisconnectedOnDemand() {
    var server = start(s -> s);
    var alice = client(server, OLD, "alice");
    var bob = client(server, OLD, "bob");
    alice.allocate();
    bob.allocate();
    alice.bind(CHANNEL, peer.address());
    server.revoke("", "*:alice");
    for (int code : List.of(allocateCode(client(server, OLD, "alice")), refreshCode(alice))) {
      assertEquals(401, code);
    }
    assertTrue(alice.call(Methods.CREATE_PERMISSION, m -> m.peer(peer.address())).isError(401));
    var bind = alice.call(Methods.CHANNEL_BIND, m -> m.channel(CHANNEL).peer(peer.address()));
    assertTrue(bind.isError(401));
    alice.sendOnChannel(CHANNEL, HELLO); // what runs goes on until somebody ends it
    assertEquals(new Delivery.OnChannel(CHANNEL, HELLO), alice.receive());
    server.disconnectRevoked();
    assertEquals(1, server.telemetry().get(Counter.ALLOCATIONS_CLOSED));
    assertEquals(600, bob.refresh(600));
    assertEquals(401, allocateCode(client(server, OLD, "alice")));
    client(server, OLD, "carol").allocate();
  }

  @Test
  void aListOfTheRevokedIsReplacedAsAWhole() {
    var server = start(s -> s);
    var alice = client(server, OLD, "alice");
    alice.allocate();
    server.applyRevoked(List.of("*:bob", alice.credential().username()));
    assertEquals(401, refreshCode(alice));
    assertEquals(401, allocateCode(client(server, OLD, "bob")));
    var later = alice.with(credential(OLD, "alice", HOUR.multipliedBy(2)));
    assertEquals(600, later.refresh(600)); // another username
    server.applyRevoked(List.of());
    client(server, OLD, "bob").allocate();
  }

  @Test
  void aRevokedClientOfTcpLosesItsConnections() throws Exception {
    var server = startTcp();
    try (var listener = new ServerSocket(0, 1, InetAddress.ofLiteral("127.0.0.1"))) {
      var address = new InetSocketAddress("127.0.0.1", listener.getLocalPort());
      var alice = streamClient(server, "alice");
      alice.allocateTcp();
      alice.permit(address);
      var id = alice.connect(address);
      try (var atPeer = listener.accept()) {
        server.revoke("", "*:alice");
        assertTrue(alice.call(Methods.CONNECT, m -> m.peer(address)).isError(401));
        var binder = streamClient(server, "alice");
        var bound = binder.call(Methods.CONNECTION_BIND, m -> m.connectionId(id));
        assertTrue(bound.isError(401), bound::toString);
        server.disconnectRevoked();
        atPeer.setSoTimeout((int) PATIENCE.toMillis());
        assertEquals(-1, atPeer.getInputStream().read());
      }
    }
  }

  @Test
  void aRenewedCredentialGoesOnWithTheAllocationAndTakesTheOldOnesPlace() {
    var server = start(s -> withGrace(s, Duration.ZERO));
    var alice = client(server, OLD, "alice");
    alice.allocate(m -> m.lifetime(3_600));
    var first = alice.credential();
    var renewed = credential(OLD, "alice", HOUR.multipliedBy(3));
    alice.with(renewed);
    alice.permit(peer.address());
    alice.bind(CHANNEL, peer.address());
    assertEquals(3_600, alice.refresh(3_600));
    clock.advance(HOUR.minusSeconds(1));
    assertEquals(3_600, alice.refresh(3_600));
    clock.advance(HOUR.minusSeconds(1));
    assertEquals(3_600, alice.refresh(3_600)); // its first credential has ended
    assertEquals(401, refreshCode(alice.with(first)));
    assertEquals(441, refreshCode(alice.with(credential(OLD, "bob", DAY))));
    assertEquals(0, alice.with(renewed).refresh(0));
  }

  @Test
  void aRenewedCredentialMovesAnAllocationAndBindsAConnection() throws Exception {
    var server = start(s -> s);
    var alice = client(server, OLD, "alice");
    var ticket = alice.allocateMobile().ticket();
    var elsewhere = client(server, OLD, "alice");
    elsewhere.with(credential(OLD, "alice", HOUR.multipliedBy(2)));
    assertTrue(elsewhere.take(ticket, 600).length() > 0);
    var tcp = startTcp();
    try (var listener = new ServerSocket(0, 1, InetAddress.ofLiteral("127.0.0.1"))) {
      var address = new InetSocketAddress("127.0.0.1", listener.getLocalPort());
      var stream = streamClient(tcp, "alice");
      stream.allocateTcp();
      stream.permit(address);
      long id = stream.connect(address);
      var _ = keep(listener.accept());
      stream.with(credential(OLD, "alice", HOUR.multipliedBy(2)));
      var _ = keep(stream.bindConnection(id));
    }
  }

  @Test
  void withoutGraceAnAllocationEndsWithItsCredential() {
    var server = start(s -> withGrace(s, Duration.ZERO));
    var alice = client(server, OLD, "alice");
    clock.advance(Duration.ofSeconds(100));
    var allocated = alice.call(Methods.ALLOCATE, m -> m.requestedTransport().lifetime(3_600));
    assertEquals(3_500, allocated.uint32(Attributes.LIFETIME));
    clock.advance(Duration.ofSeconds(3_400));
    assertEquals(100, alice.refresh(3_600));
    clock.advance(Duration.ofSeconds(99));
    alice.bind(CHANNEL, peer.address());
    alice.sendOnChannel(CHANNEL, HELLO);
    assertEquals(new Delivery.OnChannel(CHANNEL, HELLO), alice.receive());
    clock.advance(Duration.ofSeconds(1));
    assertEquals(401, refreshCode(alice));
    Await.until(
        PATIENCE,
        () -> server.telemetry().get(Counter.ALLOCATIONS_CLOSED) == 1,
        () -> "the allocation ends");
  }

  @Test
  void withGraceItGoesOnForSoLongAndNoLonger() {
    var server = start(s -> withGrace(s, HOUR));
    var alice = client(server, OLD, "alice");
    alice.allocate(m -> m.lifetime(3_600));
    clock.advance(Duration.ofMinutes(59));
    assertEquals(3_600, alice.refresh(3_600));
    clock.advance(Duration.ofMinutes(30)); // the credential has ended
    alice.permit(peer.address());
    alice.bind(CHANNEL, peer.address());
    assertEquals(1_860, alice.refresh(3_600));
    assertEquals(401, allocateCode(client(server).with(alice.credential())));
    clock.advance(Duration.ofMinutes(31));
    assertEquals(401, refreshCode(alice));
    assertEquals(401, allocateCode(alice));
  }

  /// The nonce goes by a clock that never steps; credentials have no other than the wall clock.
  @Test
  void aStepOfTheWallClockTroublesNobodyWhoIsThere() {
    var server = start(s -> s);
    var alice = client(server, OLD, "alice");
    alice.allocate();
    for (var step : List.of(HOUR, HOUR.negated(), HOUR.negated(), HOUR)) {
      clock.stepWall(step);
      assertTrue(alice.exchange(alice.signed(Methods.REFRESH, m -> m.lifetime(600))).isSuccess());
    }
  }

  @Test
  void whereSha256IsDemandedOlderClientsAreRefusedAndOthersServed() {
    var server =
        start(
            s ->
                s.but(
                    d ->
                        d.auth =
                            new AuthSettings(
                                "hairpin",
                                SharedSecrets.of(OLD),
                                HOUR,
                                DAY,
                                null,
                                DAY,
                                true,
                                List.of())));
    var modern = client(server, OLD, "alice").speaking(Dialect.RFC8489);
    modern.allocate();
    assertEquals(600, modern.refresh(600));
    assertEquals(400, allocateCode(client(server, OLD, "alice")));
  }

  private static TurnSettings withGrace(TurnSettings settings, Duration grace) {
    return settings.but(
        d ->
            d.auth =
                new AuthSettings(
                    "hairpin", SharedSecrets.of(OLD), DAY, DAY, null, grace, false, List.of()));
  }

  private TurnServer startTcp() {
    var features = Services.with(Set.of(Feature.TCP_RELAY));
    return start(
        s ->
            s.but(d -> d.listeners = List.of(ListenUrl.parse("tcp://127.0.0.1:0")))
                .but(d -> d.service = features));
  }

  private TurnServer start(UnaryOperator<TurnSettings> change) {
    var settings = TurnSettings.of(SharedSecrets.of(OLD), UDP).allowingPeers("127.0.0.0/8");
    return keep(TurnServer.start(change.apply(settings), clock));
  }

  private TestTurnClient client(TurnServer server) {
    return keep(TestTurnClient.to(server.listenAddresses().getFirst().toInetSocketAddress()));
  }

  private TestTurnClient client(TurnServer server, String secret, String user) {
    return client(server).with(credential(secret, user, HOUR));
  }

  private TestTurnClient streamClient(TurnServer server, String user) {
    var address = server.listenAddresses().getFirst().toInetSocketAddress();
    return keep(TestTurnClient.over(StreamWire.to(address))).with(credential(OLD, user, HOUR));
  }

  /// One that lasts for so long by the server's clock.
  private TurnCredential credential(String secret, String user, Duration ttl) {
    return TurnCredential.ofSecret(secret, clock.wallSeconds() + ttl.toSeconds() + ":" + user);
  }

  private static int allocateCode(TestTurnClient client) {
    var response = client.call(Methods.ALLOCATE, MessageBuilder::requestedTransport);
    return response.isSuccess() ? 0 : response.errorCode();
  }

  private static int refreshCode(TestTurnClient client) {
    var response = client.call(Methods.REFRESH, m -> m.lifetime(600));
    return response.isSuccess() ? 0 : response.errorCode();
  }

  private <T extends AutoCloseable> T keep(T resource) {
    open.add(resource);
    return resource;
  }

  /// Two clocks that the test moves, together or not.
  private static final class BothClocks implements Clock {
    private final AtomicLong nanos = new AtomicLong(TimeUnit.HOURS.toNanos(1));
    private final AtomicLong wall = new AtomicLong(System.currentTimeMillis() / 1_000);

    void advance(Duration time) {
      nanos.addAndGet(time.toNanos());
      wall.addAndGet(time.toSeconds());
    }

    void stepWall(Duration step) {
      wall.addAndGet(step.toSeconds());
    }

    @Override
    public long nanos() {
      return nanos.get();
    }

    @Override
    public long wallSeconds() {
      return wall.get();
    }
  }
}
