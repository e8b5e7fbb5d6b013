package dev.hairpin.turnserver.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.hairpin.turnserver.net.IpPrefix;
import dev.hairpin.turnserver.net.Transport;
import dev.hairpin.turnserver.telemetry.Counter;
import dev.hairpin.turnserver.telemetry.DropReason;
import dev.hairpin.turnserver.testkit.Await;
import dev.hairpin.turnserver.testkit.Bytes;
import dev.hairpin.turnserver.testkit.MessageBuilder;
import dev.hairpin.turnserver.testkit.Methods;
import dev.hairpin.turnserver.testkit.StreamWire;
import dev.hairpin.turnserver.testkit.TestCertificate;
import dev.hairpin.turnserver.testkit.TlsProfile;
import dev.hairpin.turnserver.transport.StreamSettings;
import dev.hairpin.turnserver.transport.StreamSettings.Strangers;
import dev.hairpin.turnserver.udp.UdpMode;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Who connects by TCP or TLS and has no allocation takes little, and not for long. A load balancer
/// tells of the sources, for loopback has no bounds.
class StrangersTest {
  private static final Duration HALF_A_MINUTE = Strangers.DEFAULT.patience();
  private static final Bytes BINDING = MessageBuilder.request(Methods.BINDING).build();

  private static final int ECDHE_ECDSA_AES_128_GCM = 0xC02B;
  private static final int ALERT = 21;
  private static final int HANDSHAKE = 22;

  @TempDir private Path folder = Path.of("");

  @Test
  void aSourceHas64ConnectionsAndEachAllocationMakesRoomForOne() {
    try (var scene = StreamScene.behindBalancer("127.0.0.1/32")) {
      var wires = new ArrayList<StreamWire>();
      for (int i = 0; i < 64; i++) {
        wires.add(from(scene, "198.51.100.7"));
        scene.over(wires.getLast()).binding();
      }
      from(scene, "198.51.100.7").awaitEnd();
      assertEquals(1, scene.dropped(DropReason.TOO_MANY_STRANGERS));
      scene.over(from(scene, "198.51.100.8")).binding();
      scene.over(from(scene, "2001:db8::1")).binding();
      scene.over(wires.getFirst()).allocate();
      scene.over(from(scene, "198.51.100.7")).binding();
      from(scene, "198.51.100.7").awaitEnd();
      wires.get(1).close();
      awaitClosed(scene, 3);
      scene.over(from(scene, "198.51.100.7")).binding();
    }
  }

  @Test
  void loopbackHasNoSuchBoundAndNeitherHaveTheChecksOfABalancer() {
    try (var scene = StreamScene.plain(UdpMode.AUTO)) {
      for (int i = 0; i < 80; i++) {
        scene.over(scene.tcp()).binding();
      }
    }
    try (var scene = StreamScene.behindBalancer("127.0.0.1/32")) {
      for (int i = 0; i < 80; i++) {
        var wire = scene.tcp();
        wire.send(Bytes.utf8("PROXY UNKNOWN\r\n"));
        scene.over(wire).binding();
      }
    }
  }

  @Test
  void whereAllPlacesAreTakenTheOldestGivesWayAndAnHonestClientGetsIn() {
    var strangers = new Strangers(0, 20, 0, HALF_A_MINUTE);
    try (var scene = bounded(strangers)) {
      var honest = scene.over(scene.tcp());
      honest.allocate();
      var silent = new ArrayList<StreamWire>();
      for (int i = 0; i < 50; i++) {
        silent.add(scene.tcp());
        awaitOpened(scene, i + 2);
      }
      for (int i = 0; i < 30; i++) {
        silent.get(i).awaitEnd();
      }
      assertEquals(30, scene.dropped(DropReason.TOO_MANY_STRANGERS));
      var _ = scene.over(scene.tcp()).allocate();
      assertEquals(600, honest.refresh(600));
      scene.over(silent.getLast()).binding();
    }
  }

  @Test
  void strangersAtOneListenerGiveWayToWhoComesToAnother() {
    var certificate = TestCertificate.ec(folder, "localhost");
    try (var scene =
        StreamScene.start(
            UdpMode.AUTO,
            List.of("tcp://127.0.0.1:0", "tls://127.0.0.1:0"),
            d -> {
              d.loops = 1;
              d.streams =
                  with(StreamScene.shown(certificate), new Strangers(0, 2, 0, HALF_A_MINUTE));
            })) {
      var silent = List.of(scene.tcp(), scene.tcp());
      awaitOpened(scene, 2);
      try (var wire = scene.tls(TlsProfile.trusting(certificate))) {
        silent.getFirst().awaitEnd();
        scene.over(wire).binding();
      }
    }
  }

  private static StreamSettings with(StreamSettings rest, Strangers strangers) {
    return new StreamSettings(
        rest.certificates(), rest.proxies(), strangers, rest.timeouts(), rest.backlogBytes());
  }

