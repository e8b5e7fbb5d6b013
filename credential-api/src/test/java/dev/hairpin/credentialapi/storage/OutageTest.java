package dev.hairpin.credentialapi.storage;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.hairpin.credentialapi.Api;
import dev.hairpin.credentialapi.usage.RelayedCall;
import dev.hairpin.credentialapi.usage.StorageException;
import dev.hairpin.credentialapi.usage.UsageKeeper;
import dev.hairpin.credentialapi.usage.UsageQuery;
import dev.hairpin.credentialapi.usage.UsageQuery.Step;
import dev.hairpin.credentialapi.usage.UsageRow;
import dev.hairpin.turnserver.testkit.Await;
import dev.hairpin.turnserver.testkit.FaultyStreams;
import dev.hairpin.turnserver.testkit.FaultyStreams.Fault;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.concurrent.locks.LockSupport;
import java.util.function.ToLongFunction;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// PostgreSQL dies, hangs, breaks off and talks nonsense while a TURN server relays. Takes as long
/// as the deadlines that it watches.
@Timeout(120)
class OutageTest {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  /// The keeper may rest for a minute before it tries again.
  private static final Duration UNTIL_TRIED_AGAIN = Duration.ofSeconds(90);

  private static final Duration OUTAGE = Duration.ofSeconds(2);
  private static final Duration INTERVAL = Duration.ofMillis(20);
  private static final Duration RETENTION = Duration.ofDays(36_500);
  private static final UsageQuery ALL =
      new UsageQuery(null, null, 0, Long.MAX_VALUE, Step.DAY, 1_000, null);

  @TempDir static Path folder;
  private static PostgresServer server;

