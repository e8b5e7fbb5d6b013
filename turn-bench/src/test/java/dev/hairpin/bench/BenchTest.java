package dev.hairpin.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.hairpin.bench.Load.Direction;
import dev.hairpin.bench.measure.Figure;
import dev.hairpin.bench.result.Progress;
import dev.hairpin.bench.result.Results;
import dev.hairpin.turnserver.allocation.AllocationSettings;
import dev.hairpin.turnserver.credential.SharedSecrets;
import dev.hairpin.turnserver.net.ListenUrl;
import dev.hairpin.turnserver.net.Transport;
import dev.hairpin.turnserver.server.TurnServer;
import dev.hairpin.turnserver.server.TurnSettings;
import dev.hairpin.turnserver.transport.StreamSettings.CertificateFiles;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.Writer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// The whole bench against a server of this process.
class BenchTest {
  private static final SharedSecrets SECRETS = SharedSecrets.of("the secret of the tests");
  private static final Duration SHORT = Duration.ofMillis(400);

  @TempDir static Path folder;

  private static @Nullable Certificate certificate;

  record Way(Transport transport, Direction direction) {}

  static Stream<Way> ways() {
    return Stream.of(Transport.UDP, Transport.TCP, Transport.TLS)
        .flatMap(t -> Stream.of(Direction.values()).map(d -> new Way(t, d)));
  }

  @ParameterizedTest
  @MethodSource("ways")
  void whatIsSentComesThroughAndEveryAllocationIsGivenBack(Way way) throws Exception {
    try (var server = start(way.transport(), "127.0.0.0/8")) {
      var results = run(server, load(4, way.direction(), 1_000), SECRETS);
      var run = results.outcomes().getFirst().runs().getFirst();
      double sent = run.figures().get(Figure.SENT).orElseThrow();
      assertEquals(400, sent, 40);
      assertEquals(sent, run.figures().get(Figure.RECEIVED).orElseThrow());
      assertEquals(0, run.figures().get(Figure.LOSS).orElseThrow());
      assertEquals(0, run.figures().get(Figure.CORRUPT).orElseThrow());
      assertEquals(0, run.figures().get(Figure.DUPLICATES).orElseThrow());
      assertTrue(run.figures().get(Figure.P50).orElseThrow() > 0);
      assertEquals(0, server.telemetry().liveAllocations());
      var making = given(results.outcomes().getFirst().making());
      assertEquals(4, making.allocations());
    }
  }

  @Test
  void aVideoIsBurstsOfWhichTheLastPacketIsShorter() throws Exception {
    try (var server = start(Transport.UDP, "127.0.0.0/8")) {
      var load =
          new Load(2, Direction.UP, Payload.VIDEO, OptionalInt.of(600), Duration.ZERO, SHORT, 1);
      var figures = run(server, load, SECRETS).outcomes().getFirst().median();
      double packets = figures.get(Figure.RECEIVED).orElseThrow();
      double bytes = figures.get(Figure.RECEIVED_BYTES).orElseThrow();
      assertEquals(240, packets, 20);
      assertEquals(Payload.VIDEO.meanBytes(), bytes / packets, 10);
    }
  }

  @Test
  void anAllocationIsKeptThatLastsForLessThanTheRound() throws Exception {
    var brief = Duration.ofSeconds(1);
    var lifetimes = new AllocationSettings(brief, brief, Duration.ofHours(1), Duration.ZERO);
    var listener = ListenUrl.parse("udp://127.0.0.1:0");
    var settings = TurnSettings.of(SECRETS, listener).allowingPeers("127.0.0.0/8");
    try (var server = TurnServer.start(settings.but(d -> d.allocation = lifetimes))) {
      var load =
          new Load(
              2,
              Direction.UP,
              Payload.AUDIO,
              OptionalInt.of(100),
              Duration.ZERO,
              Duration.ofSeconds(3),
              1);
      var run = run(server, load, SECRETS).outcomes().getFirst().runs().getFirst();
      assertEquals(0, run.figures().get(Figure.LOSS).orElseThrow(), String.valueOf(run.error()));
    }
  }

