package dev.hairpin.turnserver.server;

import static dev.hairpin.turnserver.server.TcpRelayStage.addressOf;
import static dev.hairpin.turnserver.server.TcpRelayStage.assertError;
import static dev.hairpin.turnserver.server.TcpRelayStage.connect;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.hairpin.turnserver.net.IpPrefix;
import dev.hairpin.turnserver.net.ListenUrl;
import dev.hairpin.turnserver.net.PortRange;
import dev.hairpin.turnserver.policy.PolicySettings;
import dev.hairpin.turnserver.telemetry.DropReason;
import dev.hairpin.turnserver.testkit.Attributes;
import dev.hairpin.turnserver.testkit.Await;
import dev.hairpin.turnserver.testkit.Bytes;
import dev.hairpin.turnserver.testkit.Canary;
import dev.hairpin.turnserver.testkit.Delivery;
import dev.hairpin.turnserver.testkit.Message;
import dev.hairpin.turnserver.testkit.MessageBuilder;
import dev.hairpin.turnserver.testkit.Methods;
import dev.hairpin.turnserver.testkit.StreamEnd;
import dev.hairpin.turnserver.testkit.StreamWire;
import dev.hairpin.turnserver.testkit.TestTurnClient;
import dev.hairpin.turnserver.testkit.TurnCredential;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/// What changes about peers while the server runs: its policy, what a credential allows, how fast
/// new ones are turned to. Loopback is allowed, so all addresses are the server's own and each
/// packet is judged; `ForbiddenPeersTest` has the others.
class PeerRulesTest {
  private static final InetAddress ONE = InetAddress.ofLiteral("127.0.0.1");
  private static final InetAddress TWO = InetAddress.ofLiteral("127.0.0.2");
  private static final Duration PATIENCE = Duration.ofSeconds(5);
  private static final int CHANNEL = 0x4000;
  private static final Bytes HELLO = Bytes.utf8("hello");
  private static final PolicySettings LOOPBACK =
      PolicySettings.DEFAULT.withPeers(List.of(IpPrefix.parse("127.0.0.0/8")), List.of());
  private static final PolicySettings WITHOUT_TWO =
      LOOPBACK.withPeers(LOOPBACK.allowedPeers(), List.of(IpPrefix.parse("127.0.0.2")));

  @Test
  void whatAnotherPolicyDeniesIsSilentAndTheRestGoesOn() {
    try (var stage = new TcpRelayStage();
        var client = stage.udpClient();
        var one = Canary.at(ONE);
        var two = Canary.at(TWO)) {
      var _ = client.allocate();
      client.bind(CHANNEL, one.address());
      client.bind(CHANNEL + 1, two.address());
      client.sendOnChannel(CHANNEL + 1, HELLO);
      assertEquals(HELLO, two.next());

      stage.server.apply(WITHOUT_TWO);
      client.sendOnChannel(CHANNEL + 1, HELLO);
      client.send(two.address(), HELLO);
      client.sendOnChannel(CHANNEL, HELLO);
      assertEquals(HELLO, one.next());
      assertEquals(List.of(), two.received());
      assertError(403, client.call(Methods.CREATE_PERMISSION, m -> m.peer(two.address())));
      assertEquals(WITHOUT_TWO, stage.server.settings().policy());

      stage.server.apply(LOOPBACK);
      client.permit(two.address());
      client.sendOnChannel(CHANNEL + 1, HELLO);
      assertEquals(HELLO, two.next());
    }
  }

  @Test
  void whatAnotherPolicyDeniesIsNotHeardEither() throws IOException {
    try (var stage = new TcpRelayStage();
        var client = stage.udpClient();
        var two = new DatagramSocket(0, TWO)) {
      var relayed = client.allocate().relayed();
      client.permit((InetSocketAddress) two.getLocalSocketAddress());
      two.send(new DatagramPacket(HELLO.toArray(), HELLO.length(), relayed));
      client.receive();
      stage.server.apply(WITHOUT_TWO);
      two.send(new DatagramPacket(HELLO.toArray(), HELLO.length(), relayed));
      awaitDrop(stage, DropReason.PEER_NOT_PERMITTED, 1);
      assertEquals(List.of(), client.deliveries());
    }
  }

