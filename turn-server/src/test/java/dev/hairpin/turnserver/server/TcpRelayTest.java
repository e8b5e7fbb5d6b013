package dev.hairpin.turnserver.server;

import static dev.hairpin.turnserver.server.TcpRelayStage.LOOPBACK;
import static dev.hairpin.turnserver.server.TcpRelayStage.addressOf;
import static dev.hairpin.turnserver.server.TcpRelayStage.assertError;
import static dev.hairpin.turnserver.server.TcpRelayStage.bind;
import static dev.hairpin.turnserver.server.TcpRelayStage.connect;
import static dev.hairpin.turnserver.server.TcpRelayStage.connectTo;
import static dev.hairpin.turnserver.server.TcpRelayStage.listen;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.hairpin.turnserver.loop.ServiceSettings;
import dev.hairpin.turnserver.net.PortRange;
import dev.hairpin.turnserver.relay.RelaySettings;
import dev.hairpin.turnserver.telemetry.DropReason;
import dev.hairpin.turnserver.testkit.Attributes;
import dev.hairpin.turnserver.testkit.Await;
import dev.hairpin.turnserver.testkit.Bytes;
import dev.hairpin.turnserver.testkit.Message;
import dev.hairpin.turnserver.testkit.MessageBuilder;
import dev.hairpin.turnserver.testkit.Methods;
import dev.hairpin.turnserver.testkit.StreamEnd;
import dev.hairpin.turnserver.testkit.TestTurnClient;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The rules of TCP allocations (RFC 6062): who gets one, whom it reaches, who may take a
/// connection, and how long each step may last.
@Isolated("it counts the process's sockets")
class TcpRelayTest {
  private static final Duration PATIENCE = Duration.ofSeconds(5);
  private static final Duration THIRTY_SECONDS = Duration.ofSeconds(30);
  private static final Bytes HELLO = Bytes.utf8("hello");

  @Test
  void thereAreNoTcpAllocationsByDefault() {
    try (var stage = new TcpRelayStage(s -> s.but(d -> d.service = ServiceSettings.DEFAULT));
        var client = stage.client();
        var udp = stage.udpClient()) {
      assertError(442, client.call(Methods.ALLOCATE, m -> m.requestedTcp()));
      assertError(442, udp.call(Methods.ALLOCATE, m -> m.requestedTcp()));
      assertError(442, client.call(Methods.ALLOCATE, m -> m.requestedTcp().flag(0x001A)));
    }
  }

  @Test
  void onlyAClientOverAStreamGetsOneAndOnlyWithoutTheWishesOfUdp() {
    try (var stage = new TcpRelayStage();
        var client = stage.client();
        var udp = stage.udpClient()) {
      assertError(400, udp.call(Methods.ALLOCATE, m -> m.requestedTcp()));
      assertError(400, wishing(client, Attributes.EVEN_PORT, Bytes.octets(0)));
      assertError(400, wishing(client, Attributes.RESERVATION_TOKEN, Bytes.random(8)));
      assertError(400, wishing(client, Attributes.DONT_FRAGMENT, Bytes.EMPTY));
      var allocation = client.allocateTcp();
      assertEquals(600, allocation.lifetimeSeconds());
      assertError(437, client.call(Methods.ALLOCATE, m -> m.requestedTcp()));
      assertEquals(700, client.refresh(700));
    }
  }

  private static Message wishing(TestTurnClient client, int attribute, Bytes value) {
    return client.call(Methods.ALLOCATE, m -> m.requestedTcp().attribute(attribute, value));
  }

  @Test
  void aTcpAllocationRelaysNoDatagrams() throws Exception {
    try (var stage = new TcpRelayStage();
        var client = stage.client();
        var peer = listen()) {
      client.allocateTcp();
      var address = addressOf(peer);
      client.permit(address);
      assertError(400, client.call(Methods.CHANNEL_BIND, m -> m.channel(0x4000).peer(address)));
      client.send(address, HELLO);
      client.sendOnChannel(0x4000, HELLO);
      client.binding();
      assertEquals(1, stage.server.telemetry().get(DropReason.TCP_ALLOCATION));
      assertEquals(1, stage.server.telemetry().get(DropReason.CHANNEL_UNBOUND));
    }
  }

