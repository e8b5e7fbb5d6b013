package dev.hairpin.turnserver.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import com.sun.management.UnixOperatingSystemMXBean;
import dev.hairpin.turnserver.credential.SharedSecrets;
import dev.hairpin.turnserver.net.ListenUrl;
import dev.hairpin.turnserver.telemetry.Counter;
import dev.hairpin.turnserver.telemetry.DropReason;
import dev.hairpin.turnserver.testkit.Attributes;
import dev.hairpin.turnserver.testkit.Await;
import dev.hairpin.turnserver.testkit.Bytes;
import dev.hairpin.turnserver.testkit.MessageBuilder;
import dev.hairpin.turnserver.testkit.Methods;
import dev.hairpin.turnserver.testkit.TestTurnClient;
import dev.hairpin.turnserver.testkit.TurnCredential;
import dev.hairpin.turnserver.testkit.UdpWire;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;
import org.slf4j.LoggerFactory;

/// Strangers by the thousand leave nothing behind. What they cost of memory and time is measured by
/// `deploy/dev/flood`.
@Isolated("it counts what the process holds")
class FloodTest {
  private static final int SOURCES = 5_000;
  private static final int HEAP_SLACK_BYTES = 1 << 20;
  private static final String SECRET = "north";

  @Test
  void strangersLeaveNothingBehind() {
    var url = ListenUrl.parse("udp://127.0.0.1:0");
    try (var server = TurnServer.start(TurnSettings.of(SharedSecrets.of(SECRET), url));
        var honest = TestTurnClient.to(address(server)).withSecret(SECRET).as("alice")) {
      var _ = honest.allocate();
      long heap = 0;
      long descriptors = 0;
      int threads = 0;
      for (int round = 0; round < 3; round++) { // the first loads what there is to load
        flood(server);
        if (round == 0) {
          heap = heap();
          descriptors = descriptors();
          threads = Thread.activeCount();
        }
      }
      assertEquals(600, honest.refresh(600));
      assertEquals(1, server.telemetry().liveAllocations());
      assertEquals(descriptors, descriptors());
      assertTrue(Thread.activeCount() <= threads, () -> Thread.getAllStackTraces().toString());
      long grown = heap() - heap;
      assertTrue(grown < HEAP_SLACK_BYTES, grown + " bytes for " + 2 * SOURCES + " strangers");
    }
  }

  @Test
  void strangersWriteNothingIntoTheLog() {
    var logger = (Logger) LoggerFactory.getLogger("dev.hairpin");
    var log = new ListAppender<ILoggingEvent>();
    log.start();
    logger.addAppender(log);
    var url = ListenUrl.parse("udp://127.0.0.1:0");
    try (var server = TurnServer.start(TurnSettings.of(SharedSecrets.of(SECRET), url))) {
      log.list.clear();
      flood(server);
      assertEquals(List.of(), log.list);
    } finally {
      logger.detachAppender(log);
    }
  }

  /// Three kinds of strangers, each from an address of its own, and some with a good nonce.
  private static void flood(TurnServer server) {
    var told = server.telemetry();
    long junk = told.get(DropReason.NOT_STUN_NOR_CHANNEL_DATA);
    long packets = told.get(Counter.CLIENT_PACKETS_IN);
    for (int i = 0; i < SOURCES; i++) {
      var source =
          InetAddress.ofLiteral("127.%d.%d.%d".formatted(1 + i / 62_500, i / 250, 1 + i % 250));
      try (var wire = UdpWire.to(address(server), source)) {
        wire.send(Bytes.hex("ffff"));
        wire.send(MessageBuilder.request(Methods.ALLOCATE).requestedTransport().build());
        wire.send(
            MessageBuilder.request(Methods.ALLOCATE)
                .requestedTransport()
                .text(Attributes.USERNAME, "mallory")
                .text(Attributes.REALM, "hairpin")
                .attribute(Attributes.NONCE, Bytes.random(28))
                .attribute(Attributes.MESSAGE_INTEGRITY, Bytes.random(20))
                .build());
      }
      if (i % 100 == 0) {
        guess(server, source);
      }
      long seen = i + 1L;
      if (i % 50 == 49) { // no more than fits into a socket's queue
        await(() -> told.get(DropReason.NOT_STUN_NOR_CHANNEL_DATA) - junk >= seen);
        await(() -> told.get(Counter.CLIENT_PACKETS_IN) - packets >= 2 * seen);
      }
    }
  }

  private static void guess(TurnServer server, InetAddress source) {
    try (var guesser =
        TestTurnClient.to(address(server), source).with(new TurnCredential("mallory", "guess"))) {
      assertTrue(guesser.call(Methods.ALLOCATE, MessageBuilder::requestedTransport).isError(401));
    }
  }

  private static void await(BooleanSupplier condition) {
    Await.until(Duration.ofSeconds(10), condition, () -> "packets were lost");
  }

  private static long heap() {
    long least = Long.MAX_VALUE;
    for (int i = 0; i < 3; i++) {
      System.gc();
      var used = ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
      least = Math.min(least, used);
    }
    return least;
  }

  private static long descriptors() {
    return ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean unix
        ? unix.getOpenFileDescriptorCount()
        : 0;
  }

  private static InetSocketAddress address(TurnServer server) {
    return server.listenAddresses().getFirst().toInetSocketAddress();
  }
}
