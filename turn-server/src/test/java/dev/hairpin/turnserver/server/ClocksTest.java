package dev.hairpin.turnserver.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.hairpin.turnserver.credential.SharedSecrets;
import dev.hairpin.turnserver.loop.Clock;
import dev.hairpin.turnserver.net.ListenUrl;
import dev.hairpin.turnserver.telemetry.DropReason;
import dev.hairpin.turnserver.testkit.Attributes;
import dev.hairpin.turnserver.testkit.Await;
import dev.hairpin.turnserver.testkit.Bytes;
import dev.hairpin.turnserver.testkit.Delivery;
import dev.hairpin.turnserver.testkit.EchoPeer;
import dev.hairpin.turnserver.testkit.Methods;
import dev.hairpin.turnserver.testkit.TestTurnClient;
import dev.hairpin.turnserver.testkit.TurnCredential;
import dev.hairpin.turnserver.udp.UdpMode;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Clocks that jump, stop, or reach the ends of their numbers.
class ClocksTest {
  private static final String SECRET = "a secret of this test";
  private static final int CHANNEL = 0x4000;
  private static final Bytes HELLO = Bytes.utf8("hello");
  private static final long DAY = Duration.ofDays(1).toSeconds();

  private final Hands clock = new Hands();
  private final TurnServer server =
      TurnServer.start(
          TurnSettings.of(SharedSecrets.of(SECRET), ListenUrl.parse("udp://127.0.0.1:0"))
              .but(d -> d.udp = UdpMode.AUTO)
              .but(d -> d.loops = 2)
              .allowingPeers("127.0.0.0/8"),
          clock);
  private final EchoPeer peer = EchoPeer.at(InetAddress.ofLiteral("127.0.0.1"));

  /// Both clocks by hand.
  private static final class Hands implements Clock {
    final AtomicLong nanos = new AtomicLong(Duration.ofHours(1).toNanos());
    final AtomicLong wallSeconds = new AtomicLong(Instant.now().getEpochSecond());

    @Override
    public long nanos() {
      return nanos.get();
    }

    @Override
    public long wallSeconds() {
      return wallSeconds.get();
    }

    void advance(Duration duration) {
      nanos.addAndGet(duration.toNanos());
      wallSeconds.addAndGet(duration.toSeconds());
    }
  }

  @AfterEach
  void close() {
    peer.close();
    server.close();
  }

  @ParameterizedTest
  @ValueSource(longs = {DAY_BACK, DAY_AHEAD, -3_600, 3_600, -1, 1})
  void aStepOfTheWallClockTouchesNoAllocationPermissionChannelOrNonce(long step) {
    try (var client = client()) {
      client.allocate();
      client.bind(CHANNEL, peer.address());
      clock.wallSeconds.addAndGet(step);
      assertEchoes(client);
      var refresh = client.call(Methods.REFRESH, m -> m.lifetime(600));
      assertEquals(600, refresh.uint32(Attributes.LIFETIME));
      long stale = server.telemetry().errors(438);
      assertEquals(0, stale, "with the nonce from before");
      clock.nanos.addAndGet(Duration.ofSeconds(299).toNanos());
      assertEchoes(client);
      clock.nanos.addAndGet(Duration.ofSeconds(301).toNanos());
      Await.until(
          Duration.ofSeconds(5),
          () -> server.telemetry().liveAllocations() == 0,
          () -> "the allocation lives on");
    }
  }

  private static final long DAY_BACK = -86_400;
  private static final long DAY_AHEAD = 86_400;

  @Test
  void aStepOfTheWallClockMovesTheEndOfCredentialsAndNothingElse() {
    try (var early = client();
        var late = client()) {
      early.with(ending(clock.wallSeconds() + 60));
      early.allocate();
      late.with(ending(clock.wallSeconds() + 60));
      clock.wallSeconds.addAndGet(DAY);
      assertEquals(401, late.call(Methods.ALLOCATE, m -> m.requestedTransport()).errorCode());
      clock.wallSeconds.addAndGet(-DAY);
      late.allocate();
    }
  }

