package dev.hairpin.turnserver.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.hairpin.turnserver.loop.ServiceSettings.Feature;
import dev.hairpin.turnserver.policy.QuotaSettings;
import dev.hairpin.turnserver.telemetry.Counter;
import dev.hairpin.turnserver.telemetry.DropReason;
import dev.hairpin.turnserver.testkit.Await;
import dev.hairpin.turnserver.testkit.Bytes;
import dev.hairpin.turnserver.testkit.MessageBuilder;
import dev.hairpin.turnserver.testkit.Methods;
import dev.hairpin.turnserver.testkit.StreamWire;
import dev.hairpin.turnserver.testkit.TestTurnClient;
import dev.hairpin.turnserver.testkit.TurnCredential;
import dev.hairpin.turnserver.udp.UdpMode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.time.Duration;
import java.time.Instant;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The limits that a username states, as a server keeps them that knows nothing but its secret.
/// `PeerRulesTest` has those of peers.
class ScopedLimitsTest extends MobilityScene {
  private static final Bytes PAYLOAD = Bytes.random(972); // 1,000 bytes with headers
  private final long expiry = Instant.now().getEpochSecond() + 3_000;

  private TurnServer start(QuotaSettings quotas) {
    var service = Services.with(Set.of(Feature.MOBILITY, Feature.TCP_RELAY));
    var settings =
        settings(UdpMode.AUTO, 4)
            .but(
                d -> {
                  d.quotas = quotas;
                  d.service = service;
                });
    return TurnServer.start(settings, clock);
  }

  private TurnServer start() {
    return start(new QuotaSettings(0, 0, 0, 0, 0));
  }

  private TestTurnClient client(TurnServer server, By by, String rest) {
    return client(server, by, expiry, rest);
  }

  private TestTurnClient client(TurnServer server, By by, long end, String rest) {
    return client(server, by).with(TurnCredential.ofSecret(SECRET, end + ":" + rest));
  }

  /// The error code that an Allocate gets, or 200.
  private static int asked(TestTurnClient client) {
    var answer = client.call(Methods.ALLOCATE, MessageBuilder::requestedTransport);
    return answer.isSuccess() ? 200 : answer.errorCode();
  }

  @Test
  void aUserHasNoMoreAllocationsThanItsCredentialSaysWhateverItCameBy() {
    try (var server = start(new QuotaSettings(3, 0, 0, 0, 0))) {
      var first = client(server, By.UDP, "~allocations=2~alice");
      assertEquals(200, asked(first));
      assertEquals(200, asked(client(server, By.TLS, expiry + 1, "~allocations=2~alice")));
      for (By by : By.values()) {
        assertEquals(486, asked(client(server, by, "~allocations=2~alice")));
      }
      assertEquals(486, asked(client(server, By.UDP, "~allocations=1~alice")), "as alice has two");
      assertEquals(200, asked(client(server, By.UDP, "~allocations=2~bob")));
      assertEquals(200, asked(client(server, By.UDP, "~allocations=4~alice")));
      assertEquals(486, asked(client(server, By.UDP, "~allocations=4~alice")), "the server says 3");
      assertEquals(0, first.refresh(0));
      assertEquals(486, asked(client(server, By.UDP, "~allocations=2~alice")));
      assertEquals(200, asked(client(server, By.UDP, "~allocations=3~alice")));
    }
  }