  @Test
  void aConnectNeedsATcpAllocationOfItsUserAndAWholePeer() throws Exception {
    try (var stage = new TcpRelayStage();
        var client = stage.client();
        var udpRelay = stage.client();
        var udp = stage.udpClient();
        var peer = listen()) {
      var address = addressOf(peer);
      assertError(437, connect(client, address));
      assertError(437, connect(udp, address));
      udpRelay.allocate();
      assertError(400, connect(udpRelay, address));
      client.allocateTcp();
      assertError(400, client.call(Methods.CONNECT, _ -> {}));
      assertError(400, connect(client, new InetSocketAddress(LOOPBACK, 0)));
      assertError(443, connect(client, new InetSocketAddress("2001:4860:4860::8888", 80)));
      assertError(441, connect(client.as("bob"), address));
      client.as("alice").connect(address);
    }
  }

  @Test
  void aDeniedPeerHearsNothingOfAConnect() throws Exception {
    try (var stage = new TcpRelayStage(s -> s);
        var client = stage.client();
        var udp = stage.client();
        var peer = listen()) {
      client.allocateTcp();
      var udpRelay = udp.allocate().relayed();
      assertError(403, connect(client, addressOf(peer)));
      var mapped = Bytes.hex("00000000000000000000ffff7f000001");
      assertError(
          403, client.call(Methods.CONNECT, m -> m.peer(mapped, addressOf(peer).getPort())));
      assertError(
          403, connect(client, stage.server.listenAddresses().getFirst().toInetSocketAddress()));
      // another client's UDP port says nothing about who has the same port of TCP
      assertError(403, connect(client, udpRelay));
      assertNobodyCame(peer);
    }
  }

  private static void assertNobodyCame(ServerSocket peer) throws IOException {
    try (var mark = connectTo(addressOf(peer));
        var first = peer.accept()) {
      assertEquals(mark.getLocalPort(), first.getPort());
    }
  }

  @Test
  void clientsOfOneServerMeetUnderTheDefaultRules() throws Exception {
    try (var stage = new TcpRelayStage(s -> s);
        var alice = stage.client("alice");
        var bob = stage.client("bob")) {
      var a = alice.allocateTcp().relayed();
      var b = bob.allocateTcp().relayed();
      bob.permit(a);
      try (var fromAlice = alice.bindConnection(alice.connect(b))) {
        var attempt = bob.awaitAttempt();
        assertEquals(a, attempt.peer());
        try (var toBob = bob.bindConnection(attempt.connectionId())) {
          fromAlice.send(HELLO);
          assertEquals(HELLO, toBob.receiveBytes(HELLO.length()));
        }
      }
      assertCutOff(connectTo(b)); // of the same address, but nobody's relay
      assertEquals(1, stage.server.telemetry().get(DropReason.PEER_NOT_PERMITTED));
      bob.refresh(0);
      assertError(403, connect(alice, b));
    }
  }

  @Test
  void aPeerIsConnectedToOnceAtATime() throws Exception {
    try (var stage = new TcpRelayStage();
        var client = stage.client();
        var peer = listen();
        var full = listen()) {
      client.allocateTcp();
      long id = client.connect(addressOf(peer));
      assertError(446, connect(client, addressOf(peer)));
      try (var data = client.bindConnection(id)) {
        assertError(446, connect(client, addressOf(peer)));
        client.connect(addressOf(full));
        data.send(HELLO);
      }
    }
  }

  @Test
  void anAnswerComesWhereThePeerRefuses() throws Exception {
    var peer = listen();
    var address = addressOf(peer);
    peer.close();
    try (var stage = new TcpRelayStage();
        var client = stage.client()) {
      client.allocateTcp();
      assertError(447, connect(client, address));
      assertError(447, connect(client, address));
    }
  }

  @Test
  void aPeerThatDoesNotAnswerIsGivenUpAfter30SecondsAndHoldsUpNobody() throws Exception {
    var fillers = new ArrayList<SocketChannel>();
    try (var stage = new TcpRelayStage();
        var client = stage.client();
        var peer = new ServerSocket(0, 1, LOOPBACK)) {
      fill(peer, fillers);
      client.allocateTcp();
      var request = client.signed(Methods.CONNECT, m -> m.peer(addressOf(peer)));
      client.sendRaw(request);
      assertError(446, connect(client, addressOf(peer)));
      stage.clock.advance(THIRTY_SECONDS.minusNanos(1));
      client.binding();
      stage.clock.advance(Duration.ofNanos(1));
      var answer = Optional.ofNullable(client.receiveRaw(PATIENCE)).orElseThrow();
      assertError(447, Message.decode(answer));
    } finally {
      for (var filler : fillers) {
        filler.close();
      }
    }
  }

  /// Fills the backlog of a listener, so that further connections hang.
  private static void fill(ServerSocket peer, List<SocketChannel> fillers) throws IOException {
    for (int i = 0; i < 8; i++) {
      var filler = SocketChannel.open();
      filler.configureBlocking(false);
      filler.connect(peer.getLocalSocketAddress());
      fillers.add(filler);
    }
  }

