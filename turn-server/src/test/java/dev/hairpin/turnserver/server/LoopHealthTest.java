package dev.hairpin.turnserver.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.hairpin.turnserver.credential.SharedSecrets;
import dev.hairpin.turnserver.loop.RelayLoop;
import dev.hairpin.turnserver.net.ListenUrl;
import dev.hairpin.turnserver.telemetry.DropReason;
import dev.hairpin.turnserver.testkit.Await;
import dev.hairpin.turnserver.testkit.StreamWire;
import dev.hairpin.turnserver.testkit.TestTurnClient;
import io.netty.channel.IoEventLoop;
import io.netty.util.concurrent.AbstractScheduledEventExecutor;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/// The loops themselves: they survive what goes wrong in them, and cost no more the more there is
/// to do.
class LoopHealthTest {
  private static final String SECRET = "a secret of this test";
  private static final Duration PATIENCE = Duration.ofSeconds(10);
  private static final InetAddress LOOPBACK = InetAddress.ofLiteral("127.0.0.1");

  private static TurnSettings settings() {
    var urls = List.of(ListenUrl.parse("udp://127.0.0.1:0"), ListenUrl.parse("tcp://127.0.0.1:0"));
    return TurnSettings.of(SharedSecrets.of(SECRET), urls.getFirst())
        .but(d -> d.listeners = urls)
        .allowingPeers("127.0.0.0/8")
        .but(d -> d.loops = 1);
  }

  private static TestTurnClient client(TurnServer server) {
    var address = server.listenAddresses().getFirst().toInetSocketAddress();
    return TestTurnClient.to(address).withSecret(SECRET).as("alice");
  }

  private static long live(TurnServer server) {
    return server.telemetry().liveAllocations();
  }

  private static RelayLoop loop(TurnServer server) {
    return server.shared.loops().getFirst();
  }

  @Test
  void theSweepGoesOnWhateverIsThrownInIt() throws Exception {
    var clock = new ManualClock();
    try (var server = TurnServer.start(settings(), clock);
        var client = client(server)) {
      client.allocate();
      var listeners = read(loop(server), "listeners");
      ((Collection<?>) read(listeners, "bound")).add(null);
      Await.until(
          PATIENCE,
          () -> server.telemetry().get(DropReason.INTERNAL_FAULT) >= 2,
          () -> "faults are counted");
      clock.advance(Duration.ofHours(2));
      Await.until(PATIENCE, () -> live(server) == 0, () -> "the sweep has ended");
      assertEquals(600, client.allocate().lifetimeSeconds());
      ((Collection<?>) read(listeners, "bound")).remove(null);
    }
  }

  private static Object read(Object of, String field) throws ReflectiveOperationException {
    var found = of.getClass().getDeclaredField(field);
    found.setAccessible(true);
    return found.get(of);
  }

  @Test
  void aLoopThatDoesNotComeRoundIsNoticed() throws Exception {
    var noticed = new CountDownLatch(1);
    var free = new CountDownLatch(1);
    try (var server = TurnServer.start(settings().but(d -> d.onStuck = noticed::countDown))) {
      loop(server)
          .eventLoop()
          .submit(() -> {})
          .get(10, TimeUnit.SECONDS); // it comes round at first
      loop(server).eventLoop().execute(() -> Await.released(free));
      boolean isNoticed = noticed.await(20, TimeUnit.SECONDS);
      free.countDown();
      assertTrue(isNoticed);
    }
  }

  @Test
  void manyAllocationsAndConnectionsTakeNoThreadAndNoTimer() throws Exception {
    try (var server = TurnServer.start(settings())) {
      try (var warm = client(server)) {
        warm.allocate();
      }
      int threads = platformThreads();
      var clients = new ArrayList<AutoCloseable>();
      for (int i = 0; i < 50; i++) {
        var udp = client(server);
        udp.allocate();
        udp.bind(0x4000, new InetSocketAddress(LOOPBACK, 9));
        clients.add(udp);
        var wire = StreamWire.to(server.listenAddresses().getLast().toInetSocketAddress());
        var tcp = TestTurnClient.over(wire).withSecret(SECRET).as("bob");
        tcp.allocate();
        clients.add(tcp);
      }
      assertEquals(100, live(server) - 1);
      assertEquals(threads, platformThreads());
      assertEquals(0, timers(loop(server).eventLoop()));
      for (var client : clients) {
        client.close();
      }
    }
  }

  private static int platformThreads() {
    return (int)
        Thread.getAllStackTraces().keySet().stream()
            .filter(t -> t.getName().startsWith("hairpin"))
            .count();
  }

  private static int timers(IoEventLoop loop) throws Exception {
    var queue = AbstractScheduledEventExecutor.class.getDeclaredField("scheduledTaskQueue");
    queue.setAccessible(true);
    return loop.submit(() -> queue.get(loop) instanceof Queue<?> timers ? timers.size() : 0).get();
  }
}
