package dev.hairpin.turnserver.server;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.hairpin.turnserver.credential.SharedSecrets;
import dev.hairpin.turnserver.net.ListenUrl;
import dev.hairpin.turnserver.telemetry.DropReason;
import dev.hairpin.turnserver.testkit.Attributes;
import dev.hairpin.turnserver.testkit.Await;
import dev.hairpin.turnserver.testkit.Bytes;
import dev.hairpin.turnserver.testkit.Delivery;
import dev.hairpin.turnserver.testkit.EchoPeer;
import dev.hairpin.turnserver.testkit.Message;
import dev.hairpin.turnserver.testkit.Methods;
import dev.hairpin.turnserver.testkit.TestTurnClient;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// What ends when, and what belongs to whom, seen from outside on the server's own clock.
class LifetimesTest {
  private static final String SECRET = "a secret of this test";
  private static final Duration PATIENCE = Duration.ofSeconds(5);
  private static final int CHANNEL = 0x4000;
  private static final Bytes HELLO = Bytes.utf8("hello");

  private final ManualClock clock = new ManualClock();
  private final TurnServer server =
      TurnServer.start(
          TurnSettings.of(SharedSecrets.of(SECRET), ListenUrl.parse("udp://127.0.0.1:0"))
              .allowingPeers("127.0.0.0/8"),
          clock);
  private final TestTurnClient alice = client("alice");
  private final TestTurnClient bob = client("bob");
  private final EchoPeer peer = EchoPeer.at(InetAddress.ofLiteral("127.0.0.1"));
  private final EchoPeer elsewhere = EchoPeer.at(InetAddress.ofLiteral("127.0.0.2"));

  @AfterEach
  void close() {
    alice.close();
    bob.close();
    peer.close();
    elsewhere.close();
    server.close();
  }

  @Test
  void dataRefreshesNothing() {
    alice.allocate();
    alice.bind(CHANNEL, peer.address());
    clock.advance(Duration.ofSeconds(299));
    assertEchoes();
    clock.advance(Duration.ofSeconds(1));
    alice.sendOnChannel(CHANNEL, HELLO);
    alice.send(peer.address(), HELLO);
    awaitDrops(DropReason.NO_PERMISSION_FOR_PEER, 2);
    alice.refresh(3_600);
    alice.permit(peer.address());
    clock.advance(Duration.ofSeconds(299));
    assertEchoes();
    alice.permit(peer.address());
    clock.advance(Duration.ofSeconds(1)); // the channel's ten minutes are over
    alice.sendOnChannel(CHANNEL, HELLO);
    awaitDrops(DropReason.CHANNEL_UNBOUND, 1);
  }

  @Test
  void dataRefreshesNoAllocation() {
    alice.allocate();
    clock.advance(Duration.ofSeconds(599));
    alice.bind(CHANNEL, peer.address());
    assertEchoes();
    clock.advance(Duration.ofSeconds(1));
    alice.sendOnChannel(CHANNEL, HELLO);
    awaitDrops(DropReason.NO_ALLOCATION, 1);
    var refused = alice.call(Methods.REFRESH, m -> m.lifetime(600));
    assertEquals(437, refused.errorCode());
  }

  @Test
  void permissionsAndChannelsBelongToOneAllocation() {
    alice.allocate();
    bob.allocate();
    alice.bind(CHANNEL, peer.address());
    bob.sendOnChannel(CHANNEL, HELLO);
    awaitDrops(DropReason.CHANNEL_UNBOUND, 1);
    bob.send(peer.address(), HELLO);
    awaitDrops(DropReason.NO_PERMISSION_FOR_PEER, 1);
    bob.bind(CHANNEL, elsewhere.address());
    bob.bind(CHANNEL + 1, peer.address());
    assertEchoes();
    bob.sendOnChannel(CHANNEL + 1, HELLO);
    assertEquals(new Delivery.OnChannel(CHANNEL + 1, HELLO), bob.receive());
    bob.sendOnChannel(CHANNEL, HELLO);
    assertEquals(new Delivery.OnChannel(CHANNEL, HELLO), bob.receive());
    assertEquals(List.of(), alice.deliveries());
  }

  @Test
  void everyAddressOfARequestIsPermitted() {
    alice.allocate();
    alice.call(Methods.CREATE_PERMISSION, m -> m.peer(peer.address()).peer(elsewhere.address()));
    for (var each : List.of(peer, elsewhere)) {
      alice.send(each.address(), HELLO);
      assertEquals(new Delivery.Indication(each.address(), HELLO), alice.receive());
    }
  }

  @Test
  void aReservationIsKeptForThirtySeconds() {
    var early = reserve(alice);
    clock.advance(Duration.ofSeconds(29));
    var redeemed = redeem(early);
    assertEquals(relayed(early).getPort() + 1, relayed(redeemed).getPort());
    bob.refresh(0);
    alice.refresh(0);
    var late = reserve(alice);
    clock.advance(Duration.ofSeconds(31));
    assertEquals(508, redeem(late).errorCode());
  }

  private static Message reserve(TestTurnClient client) {
    return client.call(
        Methods.ALLOCATE,
        m -> m.requestedTransport().attribute(Attributes.EVEN_PORT, Bytes.octets(0x80)));
  }

  private Message redeem(Message reservation) {
    var token = reservation.require(Attributes.RESERVATION_TOKEN);
    return bob.as("alice")
        .call(
            Methods.ALLOCATE,
            m -> m.requestedTransport().attribute(Attributes.RESERVATION_TOKEN, token));
  }

  private static InetSocketAddress relayed(Message allocated) {
    return allocated.address(Attributes.XOR_RELAYED_ADDRESS);
  }

  /// There and back, by the channel and by an indication.
  private void assertEchoes() {
    alice.sendOnChannel(CHANNEL, HELLO);
    assertEquals(new Delivery.OnChannel(CHANNEL, HELLO), alice.receive());
    alice.send(peer.address(), HELLO);
    assertEquals(new Delivery.OnChannel(CHANNEL, HELLO), alice.receive());
  }

  private void awaitDrops(DropReason reason, long count) {
    Await.until(
        PATIENCE, () -> server.telemetry().get(reason) == count, () -> reason + " is counted");
  }

  private TestTurnClient client(String user) {
    return TestTurnClient.to(server.listenAddresses().getFirst().toInetSocketAddress())
        .withSecret(SECRET)
        .as(user);
  }
}
