package dev.hairpin.turnserver.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.hairpin.turnserver.credential.SharedSecrets;
import dev.hairpin.turnserver.loop.RelayLoop;
import dev.hairpin.turnserver.loop.Session;
import dev.hairpin.turnserver.net.IpAddress;
import dev.hairpin.turnserver.net.ListenUrl;
import dev.hairpin.turnserver.net.PortRange;
import dev.hairpin.turnserver.net.TransportAddress;
import dev.hairpin.turnserver.relay.RelaySettings;
import dev.hairpin.turnserver.telemetry.Counter;
import dev.hairpin.turnserver.telemetry.DropReason;
import dev.hairpin.turnserver.testkit.Await;
import dev.hairpin.turnserver.testkit.Bytes;
import dev.hairpin.turnserver.testkit.Delivery;
import dev.hairpin.turnserver.testkit.StreamWire;
import dev.hairpin.turnserver.testkit.TestTurnClient;
import dev.hairpin.turnserver.udp.UdpMode;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;

/// Clients of one server that have each other's relayed addresses as peers: of the same loop, and
/// of two.
class BetweenClientsTest {
  private static final String SECRET = "a secret of this test";
  private static final Duration PATIENCE = Duration.ofSeconds(10);
  private static final int CHANNEL = 0x4000;
  private static final int CLIENTS = 8;
  private static final int PAYLOADS = 30;

  private static TurnServer start(UdpMode mode) {
    var udp = ListenUrl.parse("udp://127.0.0.1:0");
    var relays = List.of(IpAddress.parse("127.0.0.1"));
    return TurnServer.start(
        TurnSettings.of(SharedSecrets.of(SECRET), udp)
            .but(d -> d.listeners = List.of(udp, ListenUrl.parse("tcp://127.0.0.1:0")))
            .but(d -> d.relay = new RelaySettings(relays, List.of(), PortRange.DYNAMIC))
            .but(d -> d.udp = mode)
            .but(d -> d.loops = 2));
  }

  private static TestTurnClient client(TurnServer server, boolean isStream) {
    var addresses = server.listenAddresses();
    var client =
        isStream
            ? TestTurnClient.over(StreamWire.to(addresses.getLast().toInetSocketAddress()))
            : TestTurnClient.to(addresses.getFirst().toInetSocketAddress());
    return client.withSecret(SECRET).as("alice");
  }

  /// Half of them by TCP; each hears from all, from itself too.
  @ParameterizedTest
  @EnumSource(mode = Mode.EXCLUDE, names = "AUTO")
  void eachHearsAllOthersInOrderAndWhatCannotStayOnALoopCrosses(UdpMode mode) throws Exception {
    var clients = new ArrayList<TestTurnClient>();
    var relayed = new ArrayList<InetSocketAddress>();
    try (var server = start(mode)) {
      for (int i = 0; i < CLIENTS; i++) {
        clients.add(client(server, i % 2 == 1));
        relayed.add(clients.getLast().allocate().relayed());
      }
      for (var client : clients) {
        for (int peer = 0; peer < CLIENTS; peer++) {
          client.bind(CHANNEL + peer, relayed.get(peer));
        }
      }
      for (int number = 0; number < PAYLOADS; number++) {
        for (int from = 0; from < CLIENTS; from++) {
          for (int to = 0; to < CLIENTS; to++) {
            clients.get(from).sendOnChannel(CHANNEL + to, payload(from, number));
          }
        }
        for (var client : clients) {
          var heard = new HashSet<Integer>();
          for (int i = 0; i < CLIENTS; i++) {
            var delivery = (Delivery.OnChannel) client.receive();
            int from = delivery.channel() - CHANNEL;
            assertEquals(payload(from, number), delivery.payload());
            assertTrue(heard.add(from), "once");
          }
        }
      }
      int all = CLIENTS * CLIENTS * PAYLOADS;
      assertEquals(all, server.telemetry().get(Counter.TO_CLIENT_PACKETS));
      int crossing = crossingPairs(server, clients) * PAYLOADS;
      assertEquals(crossing, server.telemetry().get(Counter.MESSAGES_ACROSS_LOOPS));
      assertEquals(0, server.telemetry().get(DropReason.BACKLOG_FULL));
    } finally {
      clients.forEach(TestTurnClient::close);
    }
  }

  /// From a stream to whomever, or from one loop to the other.
  private static int crossingPairs(TurnServer server, List<TestTurnClient> clients)
      throws Exception {
    var loops = new ArrayList<RelayLoop>();
    for (var client : clients) {
      loops.add(loopOf(server, client));
    }
    int pairs = 0;
    for (int from = 0; from < CLIENTS; from++) {
      for (var to : loops) {
        pairs += from % 2 == 1 || to != loops.get(from) ? 1 : 0;
      }
    }
    return pairs;
  }

  /// Of each sender another length, and odd ones.
  private static Bytes payload(int from, int number) {
    return Bytes.uint32(number).plus(Bytes.of(new byte[from * 100 + number % 3]));
  }

  @Test
  void whatALoopThatHangsIsSentIsDroppedAndCountedAndNothingElseEnds() throws Exception {
    try (var server = start(UdpMode.NATIVE);
        var alice = client(server, false);
        var bob = otherLoops(server, alice)) {
      var relayed = bob.allocate().relayed();
      bob.permit(alice.allocate().relayed());
      alice.bind(CHANNEL, relayed);
      var goOn = new CountDownLatch(1);
      loopOf(server, bob).eventLoop().execute(() -> Await.released(goOn));
      var large = Bytes.of(new byte[8_000]);
      for (int i = 0; server.telemetry().get(DropReason.BACKLOG_FULL) == 0; i++) {
        alice.sendOnChannel(CHANNEL, large);
        alice.binding();
        assertTrue(i < 1_000, "its memory is bounded");
      }
      goOn.countDown();
      Await.until(
          PATIENCE,
          () -> server.telemetry().get(Counter.TO_CLIENT_PACKETS) > 30,
          () -> "what was under way arrives");
      assertEquals(large, ((Delivery.Indication) bob.receive()).payload());
    }
  }

  /// A client that the kernel brings to another loop.
  private static TestTurnClient otherLoops(TurnServer server, TestTurnClient alice)
      throws Exception {
    alice.allocate();
    for (int i = 0; i < 64; i++) {
      var client = client(server, false);
      client.allocate();
      if (loopOf(server, client) != loopOf(server, alice)) {
        alice.refresh(0);
        client.refresh(0);
        return client;
      }
      client.close();
    }
    throw new AssertionError("all clients come to one loop");
  }

  private static RelayLoop loopOf(TurnServer server, TestTurnClient client) throws Exception {
    var address = TransportAddress.of(client.localAddress());
    for (var loop : server.shared.loops()) {
      for (Session session : loop.eventLoop().submit(loop::sessions).get()) {
        if (session.fiveTuple().client().equals(address)) {
          return loop;
        }
      }
    }
    throw new AssertionError("no loop has the client");
  }
}