  @Test
  void tcpConnectionsWithPeersThatAnotherPolicyDeniesEndAndOthersGoOn() throws Exception {
    try (var stage = new TcpRelayStage();
        var client = stage.client();
        var one = new ServerSocket(0, 9, ONE);
        var two = new ServerSocket(0, 9, TWO)) {
      var relayed = client.allocateTcp().relayed();
      client.permit(new InetSocketAddress(TWO, 1));
      try (var toOne = client.bindConnection(client.connect(addressOf(one)));
          var toTwo = client.bindConnection(client.connect(addressOf(two)));
          var atOne = one.accept();
          var atTwo = two.accept()) {
        stage.server.apply(WITHOUT_TWO);
        atTwo.setSoTimeout(1_000);
        assertEquals(-1, atTwo.getInputStream().read());
        assertEquals(StreamEnd.Manner.CLOSED, toTwo.awaitEnd());
        atOne.getOutputStream().write(HELLO.toArray());
        assertEquals(HELLO, toOne.receiveBytes(HELLO.length()));
        assertError(403, connect(client, addressOf(two)));
        try (var incoming = new Socket(relayed.getAddress(), relayed.getPort(), TWO, 0)) {
          assertThrowsOrEnds(incoming);
          awaitDrop(stage, DropReason.PEER_NOT_PERMITTED, 1);
        }
      }
    }
  }

  private static void assertThrowsOrEnds(Socket cutOff) throws IOException {
    cutOff.setSoTimeout(5_000);
    try {
      assertEquals(-1, cutOff.getInputStream().read());
    } catch (SocketException _) {
      // reset
    }
  }

  @Test
  void aPolicyThatDoesNotGoWithTheRestChangesNothing() {
    var first = ListenUrl.parse("udp://127.0.0.1:0");
    var settings =
        TcpRelayStage.settings()
            .allowingPeers("127.0.0.0/8")
            .but(
                d -> {
                  var other = ListenUrl.parse("udp://127.0.0.2:0").address();
                  d.service = Services.with(Services.discovery(first.address(), other));
                });
    try (var stage = new TcpRelayStage(_ -> settings)) {
      assertThrows(
          IllegalArgumentException.class, () -> stage.server.apply(PolicySettings.DEFAULT));
      assertEquals(settings.policy(), stage.server.settings().policy());
    }
  }

  @Test
  void anAllocationTurnsTo32NewPeersAtOnceAndTo5ASecondAfterwards() {
    try (var stage = new TcpRelayStage();
        var client = stage.udpClient();
        var other = stage.udpClient().as("bob")) {
      var _ = client.allocate();
      var _ = other.allocate();
      assertEquals(32, permitted(client, 0, 1_000));
      assertError(508, client.call(Methods.CHANNEL_BIND, m -> m.channel(CHANNEL).peer(peer(900))));
      client.permit(peer(0)); // known, so not new
      assertEquals(32, permitted(other, 0, 40));
      stage.clock.advance(Duration.ofSeconds(1));
      assertEquals(5, permitted(client, 100, 10));
      stage.clock.advance(Duration.ofMinutes(4));
      assertEquals(32, permitted(client, 200, 40));
    }
  }

  @Test
  void aConnectToANewPeerCountsToo() {
    try (var stage = new TcpRelayStage();
        var client = stage.client()) {
      client.allocateTcp();
      for (int i = 0; i < 32; i++) {
        assertError(447, connect(client, peer(i)));
      }
      assertError(508, connect(client, peer(32)));
      assertError(447, connect(client, peer(0)));
      assertError(508, client.call(Methods.CREATE_PERMISSION, m -> m.peer(peer(32))));
    }
  }

  private static int permitted(TestTurnClient client, int from, int count) {
    int permitted = 0;
    for (int i = from; i < from + count; i++) {
      var peer = peer(i);
      var answer = client.call(Methods.CREATE_PERMISSION, m -> m.peer(peer));
      if (answer.isSuccess()) {
        permitted++;
      } else {
        assertError(508, answer);
      }
    }
    return permitted;
  }

  /// Nobody listens there.
  private static InetSocketAddress peer(int number) {
    return new InetSocketAddress("127.0." + (3 + number / 250) + "." + (1 + number % 250), 1);
  }

  @Test
  void dataNeitherGoToADeniedPortNorComeFromOne() throws IOException {
    try (var stage = new TcpRelayStage();
        var client = stage.udpClient();
        var connector = stage.client();
        var peer = new DatagramSocket(0, ONE);
        var canary = Canary.at(ONE)) {
      var address = (InetSocketAddress) peer.getLocalSocketAddress();
      var ports =
          List.of(new PortRange(0, 1_023), new PortRange(peer.getLocalPort(), peer.getLocalPort()));
      stage.server.apply(denying(ports));
      var relayed = client.allocate().relayed();
      connector.allocateTcp();
      client.permit(address); // a permission is for all ports
      client.send(address, HELLO);
      client.send(canary.address(), HELLO);
      assertEquals(HELLO, canary.next());
      awaitDrop(stage, DropReason.PEER_DENIED, 1);
      peer.send(new DatagramPacket(HELLO.toArray(), HELLO.length(), relayed));
      awaitDrop(stage, DropReason.PEER_NOT_PERMITTED, 1);
      for (int port : new int[] {19, 53, 1_023, peer.getLocalPort()}) {
        var denied = new InetSocketAddress(ONE, port);
        assertError(403, client.call(Methods.CHANNEL_BIND, m -> m.channel(CHANNEL).peer(denied)));
        assertError(403, connect(connector, denied));
      }
    }
  }

