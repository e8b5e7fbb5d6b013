package dev.hairpin.turnserver.server;

import dev.hairpin.turnserver.credential.SharedSecrets;
import dev.hairpin.turnserver.loop.Clock;
import dev.hairpin.turnserver.loop.ServiceSettings.Feature;
import dev.hairpin.turnserver.net.IpAddress;
import dev.hairpin.turnserver.net.ListenUrl;
import dev.hairpin.turnserver.net.PortRange;
import dev.hairpin.turnserver.relay.RelaySettings;
import dev.hairpin.turnserver.stun.ErrorCode;
import dev.hairpin.turnserver.telemetry.Counter;
import dev.hairpin.turnserver.telemetry.DropReason;
import dev.hairpin.turnserver.telemetry.Gauge;
import dev.hairpin.turnserver.testkit.Await;
import dev.hairpin.turnserver.testkit.Bytes;
import dev.hairpin.turnserver.testkit.EchoPeer;
import dev.hairpin.turnserver.testkit.StreamWire;
import dev.hairpin.turnserver.testkit.TestTurnClient;
import dev.hairpin.turnserver.testkit.TurnCredential;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/// A server whose clock the test drives through days, and the clients that come and go meanwhile.
/// Now and then all of them leave, and what is left is measured.
final class Soak implements AutoCloseable {
  private static final String SECRET = "a secret of this soak";
  private static final InetAddress LOOPBACK = InetAddress.ofLiteral("127.0.0.1");
  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final int DAY_SECONDS = 86_400;
  private static final int TICK_SECONDS = 30;
  private static final int SCRAPE_SECONDS = 15 * 60;
  private static final int MIN_SAMPLES = 24;

  private static final PortRange PORTS = new PortRange(21_000, 21_999);

  private final SplittableRandom random;
  private final long seconds;
  private final int users;
  private final Time time = new Time();
  private final TurnServer server = TurnServer.start(settings(), time);
  private final EchoPeer peer = EchoPeer.at(LOOPBACK);
  private final ServerSocket tcpPeer;
  private final List<SoakCall> calls = new ArrayList<>();
  private long opened;

  /// Both clocks, moved by the test.
  private static final class Time implements Clock {
    private final AtomicLong seconds = new AtomicLong(3_600);
    private final long start = System.currentTimeMillis() / 1_000;

    @Override
    public long nanos() {
      return TimeUnit.SECONDS.toNanos(seconds.get());
    }

    @Override
    public long wallSeconds() {
      return start + seconds.get();
    }
  }

  /// @param users who come, each with one credential a day: the server keeps the keys of so many
  Soak(long seed, Duration length, int users) {
    this.users = users;
    this.random = new SplittableRandom(seed);
    this.seconds = length.toSeconds();
    try {
      this.tcpPeer = new ServerSocket(0, 50, LOOPBACK);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static TurnSettings settings() {
    var udp = ListenUrl.parse("udp://127.0.0.1:0");
    var features = Set.of(Feature.MOBILITY, Feature.TCP_RELAY);
    return TurnSettings.of(SharedSecrets.of(SECRET), udp)
        .but(d -> d.listeners = List.of(udp, ListenUrl.parse("tcp://127.0.0.1:0")))
        .allowingPeers("127.0.0.0/8")
        .but(
            d -> {
              d.loops = 2;
              d.service = Services.with(features);
              d.relay =
                  new RelaySettings(
                      List.of(IpAddress.parse("127.0.0.1"), IpAddress.parse("::1")),
                      List.of(),
                      PORTS);
            });
  }

  SoakSamples run() {
    var samples = new SoakSamples();
    long sampleEvery = Math.min(6 * 3_600, seconds / MIN_SAMPLES / TICK_SECONDS * TICK_SECONDS);
    for (long at = 0; at <= seconds; at += TICK_SECONDS) {
      tick();
      if (at % SCRAPE_SECONDS == 0) {
        scrape();
      }
      if (at % sampleEvery == 0) {
        leave();
        samples.add(opened, held());
      }
    }
    return samples;
  }

  private void tick() {
    time.seconds.addAndGet(TICK_SECONDS);
    for (int i = random.nextInt(6); i > 0; i--) {
      calls.add(new SoakCall(this, random));
      opened++;
    }
    calls.removeIf(call -> !call.goesOn());
  }

  /// As a monitor would: every answer is counted, and they add up.
  private void scrape() {
    var telemetry = server.telemetry();
    long answered = telemetry.get(Counter.SUCCESS_RESPONSES);
    for (var error : ErrorCode.values()) {
      answered += telemetry.errors(error.code());
    }
    long asked = telemetry.get(Counter.CLIENT_PACKETS_IN);
    long faults = telemetry.get(DropReason.INTERNAL_FAULT);
    if (answered > asked || telemetry.liveAllocations() < 0 || faults != 0) {
      throw new AssertionError(answered + " answers to " + asked + ", " + faults + " faults");
    }
  }

  /// Everybody goes, and what they left without a word runs out.
  private void leave() {
    calls.forEach(SoakCall::close);
    calls.clear();
    for (int i = 0; i < 2; i++) {
      time.seconds.addAndGet(2 * 3_600);
      awaitQuiet();
    }
  }

  private void awaitQuiet() {
    var telemetry = server.telemetry();
    Await.until(
        PATIENCE,
        () ->
            telemetry.liveAllocations() == 0
                && held() == 0
                && balance(Counter.CONNECTIONS_OPENED, Counter.CONNECTIONS_CLOSED) == 0
                && balance(Counter.PEER_CONNECTIONS_OPENED, Counter.PEER_CONNECTIONS_CLOSED) == 0,
        () -> telemetry.liveAllocations() + " allocations live, held: " + held());
  }

  /// Ports, descriptors and units of quotas.
  private int held() {
    var telemetry = server.telemetry();
    return telemetry.get(Gauge.RELAY_PORTS_USED)
        + telemetry.get(Gauge.DESCRIPTORS_RELAYS)
        + telemetry.get(Gauge.DESCRIPTORS_CLIENTS)
        + telemetry.get(Gauge.QUOTA_REALM_USED);
  }

  private long balance(Counter up, Counter down) {
    return server.telemetry().get(up) - server.telemetry().get(down);
  }

  static final int UDP = 0;
  static final int TCP = 1;

  TestTurnClient client(int listener, String user) {
    var address = server.listenAddresses().get(listener).toInetSocketAddress();
    var client =
        listener == UDP ? TestTurnClient.to(address) : TestTurnClient.over(StreamWire.to(address));
    long day = (time.wallSeconds() - time.start) / DAY_SECONDS;
    String username = (time.start + (day + 2) * DAY_SECONDS) + ":" + user;
    return client.with(TurnCredential.ofSecret(SECRET, username));
  }

  String anyUser() {
    return "user " + random.nextInt(users);
  }

  EchoPeer peer() {
    return peer;
  }

  ServerSocket tcpPeer() {
    return tcpPeer;
  }

  static Bytes payload(int number) {
    return Bytes.uint32(number);
  }

  @Override
  public void close() {
    calls.forEach(SoakCall::close);
    server.close();
    peer.close();
    try {
      tcpPeer.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