  @Test
  void aFloodSendsMoreThanAnyRateThatWasAskedFor() throws Exception {
    try (var server = start(Transport.UDP, "127.0.0.0/8")) {
      var load =
          new Load(
              4, Direction.UP, Payload.of(160, 1), OptionalInt.empty(), Duration.ZERO, SHORT, 1);
      var figures = run(server, load, SECRETS).outcomes().getFirst().median();
      assertTrue(figures.get(Figure.SENT).orElseThrow() > 4_000, figures.toString());
      assertTrue(figures.get(Figure.RECEIVED).orElseThrow() > 400, figures.toString());
      assertEquals(0, server.telemetry().liveAllocations());
    }
  }

  @Test
  void twoServersAreComparedInTurns() throws Exception {
    try (var first = start(Transport.UDP, "127.0.0.0/8");
        var second = start(Transport.UDP, "127.0.0.0/8")) {
      var load =
          new Load(
              2,
              Direction.ECHO,
              Payload.AUDIO,
              OptionalInt.of(200),
              Duration.ofMillis(50),
              Duration.ofMillis(200),
              2);
      var plan = plan(load, false, target("a", first, SECRETS), target("b", second, SECRETS));
      var results = new Bench(plan, silent()).run();
      assertEquals(2, results.outcomes().getFirst().runs().size());
      assertEquals(2, results.outcomes().getLast().runs().size());
      assertEquals(1, results.ratio(Figure.RECEIVED).orElseThrow(), 0.2);
    }
  }

  @Test
  void severalThreadsShareTheClientsAndTheRate() throws Exception {
    try (var server = start(Transport.UDP, "127.0.0.0/8")) {
      var target = target("a", server, SECRETS);
      var load = load(5, Direction.ECHO, 1_000);
      var plan = new Bench.Plan(List.of(target), load, false, 3, null, "test");
      var figures = new Bench(plan, silent()).run().outcomes().getFirst().median();
      assertEquals(400, figures.get(Figure.SENT).orElseThrow(), 40);
      assertEquals(0, figures.get(Figure.LOSS).orElseThrow());
      assertEquals(0, server.telemetry().liveAllocations());
    }
  }

  @Test
  void aPeerThatIsNotOnThisMachineIsTold() throws Exception {
    try (var server = start(Transport.UDP, "127.0.0.0/8")) {
      var peer = dev.hairpin.turnserver.net.IpAddress.parse("203.0.113.5");
      var target = target("a", server, SECRETS);
      var plan = new Bench.Plan(List.of(target), load(1, Direction.UP, 10), false, 1, peer, "test");
      var e = assertThrows(BenchException.class, () -> new Bench(plan, silent()).run());
      assertTrue(e.getMessage().contains("by --peer-address"), e.getMessage());
    }
  }

  @Test
  void aServerThatSpeaksNoTlsIsTold() throws Exception {
    var engine = SSLContext.getDefault().createSSLEngine();
    engine.setUseClientMode(true);
    try (var server = start(Transport.TCP, "127.0.0.0/8")) {
      var address = server.listenAddresses().getFirst().toInetSocketAddress();
      var login = Credentials.user("u", "p");
      var target = new Target("a", "turns:a", Transport.TLS, address, () -> engine, login, 0);
      var load = load(1, Direction.UP, 10);
      var e =
          assertThrows(
              BenchException.class, () -> new Bench(plan(load, false, target), silent()).run());
      assertEquals("turns:a: TLS: the server closed the connection", e.getMessage());
    }
  }

  @Test
  void aWrongSecretIsToldAsA401() throws Exception {
    try (var server = start(Transport.UDP, "127.0.0.0/8")) {
      var wrong = SharedSecrets.of("another");
      var e =
          assertThrows(BenchException.class, () -> run(server, load(2, Direction.UP, 100), wrong));
      assertTrue(e.getMessage().contains("Allocate is refused by 401"), e.getMessage());
    }
  }