  /// TLS waits for some seconds until what was sent before its last word has been taken.
  @Test
  void whoTakesNothingIsClosedAtOnce() {
    var certificate = TestCertificate.ec(folder, "localhost");
    try (var scene = StreamScene.secure(certificate);
        var wire = scene.tls(TlsProfile.trusting(certificate))) {
      wire.haveLittleRoom();
      var requests = Bytes.EMPTY;
      for (int i = 0; i < 600; i++) {
        requests = requests.plus(BINDING);
      }
      for (int i = 0; i < 1_000 && scene.dropped(DropReason.BACKLOG_FULL) == 0; i++) {
        wire.send(requests);
      }
      scene.awaitDrops(DropReason.BACKLOG_FULL, 1);
      scene.clock.advance(HALF_A_MINUTE);
      scene.awaitDrops(DropReason.CONNECTION_TIMED_OUT, 1);
      Await.until(
          Duration.ofSeconds(2),
          () -> scene.server.telemetry().get(Counter.CONNECTIONS_CLOSED) == 1,
          () -> "it is still open");
    }
  }

  @Test
  void anAllocationComesWithinHalfAMinuteHoweverMuchIsSaid() {
    try (var scene = StreamScene.plain(UdpMode.AUTO);
        var wire = scene.tcp();
        var known = scene.over(scene.tcp())) {
      known.allocate();
      for (int i = 0; i < 5; i++) {
        scene.over(wire).binding();
        scene.clock.advance(HALF_A_MINUTE.dividedBy(6));
      }
      scene.over(wire).binding();
      known.refresh(0);
      scene.clock.advance(HALF_A_MINUTE.dividedBy(6));
      wire.awaitEnd();
      assertEquals(1, scene.dropped(DropReason.CONNECTION_TIMED_OUT));
      known.allocate(); // who was known once has the idle time
    }
  }

  @Test
  void aMessageThatBeganEndsWithinTenSecondsUnlessThereIsAnAllocation() {
    try (var scene = StreamScene.plain(UdpMode.AUTO);
        var dripping = scene.tcp();
        var steady = scene.tcp()) {
      var client = scene.over(steady);
      client.allocate();
      scene.over(dripping).binding();
      for (int i = 0; i < 4; i++) {
        dripping.send(BINDING.slice(i, i + 1));
        steady.send(BINDING.slice(i, i + 1));
        awaitHandled(scene);
        scene.clock.advance(Duration.ofMillis(2_400));
      }
      dripping.send(BINDING.slice(4, 5));
      awaitHandled(scene);
      scene.clock.advance(Duration.ofMillis(400));
      dripping.awaitEnd();
      steady.send(BINDING.slice(4, 20));
      assertTrue(steady.receive(StreamScene.PATIENCE) != null);
    }
  }

  @Test
  void aStrangersMessageOfMoreThanTwoKilobytesEndsAtItsHeader() {
    try (var scene = StreamScene.plain(UdpMode.AUTO);
        var longest = scene.tcp();
        var tooLong = scene.tcp()) {
      longest.send(
          MessageBuilder.request(Methods.BINDING).attribute(0x8888, Bytes.random(2_024)).build());
      assertTrue(longest.receive(StreamScene.PATIENCE) != null);
      tooLong.send(Bytes.hex("000107f02112a442"));
      tooLong.awaitEnd();
      assertEquals(1, scene.dropped(DropReason.TOO_LARGE));
    }
  }

  @Test
  void aStrangerSpeaksInAThousandRecordsAtMost() {
    var certificate = TestCertificate.ec(folder, "localhost");
    try (var scene = StreamScene.secure(certificate);
        var wire = scene.tls(TlsProfile.trusting(certificate))) {
      assertThrows(
          RuntimeException.class,
          () -> {
            for (int i = 0; i < 500; i++) {
              wire.sendInPieces(BINDING, 1);
              var _ = wire.receive(Duration.ofMillis(500));
            }
          });
      assertTrue(scene.server.telemetry().get(Counter.SUCCESS_RESPONSES) <= 1_024 / 2);
      scene.awaitDrops(DropReason.TOO_LARGE, 1);
    }
  }

  @Test
  void aSourceBeginsSoManyTlsHandshakesASecond() {
    var certificate = TestCertificate.ec(folder, "localhost");
    var profile = TlsProfile.trusting(certificate);
    try (var scene = StreamScene.behindBalancer("127.0.0.1/32", certificate)) {
      for (int i = 0; i < Strangers.DEFAULT.handshakes(); i++) {
        from(scene, "198.51.100.7").secured(profile);
      }
      assertThrows(UncheckedIOException.class, () -> from(scene, "198.51.100.7").secured(profile));
      assertEquals(1, scene.dropped(DropReason.TLS_BUSY));
      from(scene, "198.51.100.8").secured(profile);
      scene.clock.advance(Duration.ofSeconds(1));
      from(scene, "198.51.100.7").secured(profile);
    }
  }

