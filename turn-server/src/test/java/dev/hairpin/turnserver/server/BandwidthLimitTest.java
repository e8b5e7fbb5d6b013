package dev.hairpin.turnserver.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.hairpin.turnserver.credential.SharedSecrets;
import dev.hairpin.turnserver.net.ListenUrl;
import dev.hairpin.turnserver.policy.QuotaSettings;
import dev.hairpin.turnserver.telemetry.Counter;
import dev.hairpin.turnserver.telemetry.DropReason;
import dev.hairpin.turnserver.testkit.Await;
import dev.hairpin.turnserver.testkit.Bytes;
import dev.hairpin.turnserver.testkit.EchoPeer;
import dev.hairpin.turnserver.testkit.TestTurnClient;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/// Limits of bandwidth through sockets, on the server's own clock.
class BandwidthLimitTest {
  private static final String SECRET = "a secret of this test";
  private static final Duration PATIENCE = Duration.ofSeconds(10);
  private static final InetAddress LOOPBACK = InetAddress.ofLiteral("127.0.0.1");
  private static final int RATE = 100_000;
  private static final Bytes PAYLOAD = Bytes.random(972);

  private final ManualClock clock = new ManualClock();

  private TurnServer start(QuotaSettings quotas) {
    var settings =
        TurnSettings.of(SharedSecrets.of(SECRET), ListenUrl.parse("udp://127.0.0.1:0"))
            .allowingPeers("127.0.0.0/8")
            .but(d -> d.quotas = quotas);
    return TurnServer.start(settings, clock);
  }

  private static TestTurnClient client(TurnServer server, String user) {
    var address = server.listenAddresses().getFirst().toInetSocketAddress();
    return TestTurnClient.to(address).withSecret(SECRET).as(user);
  }

  private static long passed(TurnServer server, Counter counter) {
    return server.telemetry().get(counter);
  }

  private static void awaitHandled(TurnServer server, Counter counter, long packets) {
    Await.until(
        PATIENCE,
        () -> passed(server, counter) + server.telemetry().get(DropReason.BANDWIDTH) == packets,
        () -> passed(server, counter) + " passed");
  }

  @Test
  void whatAClientSendsBeyondTheLimitIsDroppedAndAnotherUserIsUntouched() throws Exception {
    try (var server = start(new QuotaSettings(0, 0, 0, 0, RATE));
        var alice = client(server, "alice");
        var bob = client(server, "bob");
        var silent = new DatagramSocket(0, LOOPBACK);
        var peer = EchoPeer.at(LOOPBACK)) {
      alice.allocate();
      alice.bind(0x4000, (InetSocketAddress) silent.getLocalSocketAddress());
      bob.allocate();
      bob.bind(0x4000, peer.address());
      long sent = 0;
      for (int half = 0; half < 8; half++) {
        clock.advance(Duration.ofMillis(500));
        for (int i = 0; i < 500; i++) { // a megabyte a second, by both kinds of message
          if (i % 2 == 0) {
            alice.sendOnChannel(0x4000, PAYLOAD);
          } else {
            alice.send((InetSocketAddress) silent.getLocalSocketAddress(), PAYLOAD);
          }
          if (++sent % 100 == 0) {
            awaitHandled(server, Counter.TO_PEER_PACKETS, sent);
          }
        }
      }
      assertEquals(4.0 * RATE, passed(server, Counter.TO_PEER_PACKETS) * 1_000.0, RATE / 5.0);
      bob.sendOnChannel(0x4000, PAYLOAD);
      assertEquals(PAYLOAD, bob.receive().payload());
    }
  }

  @Test
  void whatPeersSendBeyondTheLimitIsDropped() throws Exception {
    try (var server = start(new QuotaSettings(0, 0, 0, RATE, 0));
        var alice = client(server, "alice");
        var peer = new DatagramSocket(0, LOOPBACK)) {
      var relayed = alice.allocate().relayed();
      alice.permit((InetSocketAddress) peer.getLocalSocketAddress());
      var datagram = new DatagramPacket(PAYLOAD.toArray(), PAYLOAD.length(), relayed);
      long sent = 0;
      for (int half = 0; half < 8; half++) {
        clock.advance(Duration.ofMillis(500));
        for (int i = 0; i < 500; i++) {
          peer.send(datagram);
          if (++sent % 100 == 0) {
            awaitHandled(server, Counter.TO_CLIENT_PACKETS, sent);
          }
        }
      }
      assertEquals(4.0 * RATE, passed(server, Counter.TO_CLIENT_PACKETS) * 1_000.0, RATE / 5.0);
    }
  }

  @Test
  void connectionsWithPeersWaitInBothDirectionsAndLoseNothing() throws Exception {
    int much = 5_000_000;
    int rate = 1_000_000;
    try (var stage =
            new TcpRelayStage(
                s ->
                    s.allowingPeers("127.0.0.0/8")
                        .but(d -> d.quotas = new QuotaSettings(0, 0, 0, rate, 0)));
        var client = stage.client();
        var peer = TcpRelayStage.listen()) {
      client.allocateTcp();
      try (var data = client.bindConnection(client.connect(TcpRelayStage.addressOf(peer)));
          var accepted = peer.accept()) {
        var toClient = new AtomicLong();
        var toPeer = new AtomicLong();
        var payload = Bytes.random(much);
        Thread.ofVirtual()
            .start(
                () -> {
                  while (toClient.get() < much) {
                    toClient.addAndGet(data.receiveBytes(1_000).length());
                  }
                });
        Thread.ofVirtual()
            .start(
                () -> {
                  var buffer = new byte[1_000];
                  try {
                    while (toPeer.get() < much) {
                      toPeer.addAndGet(accepted.getInputStream().read(buffer));
                    }
                  } catch (IOException e) {
                    throw new UncheckedIOException(e);
                  }
                });
        Thread.ofVirtual().start(() -> data.send(payload));
        Thread.ofVirtual()
            .start(
                () -> {
                  try {
                    accepted.getOutputStream().write(payload.toArray());
                  } catch (IOException e) {
                    throw new UncheckedIOException(e);
                  }
                });
        int chunk = 300_000; // what a pipe reads at once, at most
        for (int step = 0; step < 20; step++) { // each less than a burst
          long paid = (long) step * rate / 4;
          for (var direction : new AtomicLong[] {toClient, toPeer}) {
            Await.until(
                PATIENCE,
                () -> direction.get() >= Math.min(much, paid) - 1_000,
                () -> direction.get() + " of " + paid);
            assertTrue(direction.get() <= paid + chunk, () -> direction + " of " + paid);
          }
          stage.clock.advance(Duration.ofMillis(250));
        }
        stage.clock.advance(Duration.ofMillis(500));
        Await.until(
            PATIENCE,
            () -> toClient.get() == much && toPeer.get() == much,
            () -> toClient + " and " + toPeer);
      }
    }
  }
}
