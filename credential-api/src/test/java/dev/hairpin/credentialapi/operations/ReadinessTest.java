package dev.hairpin.credentialapi.operations;

import static dev.hairpin.credentialapi.Api.header;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.hairpin.credentialapi.Api;
import dev.hairpin.credentialapi.TestCertificate;
import dev.hairpin.turnserver.auth.AuthSettings;
import dev.hairpin.turnserver.credential.SharedSecrets;
import dev.hairpin.turnserver.loop.ServiceSettings;
import dev.hairpin.turnserver.net.IpAddress;
import dev.hairpin.turnserver.net.IpPrefix;
import dev.hairpin.turnserver.net.ListenUrl;
import dev.hairpin.turnserver.net.PortRange;
import dev.hairpin.turnserver.policy.QuotaSettings;
import dev.hairpin.turnserver.relay.RelaySettings;
import dev.hairpin.turnserver.server.TurnServer;
import dev.hairpin.turnserver.server.TurnSettings;
import dev.hairpin.turnserver.telemetry.Counter;
import dev.hairpin.turnserver.testkit.TestTurnClient;
import dev.hairpin.turnserver.transport.StreamSettings;
import java.net.DatagramSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ReadinessTest {
  @TempDir Path folder;

  /// The TURN server's clock is the system's, and its credentials must be good today.
  private final TestClock clock = new TestClock(Instant.now());

  @Test
  void withoutATurnServerInThisProcessTheApiIsReady() {
    try (var api = Api.start()) {
      var response = api.get("/readyz");
      assertEquals(200, response.statusCode());
      assertEquals("ready\n", response.body());
    }
  }

  @Test
  void aTurnServerThatGrantsAnAllocationIsReadyAndHasItBack() {
    try (var turn = TurnServer.start(turn("udp://127.0.0.1:0"));
        var api = Api.start(Api.settings(), turn, clock)) {
      assertEquals(200, api.get("/readyz").statusCode());
      assertEquals(1, turn.telemetry().get(Counter.ALLOCATIONS_OPENED));
      assertEquals(0, turn.telemetry().liveAllocations());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"udp://0.0.0.0:0", "udp://[::]:0", "udp://[::1]:0"})
  void aWildcardIsProbedByItsLoopback(String listener) {
    var relay =
        new RelaySettings(List.of(IpAddress.parse("127.0.0.1")), List.of(), PortRange.DYNAMIC);
    try (var turn = TurnServer.start(turn(listener).but(d -> d.relay = relay))) {
      assertNull(readiness(turn).obstacle());
    }
  }

  @Test
  void aServerThatRelaysOnlyIpv6IsAskedForIpv6() {
    try (var turn = TurnServer.start(turn("udp://[::1]:0"))) {
      assertNull(readiness(turn).obstacle());
    }
  }

  @Test
  void everyListenerIsProbed() {
    var two = List.of(ListenUrl.parse("udp://127.0.0.1:0"), ListenUrl.parse("udp://127.0.0.2:0"));
    try (var turn = TurnServer.start(turn("udp://127.0.0.1:0").but(d -> d.listeners = two))) {
      assertNull(readiness(turn).obstacle());
      assertEquals(2, turn.telemetry().get(Counter.ALLOCATIONS_OPENED));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"tcp://127.0.0.1:0", "tls://127.0.0.1:0", "tcp://[::]:0"})
  void aStreamListenerIsProbedOverItsOwnTransport(String listener) {
    try (var turn = TurnServer.start(turn(listener))) {
      assertNull(readiness(turn).obstacle());
      assertEquals(1, turn.telemetry().get(Counter.ALLOCATIONS_OPENED));
      assertEquals(1, turn.telemetry().get(Counter.CONNECTIONS_OPENED));
    }
  }

  private static StreamSettings behind(List<IpPrefix> proxies, StreamSettings rest) {
    return new StreamSettings(
        rest.certificates(), proxies, rest.strangers(), rest.timeouts(), rest.backlogBytes());
  }

  @Test
  void aListenerBehindALoadBalancerOnThisMachineIsProbedAsByTheBalancer() {
    var proxies = List.of(IpPrefix.parse("127.0.0.0/8"));
    var settings = turn("tls://127.0.0.1:0");
    settings = settings.but(d -> d.streams = behind(proxies, d.streams));
    try (var turn = TurnServer.start(settings)) {
      assertNull(readiness(turn).obstacle());
    }
  }

  @Test
  void aStreamListenerThatIsGoneIsAnObstacle() {
    var turn = TurnServer.start(turn("tcp://127.0.0.1:0"));
    var listener = turn.listeners().getFirst();
    turn.close();
    assertEquals(listener + ": Connection refused", readiness(turn).obstacle());
  }

  private TurnSettings sendingElsewhere() {
    var other = ListenUrl.parse("udp://127.0.0.9:3478").address();
    return turn("udp://127.0.0.1:0")
        .but(
            d ->
                d.service =
                    new ServiceSettings(
                        d.service.mode(),
                        d.service.features(),
                        List.of(other),
                        "",
                        null,
                        d.service.limits()));
  }

  @Test
  void aServerThatSendsClientsElsewhereIsReady() {
    try (var turn = TurnServer.start(sendingElsewhere())) {
      assertNull(readiness(turn).obstacle());
    }
  }

  @Test
  void aServerThatDrainsIsNotReadyEvenWhereItSendsClientsElsewhere() {
    try (var turn = TurnServer.start(sendingElsewhere())) {
      var readiness = readiness(turn);
      assertNull(readiness.obstacle());
      turn.drain();
      assertEquals(
          "the server drains: it is to stop, and takes no new clients", readiness.obstacle());
    }
  }

  @Test
  void aTurnServerThatDoesNotAnswerGets503WithTheReason() {
    var turn = TurnServer.start(turn("udp://127.0.0.1:0"));
    var listener = turn.listenAddresses().getFirst();
    turn.close();
    try (var api = Api.start(Api.settings(), turn, clock)) {
      var response = api.get("/readyz");
      assertEquals(503, response.statusCode());
      assertEquals("application/problem+json", header(response, "Content-Type"));
      assertEquals(
          Api.problem(503, "Service Unavailable", "udp://" + listener + ": there was no answer"),
          response.body());
    }
  }

  @Test
  void aTurnServerWithAnotherSecretIsNotReady() {
    var other = AuthSettings.of("hairpin", SharedSecrets.of("another-secret"));
    try (var turn = TurnServer.start(turn("udp://127.0.0.1:0").but(d -> d.auth = other))) {
      String obstacle = readiness(turn).obstacle();
      assertTrue(
          String.valueOf(obstacle).endsWith("Allocate was refused with error 401"), obstacle);
    }
  }

  @Test
  void nobodyTakesTheQuotaOfTheProber() {
    var one = new QuotaSettings(1, 0, 0, 0, 0);
    try (var turn = TurnServer.start(turn("udp://127.0.0.1:0").but(d -> d.quotas = one));
        var client =
            TestTurnClient.to(turn.listenAddresses().getFirst().toInetSocketAddress())
                .withSecret(Api.SECRET)
                .as("readyz")) {
      client.allocate();
      assertNull(readiness(turn).obstacle());
    }
  }

  @Test
  void aTurnServerWithoutAPortLeftIsNotReady() throws Exception {
    var loopback = IpAddress.parse("127.0.0.1");
    try (var holder = new DatagramSocket(0, loopback.toInetAddress())) {
      var ports = new PortRange(holder.getLocalPort(), holder.getLocalPort());
      var relay = new RelaySettings(List.of(loopback), List.of(), ports);
      try (var turn = TurnServer.start(turn("udp://127.0.0.1:0").but(d -> d.relay = relay))) {
        assertTrue(String.valueOf(readiness(turn).obstacle()).endsWith("refused with error 508"));
      }
    }
  }

  @Test
  void whatWasFoundHoldsForSomeSeconds() {
    try (var turn = TurnServer.start(turn("udp://127.0.0.1:0"))) {
      var readiness = readiness(turn);
      for (int i = 0; i < 100; i++) {
        assertNull(readiness.obstacle());
      }
      assertEquals(1, turn.telemetry().get(Counter.ALLOCATIONS_OPENED));
      clock.advance(Readiness.VALIDITY.minusMillis(1));
      assertNull(readiness.obstacle());
      assertEquals(1, turn.telemetry().get(Counter.ALLOCATIONS_OPENED));
      clock.advance(Readiness.VALIDITY);
      assertNull(readiness.obstacle());
      assertEquals(2, turn.telemetry().get(Counter.ALLOCATIONS_OPENED));
    }
  }

  @Test
  void manyThatAskAtOnceShareOneProbe() throws Exception {
    try (var turn = TurnServer.start(turn("udp://127.0.0.1:0"));
        var api = Api.start(Api.settings(), turn, clock);
        var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      Callable<Integer> ask = () -> api.get("/readyz").statusCode();
      for (var answer : threads.invokeAll(Stream.generate(() -> ask).limit(50).toList())) {
        assertEquals(200, answer.get());
      }
      assertEquals(1, turn.telemetry().get(Counter.ALLOCATIONS_OPENED));
    }
  }

  @Test
  void theProcessLivesWhateverItsTurnServerDoes() {
    var turn = TurnServer.start(turn("udp://127.0.0.1:0"));
    turn.close();
    try (var api = Api.start(Api.settings(), turn, clock)) {
      assertEquals("ok\n", api.get("/healthz").body());
      assertNotEquals(200, api.get("/readyz").statusCode());
    }
  }

  private List<StreamSettings.CertificateFiles> certificate() {
    return List.of(TestCertificate.in(folder).files());
  }

  private Readiness readiness(TurnServer turn) {
    return new Readiness(turn, Api.issuer(), clock);
  }

  private TurnSettings turn(String listener) {
    var url = ListenUrl.parse(listener);
    var any = ListenUrl.parse("udp://127.0.0.1:0");
    var relay = url.address().ip().isUnspecified() ? any.address() : url.address();
    return TurnSettings.of(SharedSecrets.of(Api.SECRET), any.withAddress(relay))
        .but(
            d -> {
              d.listeners = List.of(url);
              d.streams =
                  d.streams.withCertificates(
                      url.transport().isEncrypted() ? certificate() : List.of());
            });
  }

  private static final class TestClock implements InstantSource {
    private Instant now;

    TestClock(Instant now) {
      this.now = now;
    }

    @Override
    public Instant instant() {
      return now;
    }

    void advance(Duration duration) {
      now = now.plus(duration);
    }
  }
}