  @BeforeAll
  static void start() throws Exception {
    server = new PostgresServer(folder);
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  @Test
  void whereItIsKilledUnderLoadNoPacketIsLostAndEveryByteIsStoredOnce() throws Exception {
    long before = stored(row -> row.usage().bytesToPeers());
    var keeper = UsageKeeper.start(new Storage(server.database()), INTERVAL, RETENTION);
    try (var call = new RelayedCall(keeper.ledger())) {
      for (int kill = 0; kill < 2; kill++) {
        awaitPackets(call, call.packets() + 200);
        Await.until(PATIENCE, () -> keeper.ledger().waiting() < 60, () -> "it is stored");
        server.kill();
        try (var _ = new Bearable()) {
          Await.until(PATIENCE, () -> !keeper.isUp(), () -> "it is missed");
          long packets = call.packets();
          LockSupport.parkNanos(OUTAGE.toNanos());
          assertTrue(call.packets() > packets + 100, "the relay goes on");
          assertTrue(keeper.ledger().waiting() <= 100, "rows of the same users are joined");
        }
        server.restart();
        Await.until(UNTIL_TRIED_AGAIN, keeper::isUp, () -> "it is back: " + server.log());
      }
      long packets = call.end();
      keeper.close();
      assertEquals(0, keeper.ledger().waiting());
      assertEquals(packets * RelayedCall.BYTES, call.relayedBytes());
      assertEquals(packets * RelayedCall.BYTES, stored(row -> row.usage().bytesToPeers()) - before);
    }
  }

  @Test
  void whereItHangsCallersAreToldWithinThreeSecondsAndTheRestIsServed() throws Exception {
    outage(proxy -> proxy.fail(Fault.STALL), proxy -> proxy.fail(Fault.NONE));
  }

  @Test
  void whereItBreaksOffAgainAndAgainEveryByteIsStoredOnce() throws Exception {
    long before = stored(row -> row.usage().packetsToPeers());
    try (var proxy = proxy();
        var keeper = UsageKeeper.start(new Storage(through(proxy)), INTERVAL, RETENTION);
        var call = new RelayedCall(keeper.ledger())) {
      for (int reset = 0; reset < 6; reset++) {
        awaitPackets(call, call.packets() + 300);
        proxy.reset();
      }
      long packets = call.end();
      Await.until(UNTIL_TRIED_AGAIN, () -> keeper.ledger().waiting() == 0, () -> "all is stored");
      assertEquals(packets, stored(row -> row.usage().packetsToPeers()) - before);
    }
  }

  private interface Change {
    void on(FaultyStreams proxy);
  }

  private void outage(Change begin, Change end) throws Exception {
    long before = stored(row -> row.usage().packetsToPeers());
    try (var proxy = proxy();
        var keeper = UsageKeeper.start(new Storage(through(proxy)), INTERVAL, RETENTION);
        var api = Api.start(Api.settings(), null, keeper, Instant::now);
        var call = new RelayedCall(keeper.ledger())) {
      awaitPackets(call, 200);
      Await.until(
          PATIENCE, () -> api.get("/v1/usage", Api.KEY).statusCode() == 200, () -> "it is open");
      begin.on(proxy);
      Await.until(PATIENCE, () -> !keeper.isUp(), () -> "it is missed");
      try (var _ = new Bearable()) {
        long packets = call.packets();
        for (int i = 0; i < 4; i++) {
          long began = System.nanoTime();
          var answer = api.get("/v1/usage", Api.KEY);
          assertEquals(503, answer.statusCode());
          assertTrue(System.nanoTime() - began < Duration.ofSeconds(3).toNanos());
          assertFalse(Api.header(answer, "Retry-After").isEmpty());
          assertEquals(200, api.get("/v1/ice-servers", Api.KEY).statusCode());
          LockSupport.parkNanos(Duration.ofMillis(500).toNanos());
        }
        assertTrue(call.packets() > packets + 100, "the relay goes on");
      }
      end.on(proxy);
      Await.until(UNTIL_TRIED_AGAIN, keeper::isUp, () -> "it is back");
      long packets = call.end();
      Await.until(UNTIL_TRIED_AGAIN, () -> keeper.ledger().waiting() == 0, () -> "all is stored");
      assertEquals(packets, stored(row -> row.usage().packetsToPeers()) - before);
    }
  }

  /// What listens where a database should.
  enum Impostor {
    /// Takes connections and says nothing.
    SILENT,
    /// Takes connections and says what no database says.
    NONSENSE
  }

  @ParameterizedTest
  @EnumSource(Impostor.class)
  void whatIsNoDatabaseHoldsNobodyForLong(Impostor impostor) throws Exception {
    try (var listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
      if (impostor == Impostor.NONSENSE) {
        Thread.ofPlatform().daemon().start(() -> talkNonsense(listener));
      }
      var database = server.at(listener.getLocalPort());
      var keeper = UsageKeeper.start(new Storage(database), INTERVAL, RETENTION);
      try (var call = new RelayedCall(keeper.ledger());
          var _ = new Bearable()) {
        awaitPackets(call, 100);
        for (int i = 0; i < 3; i++) {
          long began = System.nanoTime();
          assertThrows(StorageException.class, () -> keeper.find(ALL));
          assertTrue(System.nanoTime() - began < Duration.ofSeconds(3).toNanos());
        }
        long began = System.nanoTime();
        keeper.close();
        assertTrue(System.nanoTime() - began < Duration.ofMillis(5_500).toNanos());
        call.end();
        assertTrue(keeper.ledger().waiting() > 0, "it is not said to be stored");
      }
    }
  }

  private static void talkNonsense(ServerSocket listener) {
    byte[] nonsense = "HTTP/1.1 418 I'm a teapot\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
    while (!listener.isClosed()) {
      try (Socket socket = listener.accept()) {
        socket.getOutputStream().write(nonsense);
      } catch (IOException _) {
        // the next one
      }
    }
  }

  private static FaultyStreams proxy() {
    return new FaultyStreams(
        new InetSocketAddress(InetAddress.getLoopbackAddress(), server.port()), 7);
  }

  private static Database through(FaultyStreams proxy) {
    return server.at(proxy.address().getPort());
  }

  private static void awaitPackets(RelayedCall call, long packets) {
    Await.until(PATIENCE, () -> call.packets() >= packets, () -> "the relay goes on");
  }

  private static long stored(ToLongFunction<UsageRow> number) {
    try (var store = new Storage(server.database()).get()) {
      return store.find(ALL).stream().mapToLong(number).sum();
    }
  }

  /// While a database is gone, what waits for it takes next to no CPU, and leaves no descriptor
  /// open.
  private static final class Bearable implements AutoCloseable {
    private final long began = System.nanoTime();
    private final long cpu = cpuNanos();
    private final long descriptors = descriptors();

    private static long cpuNanos() {
      var threads = ManagementFactory.getThreadMXBean();
      return Arrays.stream(threads.getThreadInfo(threads.getAllThreadIds()))
          .filter(thread -> thread != null && thread.getThreadName().contains("storage"))
          .mapToLong(thread -> Math.max(0, threads.getThreadCpuTime(thread.getThreadId())))
          .sum();
    }

    private static long descriptors() {
      try (var open = Files.list(Path.of("/proc/self/fd"))) {
        return open.count();
      } catch (IOException e) {
        throw new AssertionError(e);
      }
    }

    @Override
    public void close() {
      double share = (cpuNanos() - cpu) / (double) (System.nanoTime() - began);
      assertTrue(share < 0.1, () -> "share of a core: " + share);
      Await.until(
          PATIENCE,
          () -> descriptors() <= descriptors + 5,
          () -> descriptors() + " descriptors after " + descriptors);
    }
  }
}