  private static PolicySettings denying(List<PortRange> ports) {
    return new PolicySettings(
        LOOPBACK.allowedPeers(), List.of(), List.of(), List.of(), ports, LOOPBACK.newPeers());
  }

  @Test
  void aCredentialMayNameTheOnlyPeersThatItIsFor() throws Exception {
    try (var stage = new TcpRelayStage();
        var client = stage.udpClient().with(credential("~peers=127.0.0.2/32,2001:db8::/32~alice"));
        var connector = stage.client().with(credential("~peers=127.0.0.2~alice"));
        var one = new ServerSocket(0, 9, ONE);
        var two = new ServerSocket(0, 9, TWO);
        var canary = Canary.at(TWO)) {
      var _ = client.allocate();
      connector.allocateTcp();
      assertError(403, client.call(Methods.CREATE_PERMISSION, m -> m.peer(addressOf(one))));
      assertError(
          403, client.call(Methods.CHANNEL_BIND, m -> m.channel(CHANNEL).peer(addressOf(one))));
      assertError(403, connect(connector, addressOf(one)));
      client.bind(CHANNEL, canary.address());
      client.sendOnChannel(CHANNEL, HELLO);
      assertEquals(HELLO, canary.next());
      connector.connect(addressOf(two));
      stage.server.apply(WITHOUT_TWO);
      assertError(403, client.call(Methods.CREATE_PERMISSION, m -> m.peer(canary.address())));
    }
  }

  @Test
  void aCredentialMayBeForOtherClientsOfThisServerAlone() {
    try (var stage = new TcpRelayStage();
        var client = stage.udpClient().with(credential("~relay-only~alice"));
        var other = stage.udpClient().as("bob");
        var canary = Canary.at(ONE)) {
      var relayed = client.allocate().relayed();
      var toOther = other.allocate().relayed();
      assertError(403, client.call(Methods.CREATE_PERMISSION, m -> m.peer(canary.address())));
      client.permit(toOther);
      other.permit(relayed);
      client.send(toOther, HELLO);
      assertEquals(new Delivery.Indication(relayed, HELLO), other.receive());
      client.send(canary.address(), HELLO); // the same address, another port
      client.binding();
      assertEquals(List.of(), canary.received());
      awaitDrop(stage, DropReason.PEER_DENIED, 1);
    }
  }

  @Test
  void aCredentialWhoseLimitsAreNotUnderstoodIsNone() {
    try (var stage = new TcpRelayStage()) {
      for (String rest :
          List.of("~peers=10.0.0.0/33~alice", "~frames=1~alice", "~alice", "~relay-only")) {
        try (var client = stage.udpClient().with(credential(rest))) {
          assertError(401, client.call(Methods.ALLOCATE, MessageBuilder::requestedTransport));
        }
      }
      try (var client = stage.udpClient().with(credential("~~~alice"))) {
        var _ = client.allocate();
      }
    }
  }

  /// A renewed credential goes on with an allocation; one with other limits is somebody else's.
  @Test
  void noCredentialOfTheSameUserLendsItsLimitsToAnother() {
    try (var stage = new TcpRelayStage();
        var client = stage.udpClient()) {
      for (String one : List.of("alice", "~relay-only~alice")) {
        client.with(credential(one));
        var _ = client.allocate();
        for (String other : List.of("alice", "~relay-only~alice", "~peers=127.0.0.2~alice")) {
          int expected = one.equals(other) ? 600 : 441;
          var answer = client.with(credential(other)).call(Methods.REFRESH, m -> m.lifetime(600));
          assertEquals(expected, answer.isSuccess() ? 600 : answer.errorCode());
        }
        client.with(credential(one)).refresh(0);
      }
    }
  }

  private static TurnCredential credential(String rest) {
    long expiry = Instant.now().getEpochSecond() + 600;
    return TurnCredential.ofSecret(TcpRelayStage.SECRET, expiry + ":" + rest);
  }