  @Test
  void aDeniedPeerIsToldAsA403WithWhatHelps() throws Exception {
    try (var server = start(Transport.UDP, "203.0.113.0/24")) {
      var e =
          assertThrows(
              BenchException.class, () -> run(server, load(2, Direction.UP, 100), SECRETS));
      assertTrue(e.getMessage().contains("refused by 403"), e.getMessage());
      assertTrue(e.getMessage().contains("--allow-peer"), e.getMessage());
      assertTrue(e.getMessage().contains("allow-loopback-peers"), e.getMessage());
      assertEquals(0, server.telemetry().liveAllocations());
    }
  }

  @Test
  void whoeverStopsItGetsWhatThereIsAndNothingIsLeftBehind() throws Exception {
    try (var server = start(Transport.UDP, "127.0.0.0/8")) {
      var load =
          new Load(
              3,
              Direction.UP,
              Payload.AUDIO,
              OptionalInt.of(300),
              Duration.ZERO,
              Duration.ofMinutes(10),
              5);
      var bench = new Bench(plan(load, false, target("a", server, SECRETS)), silent());
      var running = CompletableFuture.supplyAsync(() -> quietly(bench));
      while (server.telemetry().liveAllocations() < 3) {
        Thread.onSpinWait();
      }
      bench.stop();
      var results = running.get(10, java.util.concurrent.TimeUnit.SECONDS);
      assertEquals(1, results.outcomes().size());
      assertEquals(0, server.telemetry().liveAllocations());
    }
  }

  @Test
  void heavyLoadsTowardsStrangersNeedConsent() {
    var strange =
        new Target(
            "x",
            "turn:203.0.113.9",
            Transport.UDP,
            new java.net.InetSocketAddress("203.0.113.9", 3478),
            null,
            Credentials.user("u", "p"),
            0);
    assertTrue(plan(load(10, Direction.UP, 500), false, strange).objection().isEmpty());
    assertTrue(plan(load(10, Direction.UP, 50_000), false, strange).objection().isPresent());
    assertTrue(plan(load(10, Direction.UP, 500), true, strange).objection().isPresent());
  }

  @Test
  void credentialsAreNotPrinted() {
    assertEquals("Login[u]", Credentials.user("u", "hidden").of(0).toString());
  }

  private static Results quietly(Bench bench) {
    try {
      return bench.run();
    } catch (BenchException | InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private static <T> T given(@Nullable T value) {
    if (value == null) {
      throw new AssertionError();
    }
    return value;
  }

  private static Results run(TurnServer server, Load load, SharedSecrets secrets) throws Exception {
    return new Bench(plan(load, false, target("a", server, secrets)), silent()).run();
  }

  private static Load load(int clients, Direction direction, int rate) {
    return new Load(
        clients, direction, Payload.AUDIO, OptionalInt.of(rate), Duration.ofMillis(50), SHORT, 1);
  }

  private static Bench.Plan plan(Load load, boolean search, Target... targets) {
    return new Bench.Plan(List.of(targets), load, search, 1, null, "test");
  }

  static Progress silent() {
    return new Progress(new PrintWriter(Writer.nullWriter()), false);
  }

  static Target target(String name, TurnServer server, SharedSecrets secrets) {
    var listener = server.listeners().getFirst();
    var trusting = certificate;
    return new Target(
        name,
        "turn:" + listener.address() + "?transport=" + listener.transport().scheme(),
        listener.transport(),
        listener.address().toInetSocketAddress(),
        trusting == null ? null : trusting::newEngine,
        Credentials.secret(secrets, Duration.ofMinutes(5)),
        0);
  }

  static TurnServer start(Transport transport, String peers)
      throws IOException, InterruptedException {
    var listener = ListenUrl.parse(transport.scheme() + "://127.0.0.1:0");
    var settings = TurnSettings.of(SECRETS, ListenUrl.parse("udp://127.0.0.1:0"));
    if (transport == Transport.TLS) {
      var made = certificate == null ? Certificate.make(folder) : certificate;
      certificate = made;
      var files = new CertificateFiles(made.file(), made.key());
      settings = settings.but(d -> d.streams = d.streams.withCertificates(List.of(files)));
    }
    return TurnServer.start(
        settings
            .but(d -> d.listeners = List.of(listener))
            .allowingPeers(peers)
            .but(d -> d.loops = 1));
  }
}