  @Test
  void aPeerWithoutAPermissionIsCutOffAndNotAnnounced() throws Exception {
    try (var stage = new TcpRelayStage();
        var client = stage.client()) {
      var relayed = client.allocateTcp().relayed();
      for (int i = 0; i < 20; i++) {
        assertCutOff(connectTo(relayed));
      }
      client.binding(); // fails where an indication came
      var dropped = stage.server.telemetry().get(DropReason.PEER_NOT_PERMITTED);
      assertEquals(20, dropped);
      client.permit(new InetSocketAddress("127.0.0.1", 1));
      try (var _ = connectTo(relayed)) {
        client.awaitAttempt();
      }
      stage.clock.advance(Duration.ofMinutes(5));
      assertCutOff(connectTo(relayed));
    }
  }

  private static void assertCutOff(Socket peer) throws IOException {
    try (peer) {
      assertEquals(-1, peer.getInputStream().read());
    } catch (SocketException _) {
      // a reset
    }
  }

  @Test
  void atMostEightPeersWaitForTheirClient() throws Exception {
    var peers = new ArrayList<Socket>();
    try (var stage = new TcpRelayStage();
        var client = stage.client()) {
      var relayed = client.allocateTcp().relayed();
      client.permit(new InetSocketAddress("127.0.0.1", 1));
      for (int i = 0; i < 8; i++) {
        peers.add(connectTo(relayed));
      }
      for (int i = 0; i < 7; i++) {
        client.awaitAttempt();
      }
      long id = client.awaitAttempt().connectionId();
      assertCutOff(connectTo(relayed));
      assertEquals(1, stage.server.telemetry().get(DropReason.TOO_MANY_CONNECTIONS));
      try (var _ = client.bindConnection(id)) {
        var next = connectTo(relayed);
        for (int i = 0; i < 20 && isCutOff(next); i++) { // its loop hears of it a moment later
          next.close();
          next = connectTo(relayed);
        }
        peers.add(next);
        client.awaitAttempt();
      }
    } finally {
      for (var peer : peers) {
        peer.close();
      }
    }
  }

  private static boolean isCutOff(Socket peer) throws IOException {
    peer.setSoTimeout(300);
    try {
      return peer.getInputStream().read() < 0;
    } catch (SocketTimeoutException _) {
      return false;
    } catch (SocketException _) {
      return true; // by a reset
    }
  }

  @Test
  void aClientHasSixteenConnectsUnderWay() throws Exception {
    var peers = new ArrayList<ServerSocket>();
    var ids = new ArrayList<Long>();
    try (var stage = new TcpRelayStage();
        var client = stage.client()) {
      client.allocateTcp();
      for (int i = 0; i < 16; i++) {
        var peer = listen();
        peers.add(peer);
        ids.add(client.connect(addressOf(peer)));
      }
      assertTrue(ids.stream().filter(id -> id > 0xffff).count() > 12, () -> "guessable: " + ids);
      var one = listen();
      peers.add(one);
      assertError(508, connect(client, addressOf(one)));
    } finally {
      for (var peer : peers) {
        peer.close();
      }
    }
  }

  @Test
  void aConnectionBelongsToTheUserWhoseItIsAndToNobodyTwice() throws Exception {
    try (var stage = new TcpRelayStage();
        var client = stage.client();
        var stranger = stage.client();
        var udp = stage.udpClient();
        var peer = listen()) {
      client.allocateTcp();
      long id = client.connect(addressOf(peer));
      for (int i = 0; i < 1_000; i++) {
        long guess = ThreadLocalRandom.current().nextInt() & 0xffff_ffffL;
        assertError(400, bind(stranger, guess == id ? guess + 1 : guess));
      }
      assertError(441, stage.bindAs("bob", id));
      assertError(400, bind(client, id));
      assertError(400, bind(udp, id));
      assertError(400, stranger.call(Methods.CONNECTION_BIND, _ -> {}));
      assertError(
          400,
          stranger.call(
              Methods.CONNECTION_BIND,
              m -> m.attribute(Attributes.CONNECTION_ID, Bytes.uint16(1))));
      var unsigned = MessageBuilder.request(Methods.CONNECTION_BIND).connectionId(id).build();
      assertError(401, stranger.exchange(unsigned));
      try (var data = client.bindConnection(id);
          var accepted = peer.accept()) {
        assertError(400, stage.bindAs("alice", id));
        accepted.getOutputStream().write(HELLO.toArray());
        assertEquals(HELLO, data.receiveBytes(HELLO.length()));
      }
    }
  }