  /// RFC 8489 §14: of two attributes the first counts.
  @Test
  void ofTwoPeersTheFirstCounts() throws Exception {
    try (var stage = new TcpRelayStage();
        var client = stage.udpClient();
        var connector = stage.client();
        var first = Canary.at(ONE);
        var second = Canary.at(TWO);
        var listening = new ServerSocket(0, 9, ONE)) {
      var _ = client.allocate();
      connector.allocateTcp();
      client.permit(first.address());
      client.permit(second.address());
      client.sendRaw(
          MessageBuilder.indication(Methods.SEND)
              .peer(first.address())
              .peer(second.address())
              .data(HELLO)
              .build());
      assertEquals(HELLO, first.next());
      var bound =
          client.call(
              Methods.CHANNEL_BIND,
              m ->
                  m.channel(CHANNEL)
                      .channel(CHANNEL + 1)
                      .peer(first.address())
                      .peer(second.address()));
      assertEquals(true, bound.isSuccess());
      client.sendOnChannel(CHANNEL + 1, HELLO);
      client.sendOnChannel(CHANNEL, HELLO);
      assertEquals(HELLO, first.next());
      var connected =
          connector.call(Methods.CONNECT, m -> m.peer(addressOf(listening)).peer(second.address()));
      assertEquals(true, connected.isSuccess());
      assertEquals(List.of(), first.received());
      assertEquals(List.of(), second.received());
    }
  }

  /// A reserved port is bound so that a second socket can be bound beside it: thus a packet comes
  /// from a relayed address.
  @Test
  void aRelayedAddressGetsNoAllocation() throws Exception {
    try (var stage = new TcpRelayStage();
        var first = stage.udpClient();
        var second = stage.udpClient();
        var beside = DatagramChannel.open()) {
      var reserving =
          first.call(
              Methods.ALLOCATE,
              m -> m.requestedTransport().attribute(Attributes.EVEN_PORT, Bytes.octets(0x80)));
      var token = reserving.require(Attributes.RESERVATION_TOKEN);
      var relayed =
          second.allocate(m -> m.attribute(Attributes.RESERVATION_TOKEN, token)).relayed();
      beside.setOption(StandardSocketOptions.SO_REUSEPORT, true).bind(relayed);
      var request = MessageBuilder.request(Methods.ALLOCATE).requestedTransport().build();
      beside.send(ByteBuffer.wrap(request.toArray()), first.server());
      awaitDrop(stage, DropReason.IMPOSSIBLE_SOURCE, 1);
      assertNull(second.receiveRaw(Duration.ofMillis(100)));
    }
  }

  @Test
  void neitherDoesOneOfTcpNorAnybodyAtPort0() throws Exception {
    var proxies = List.of(IpPrefix.parse("127.0.0.1/32"));
    try (var stage =
            new TcpRelayStage(
                s ->
                    s.allowingPeers("127.0.0.0/8")
                        .but(d -> d.streams = Services.behind(d.streams, proxies)));
        var wire = from(stage, "c6336407", 4_711)) {
      var client = TestTurnClient.over(wire).withSecret(TcpRelayStage.SECRET).as("alice");
      int port = client.allocateTcp().relayed().getPort();
      var allocate = MessageBuilder.request(Methods.ALLOCATE).requestedTransport().build();
      try (var loop = from(stage, "7f000001", port);
          var nobody = from(stage, "c6336407", 0)) {
        loop.send(allocate);
        awaitDrop(stage, DropReason.IMPOSSIBLE_SOURCE, 1);
        nobody.send(MessageBuilder.request(Methods.BINDING).build());
        awaitDrop(stage, DropReason.IMPOSSIBLE_SOURCE, 2);
        loop.send(MessageBuilder.request(Methods.BINDING).build());
        assertEquals(Methods.BINDING, answerOn(loop).method());
        client.refresh(0);
        loop.send(allocate);
        assertEquals(401, answerOn(loop).errorCode());
      }
    }
  }

  private static Message answerOn(StreamWire wire) {
    return Message.decode(Objects.requireNonNull(wire.receive(PATIENCE)));
  }

  /// A connection whose load balancer says that it comes from elsewhere.
  private static StreamWire from(TcpRelayStage stage, String ip, int port) {
    var wire = stage.wire();
    var ports = Bytes.uint16(port).plus(Bytes.uint16(3_478));
    wire.send(Bytes.hex("0d0a0d0a000d0a515549540a2111000c" + ip + "c0000201").plus(ports));
    return wire;
  }

  private static void awaitDrop(TcpRelayStage stage, DropReason reason, long count) {
    Await.until(
        PATIENCE,
        () -> stage.server.telemetry().get(reason) == count,
        () -> reason + " " + stage.server.telemetry().get(reason));
  }
}