  /// Of 500 kB in a second. The bucket is empty at first, and the clock stands still.
  @ParameterizedTest
  @CsvSource({
    "~bytes-per-second=100000~alice, 0, 100",
    "~bytes-per-second=100000~alice, 50000, 50",
    "~bytes-per-second=50000~alice, 100000, 50",
    "alice, 100000, 100"
  })
  void eachDirectionOfAnAllocationCarriesWhatTheStricterLimitLets(
      String user, int ofServer, int thousands) throws Exception {
    try (var server = start(new QuotaSettings(0, 0, 0, ofServer, 0));
        var silent = new DatagramSocket(0, LOOPBACK)) {
      var client = client(server, By.UDP, user);
      var relayed = client.allocate().relayed();
      client.bind(CHANNEL, (InetSocketAddress) silent.getLocalSocketAddress());
      clock.advance(Duration.ofSeconds(1));
      for (int i = 1; i <= 500; i++) {
        client.sendOnChannel(CHANNEL, PAYLOAD);
        silent.send(new DatagramPacket(PAYLOAD.toArray(), PAYLOAD.length(), relayed));
        if (i % 50 == 0) {
          awaitHandled(server, 2L * i);
        }
      }
      assertEquals(thousands, server.telemetry().get(Counter.TO_PEER_PACKETS));
      assertEquals(thousands, server.telemetry().get(Counter.TO_CLIENT_PACKETS));
      assertEquals(1_000 - 2 * thousands, server.telemetry().get(DropReason.BANDWIDTH));
    }
  }

  private static void awaitHandled(TurnServer server, long packets) {
    var telemetry = server.telemetry();
    Await.until(
        PATIENCE,
        () ->
            telemetry.get(Counter.TO_PEER_PACKETS)
                    + telemetry.get(Counter.TO_CLIENT_PACKETS)
                    + telemetry.get(DropReason.BANDWIDTH)
                    + telemetry.get(DropReason.BYTES_SPENT)
                    + telemetry.get(DropReason.NO_ALLOCATION)
                >= packets,
        () -> "not all of " + packets + " were handled");
  }

  private static long carried(TurnServer server) {
    return server.telemetry().get(Counter.TO_PEER_BYTES)
        + server.telemetry().get(Counter.TO_CLIENT_BYTES);
  }

  @Test
  void anAllocationEndsWhenItsCredentialsBytesAreCarriedInBothDirectionsTogether() {
    try (var server = start()) {
      var client = client(server, By.UDP, "~bytes=100000~alice");
      client.allocate();
      client.bind(CHANNEL, peer.address());
      var payload = Bytes.random(1_000);
      for (int i = 0; i < 50; i++) {
        client.sendOnChannel(CHANNEL, payload);
        assertEquals(payload, client.receive().payload());
      }
      client.send(peer.address(), Bytes.octets(1));
      awaitLive(server, 0);
      assertEquals(100_000, carried(server));
      assertEquals(1, server.telemetry().get(DropReason.BYTES_SPENT));
      assertEquals(486, asked(client), "it begins with nothing");
      assertEquals(486, asked(client(server, By.TCP, "~bytes=100000~alice")));
      assertEquals(200, asked(client(server, By.UDP, expiry + 1, "~bytes=100000~alice")));
      assertEquals(200, asked(client(server, By.UDP, "~bytes=100000~bob")));
    }
  }

  @Test
  void whatPeersSendCountsAndEndsTheAllocationToo() throws Exception {
    try (var server = start();
        var other = new DatagramSocket(0, LOOPBACK)) {
      var client = client(server, By.UDP, "~bytes=2500~alice");
      var relayed = client.allocate().relayed();
      client.permit((InetSocketAddress) other.getLocalSocketAddress());
      for (int i = 0; i < 3; i++) {
        other.send(new DatagramPacket(new byte[1_000], 1_000, relayed));
      }
      awaitLive(server, 0);
      assertEquals(2_000, carried(server));
      assertEquals(1, server.telemetry().get(DropReason.BYTES_SPENT));
    }
  }

  @Test
  void whoComesAnewGoesOnWithWhatItsCredentialHasLeft() throws Exception {
    try (var server = start();
        var silent = new DatagramSocket(0, LOOPBACK)) {
      var client = client(server, By.UDP, "~bytes=100000~alice");
      for (int round = 1; round <= 10; round++) {
        client.allocate();
        client.bind(CHANNEL, (InetSocketAddress) silent.getLocalSocketAddress());
        for (int i = 0; i < 10; i++) {
          client.sendOnChannel(CHANNEL, Bytes.random(1_000));
        }
        awaitHandled(server, 10L * round);
        assertEquals(0, client.refresh(0));
        assertEquals(10_000L * round, carried(server));
      }
      assertEquals(486, asked(client));
    }
  }