  @Test
  void whatNobodyBindsIsClosedAfter30Seconds() throws Exception {
    try (var stage = new TcpRelayStage();
        var client = stage.client();
        var peer = listen()) {
      client.binding(); // the server has its end of the connection by now
      long before = TcpRelayStage.descriptors();
      var relayed = client.allocateTcp().relayed();
      client.permit(new InetSocketAddress("127.0.0.1", 1));
      long out = client.connect(addressOf(peer));
      try (var accepted = peer.accept();
          var incoming = connectTo(relayed)) {
        long in = client.awaitAttempt().connectionId();
        stage.clock.advance(THIRTY_SECONDS.minusNanos(1));
        accepted.setSoTimeout(500);
        assertThrows(SocketTimeoutException.class, () -> accepted.getInputStream().read());
        stage.clock.advance(Duration.ofNanos(1));
        accepted.setSoTimeout(5_000);
        assertEquals(-1, accepted.getInputStream().read());
        assertEquals(-1, incoming.getInputStream().read());
        assertError(400, stage.bindAs("alice", out));
        assertError(400, stage.bindAs("alice", in));
        assertEquals(0, stage.livePeerConnections());
        assertEquals(2, stage.server.telemetry().get(DropReason.CONNECTION_NOT_BOUND));
        Await
            .until( // the system frees the pair of addresses when the peer has acknowledged the end
                PATIENCE,
                () -> client.call(Methods.CONNECT, m -> m.peer(addressOf(peer))).isSuccess(),
                () -> "it may be tried again");
      }
      client.refresh(0);
      Await.until(
          PATIENCE, () -> TcpRelayStage.descriptors() <= before, () -> "descriptors come back");
    }
  }

  /// By release, by loss of the control connection, and by time.
  @ParameterizedTest
  @ValueSource(strings = {"refresh", "close", "reset", "expiry"})
  void theEndOfAnAllocationEndsAllItsConnections(String way) throws Exception {
    int port = freePort();
    try (var stage = new TcpRelayStage(onePort(port));
        var peer = listen();
        var full = new ServerSocket(0, 1, LOOPBACK)) {
      var fillers = new ArrayList<SocketChannel>();
      fill(full, fillers);
      long before = TcpRelayStage.descriptors();
      var wire = stage.wire();
      var client = TestTurnClient.over(wire).withSecret(TcpRelayStage.SECRET).as("alice");
      var relayed = client.allocateTcp().relayed();
      client.permit(new InetSocketAddress("127.0.0.1", 1));
      var data = client.bindConnection(client.connect(addressOf(peer)));
      var bound = peer.accept();
      var waiting = connectTo(relayed);
      client.awaitAttempt();
      client.sendRaw(client.signed(Methods.CONNECT, m -> m.peer(addressOf(full))));
      client.binding();
      switch (way) {
        case "refresh" -> client.refresh(0);
        case "close" -> client.close();
        case "reset" -> wire.reset();
        default -> stage.clock.advance(Duration.ofMinutes(10));
      }
      assertEquals(StreamEnd.Manner.CLOSED, data.awaitEnd());
      assertEquals(-1, bound.getInputStream().read());
      assertEquals(-1, waiting.getInputStream().read());
      client.close();
      data.close();
      bound.close();
      waiting.close();
      Await.until(
          PATIENCE, () -> TcpRelayStage.descriptors() <= before, () -> "descriptors come back");
      assertEquals(0, stage.livePeerConnections());
      try (var next = stage.client()) {
        assertEquals(port, next.allocateTcp().relayed().getPort());
      }
      for (var filler : fillers) {
        filler.close();
      }
    }
  }

  private static UnaryOperator<TurnSettings> onePort(int port) {
    var ports = new PortRange(port, port);
    return settings ->
        settings
            .allowingPeers("127.0.0.0/8")
            .but(d -> d.relay = new RelaySettings(settings.relay().addresses(), List.of(), ports));
  }

  private static int freePort() throws IOException {
    try (var socket = listen()) {
      return socket.getLocalPort();
    }
  }

  @Test
  void aPortBelongsToOneAllocationOfEitherKind() throws Exception {
    try (var stage = new TcpRelayStage(onePort(freePort()));
        var tcp = stage.client();
        var udp = stage.client()) {
      tcp.allocateTcp();
      assertError(508, udp.call(Methods.ALLOCATE, m -> m.requestedTransport()));
      tcp.refresh(0);
      udp.allocate();
      assertError(508, tcp.call(Methods.ALLOCATE, m -> m.requestedTcp()));
      assertTrue(stage.server.telemetry().liveAllocations() == 1);
    }
  }
}