  @Test
  void afterALongSuspensionWhatHasEndedIsGoneAndClientsAreServedMeanwhile() {
    var clients = new ArrayList<TestTurnClient>();
    try (var witness = client()) {
      for (int i = 0; i < 60; i++) {
        var client = client().with(ending(clock.wallSeconds() + DAY + 3_600));
        client.allocate();
        clients.add(client);
      }
      clock.advance(Duration.ofDays(1));
      for (int i = 0; i < 20; i++) {
        long began = System.nanoTime();
        witness.binding();
        assertTrue(System.nanoTime() - began < Duration.ofSeconds(2).toNanos(), "no pause");
      }
      var gone = clients.getFirst().call(Methods.REFRESH, m -> m.lifetime(600));
      assertEquals(437, gone.errorCode());
      Await.until(
          Duration.ofSeconds(10),
          () -> server.telemetry().liveAllocations() == 0,
          () -> server.telemetry().liveAllocations() + " are left");
      clients.getFirst().allocate();
    } finally {
      clients.forEach(TestTurnClient::close);
    }
  }

  /// Time passes on the loop itself, so that no sweep comes between.
  @Test
  void whatHasEndedIsGoneAlsoWhereNoSweepHasSeenIt() {
    try (var loop = new LoneLoop();
        var lone = loop.client()) {
      lone.allocate();
      lone.bind(CHANNEL, new InetSocketAddress(LoneLoop.PEER, 9));
      var refused =
          loop.run(
              () -> {
                loop.advance(Duration.ofMinutes(10));
                lone.sendOnChannel(CHANNEL, HELLO);
                return lone.call(Methods.REFRESH, m -> m.lifetime(600));
              });
      assertEquals(437, refused.errorCode());
      assertEquals(1, loop.dropped(DropReason.NO_ALLOCATION));
    }
  }

  @ParameterizedTest
  @ValueSource(
      longs = {
        0x7fff_fffeL,
        0x7fff_ffffL,
        0x8000_0000L,
        0x8000_0001L,
        0xffff_fffeL,
        0xffff_ffffL,
        0x1_0000_0000L,
        0x1_0000_0001L,
        9_999_990_000L
      })
  void credentialsAreGoodAcrossTheEndsOf32BitsAndUntilTheYear2286(long now) {
    clock.wallSeconds.set(now);
    try (var good = client();
        var ended = client();
        var far = client()) {
      good.with(ending(now + 3_600)).allocate();
      for (var refused : List.of(ended.with(ending(now)), far.with(ending(now + 2 * DAY + 1)))) {
        var answer = refused.call(Methods.ALLOCATE, m -> m.requestedTransport());
        assertEquals(401, answer.errorCode());
      }
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {0x1000_0000L, 0x7fff_ffffL - 1_200})
  void aProcessMayRunForDecades(long uptimeSeconds) {
    clock.nanos.set(Duration.ofSeconds(uptimeSeconds).toNanos() - 1);
    try (var client = client()) {
      client.allocate();
      client.bind(CHANNEL, peer.address());
      clock.nanos.addAndGet(Duration.ofSeconds(299).toNanos());
      assertEchoes(client);
      client.refresh(600);
    }
  }

  private static TurnCredential ending(long wallSeconds) {
    return TurnCredential.ofSecret(SECRET, wallSeconds + ":alice");
  }

  private void assertEchoes(TestTurnClient client) {
    client.sendOnChannel(CHANNEL, HELLO);
    assertEquals(new Delivery.OnChannel(CHANNEL, HELLO), client.receive());
  }

  private TestTurnClient client() {
    return TestTurnClient.to(server.listenAddresses().getFirst().toInetSocketAddress())
        .withSecret(SECRET)
        .as("alice");
  }
}