  @Test
  void theAllocationsOfACredentialOnAllLoopsCarryNoMoreThanItSays() throws Exception {
    try (var server = start();
        var silent = new DatagramSocket(0, LOOPBACK)) {
      var clients = new TestTurnClient[8];
      for (int i = 0; i < clients.length; i++) {
        clients[i] = client(server, By.UDP, "~bytes=500000~alice");
        clients[i].allocate();
        clients[i].bind(CHANNEL, (InetSocketAddress) silent.getLocalSocketAddress());
      }
      for (int i = 1; i <= 100; i++) {
        for (var client : clients) {
          client.sendOnChannel(CHANNEL, Bytes.random(1_000));
        }
        awaitHandled(server, (long) clients.length * i);
      }
      awaitLive(server, 0);
      assertEquals(500_000, carried(server));
    }
  }

  @Test
  void connectionsWithPeersEndBeforeMoreThanTheBytesHavePassed() throws Exception {
    try (var server = start();
        var listening = TcpRelayStage.listen()) {
      var client = client(server, By.TCP, "~bytes=300000~alice");
      client.allocateTcp();
      try (var data = client.bindConnection(client.connect(TcpRelayStage.addressOf(listening)));
          var accepted = listening.accept()) {
        accepted.getOutputStream().write(new byte[100_000]);
        assertEquals(100_000, data.receiveBytes(100_000).length());
        var sending = Thread.ofVirtual().start(() -> sendUntilItEnds(data));
        long received = received(accepted);
        assertTrue(received <= 200_000 && received > 0, "received: " + received);
        sending.join();
      }
      awaitLive(server, 0);
    }
  }

  private static void sendUntilItEnds(StreamWire data) {
    try {
      for (int i = 0; i < 100; i++) {
        data.send(Bytes.random(10_000));
      }
    } catch (UncheckedIOException _) {
      // the connection is cut off
    }
  }

  private static long received(Socket from) throws IOException {
    from.setSoTimeout((int) PATIENCE.toMillis());
    var buffer = new byte[10_000];
    long received = 0;
    try {
      for (int count = 0; count >= 0; count = from.getInputStream().read(buffer)) {
        received += count;
      }
    } catch (SocketException _) {
      // a reset
    }
    return received;
  }

  @Test
  void aClientComesByTheTransportsOfItsCredentialAndByNoOther() {
    try (var server = start()) {
      for (By by : By.values()) {
        boolean isSecret = by == By.TLS || by == By.DTLS;
        assertEquals(isSecret ? 200 : 403, asked(client(server, by, "~transports=tls,dtls~alice")));
        assertEquals(isSecret ? 403 : 200, asked(client(server, by, "~transports=tcp,udp~alice")));
      }
    }
  }

  @Test
  void anAllocationMovesByTheTransportsOfItsCredentialAlone() {
    try (var server = start()) {
      String rest = "~transports=udp,tcp~alice";
      var ticket = client(server, By.UDP, rest).allocateMobile().ticket();
      for (By other : new By[] {By.TLS, By.DTLS}) {
        assertEquals(403, shown(client(server, other, rest), ticket));
      }
      assertEquals(200, shown(client(server, By.TCP, rest), ticket));
    }
  }

  @Test
  void aConnectionWithAPeerIsTakenByTheTransportsOfTheCredentialAlone() throws Exception {
    try (var server = start();
        var listening = TcpRelayStage.listen()) {
      String rest = "~transports=tls~alice";
      var client = client(server, By.TLS, rest);
      client.allocateTcp();
      long id = client.connect(TcpRelayStage.addressOf(listening));
      var plain = TcpRelayStage.bind(client(server, By.TCP, rest), id);
      TcpRelayStage.assertError(403, plain);
      assertTrue(TcpRelayStage.bind(client(server, By.TLS, rest), id).isSuccess());
    }
  }
}