  @Test
  void handshakesAreComputedElsewhereThanOnTheLoops() {
    var certificate = TestCertificate.rsa(folder, "localhost");
    try (var scene = StreamScene.secure(certificate);
        var wire = scene.tls(TlsProfile.trusting(certificate))) {
      scene.over(wire).binding();
      assertTrue(
          Thread.getAllStackTraces().keySet().stream()
              .anyMatch(t -> t.getName().startsWith("hairpin-tls")));
    }
  }

  @Test
  void whereTooManyHandshakesWaitTheNextConnectionEndsAndOthersGoOn() throws Exception {
    var certificate = TestCertificate.ec(folder, "localhost");
    var free = new CountDownLatch(1);
    try (var scene = StreamScene.secure(certificate)) {
      var gate = scene.server.shared.streams().gate();
      var handshakers = (ThreadPoolExecutor) read(gate, "handshakers");
      int accepted = 0;
      try {
        for (; accepted < 100_000; accepted++) {
          handshakers.execute(() -> Await.released(free));
        }
      } catch (RejectedExecutionException _) {
        // full
      }
      int threads = Math.max(1, Runtime.getRuntime().availableProcessors() / 2);
      assertEquals(threads, handshakers.getPoolSize());
      assertEquals(257 * threads, accepted);
      assertEquals(ALERT, contentTypeOfAnswer(scene), "nothing is computed for it elsewhere");
      scene.awaitDrops(DropReason.TLS_BUSY, 1);
      scene.over(scene.tcp()).binding();
      free.countDown();
      Await.until(
          Duration.ofSeconds(5), () -> handshakers.getQueue().isEmpty(), () -> "they are done");
      assertEquals(HANDSHAKE, contentTypeOfAnswer(scene));
    } finally {
      free.countDown();
    }
  }

  /// It would all be kept.
  @Test
  void whoSpeaksOnWhileItsHandshakeWaitsIsClosed() throws Exception {
    var certificate = TestCertificate.ec(folder, "localhost");
    var free = new CountDownLatch(1);
    try (var scene = StreamScene.secure(certificate);
        var wire = StreamWire.to(scene.address(Transport.TLS))) {
      var gate = scene.server.shared.streams().gate();
      var handshakers = (ThreadPoolExecutor) read(gate, "handshakers");
      for (int i = 0; i < Runtime.getRuntime().availableProcessors(); i++) {
        handshakers.execute(() -> Await.released(free));
      }
      wire.send(CipherSuitesTest.hello("00", ECDHE_ECDSA_AES_128_GCM));
      assertThrows(
          UncheckedIOException.class,
          () -> {
            for (int i = 0; i < 1_000; i++) {
              wire.send(Bytes.hex("170303 4000").plus(Bytes.random(16 << 10)));
            }
          });
      scene.awaitDrops(DropReason.TOO_LARGE, 1);
    } finally {
      free.countDown();
    }
  }

  /// By bytes: Java's own client takes an end in the middle of the handshake for a success.
  private static int contentTypeOfAnswer(StreamScene scene) {
    try (var wire = StreamWire.to(scene.address(Transport.TLS))) {
      wire.send(CipherSuitesTest.hello("00", ECDHE_ECDSA_AES_128_GCM));
      return wire.receiveBytes(5).at(0);
    }
  }

  private static Object read(Object of, String field) throws ReflectiveOperationException {
    var found = of.getClass().getDeclaredField(field);
    found.setAccessible(true);
    return found.get(of);
  }

  private static StreamScene bounded(Strangers strangers) {
    return StreamScene.start(
        UdpMode.AUTO,
        List.of("tcp://127.0.0.1:0"),
        d -> {
          d.loops = 1;
          d.streams = Services.with(strangers);
        });
  }

  private static StreamWire from(StreamScene scene, String source) {
    var wire = scene.tcp();
    boolean isIpv4 = IpPrefix.parse(source).base().isIpv4();
    wire.send(
        Bytes.utf8(
            "PROXY TCP%s 4711 443\r\n"
                .formatted(
                    (isIpv4 ? "4 " + source + " 192.0.2.1" : "6 " + source + " 2001:db8::9"))));
    return wire;
  }

  private static void awaitHandled(StreamScene scene) {
    scene.over(scene.tcp()).binding(); // the loops have been round
    scene.over(scene.tcp()).binding();
  }

  private static void awaitOpened(StreamScene scene, long count) {
    await(scene, Counter.CONNECTIONS_OPENED, count);
  }

  private static void awaitClosed(StreamScene scene, long count) {
    await(scene, Counter.CONNECTIONS_CLOSED, count);
  }

  private static void await(StreamScene scene, Counter counter, long count) {
    var told = scene.server.telemetry();
    Await.until(
        StreamScene.PATIENCE,
        () -> told.get(counter) >= count,
        () -> counter + " " + told.get(counter));
  }
}
