package dev.hairpin.turnserver.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.hairpin.turnserver.credential.SharedSecrets;
import dev.hairpin.turnserver.net.IpAddress;
import dev.hairpin.turnserver.net.ListenUrl;
import dev.hairpin.turnserver.net.PortRange;
import dev.hairpin.turnserver.relay.ExternalAddress;
import dev.hairpin.turnserver.relay.RelaySettings;
import dev.hairpin.turnserver.telemetry.Counter;
import dev.hairpin.turnserver.telemetry.DropReason;
import dev.hairpin.turnserver.testkit.Attributes;
import dev.hairpin.turnserver.testkit.Await;
import dev.hairpin.turnserver.testkit.Bytes;
import dev.hairpin.turnserver.testkit.Delivery;
import dev.hairpin.turnserver.testkit.EchoPeer;
import dev.hairpin.turnserver.testkit.Methods;
import dev.hairpin.turnserver.testkit.TestTurnClient;
import dev.hairpin.turnserver.udp.UdpMode;
import java.io.UncheckedIOException;
import java.net.BindException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.net.SocketException;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/// The whole server through its sockets, in both forms and both families.
class TurnServerTest {
  private static final String SECRET = "a secret of this test";
  private static final Duration PATIENCE = Duration.ofSeconds(5);
  private static final Bytes HELLO = Bytes.utf8("hello");

  record Form(UdpMode udp, String ip) {}

  static Stream<Form> forms() {
    return Stream.of(UdpMode.NATIVE, UdpMode.PORTABLE)
        .flatMap(udp -> Stream.of("127.0.0.1", "::1").map(ip -> new Form(udp, ip)));
  }

  @ParameterizedTest
  @MethodSource("forms")
  void twoClientsMeetThroughTheirRelayedAddressesUnderTheDefaultRules(Form form) {
    try (var server = TurnServer.start(settings(form));
        var alice = client(server).as("alice");
        var bob = client(server).as("bob")) {
      assertEquals(form.udp(), server.udpMode());
      var a = allocate(alice, form).relayed();
      var b = allocate(bob, form).relayed();
      alice.bind(0x4000, b);
      bob.permit(a);
      alice.sendOnChannel(0x4000, HELLO);
      var received = assertInstanceOf(Delivery.Indication.class, bob.receive());
      assertEquals(a, received.peer());
      assertEquals(HELLO, received.payload());
      bob.send(a, HELLO);
      assertEquals(HELLO, assertInstanceOf(Delivery.OnChannel.class, alice.receive()).payload());
      Await.until(
          PATIENCE,
          () -> server.telemetry().get(Counter.TO_CLIENT_PACKETS) == 2,
          () -> "both packets are counted");
    }
  }

  @Test
  void anAllocationEndsOnTheServersClockAndItsPortIsFreeAgain() throws Exception {
    var clock = new ManualClock();
    var form = new Form(UdpMode.AUTO, "127.0.0.1");
    int port = freePort();
    var onePort =
        settings(form)
            .but(
                d ->
                    d.relay =
                        new RelaySettings(
                            List.of(IpAddress.parse("127.0.0.1")),
                            List.of(),
                            new PortRange(port, port)));
    try (var server = TurnServer.start(onePort, clock);
        var alice = client(server).as("alice");
        var bob = client(server).as("bob")) {
      alice.allocate();
      assertEquals(508, errorOf(bob));
      clock.advance(Duration.ofSeconds(599));
      assertEquals(508, errorOf(bob));
      clock.advance(Duration.ofSeconds(1));
      Await.until(
          PATIENCE, () -> server.telemetry().liveAllocations() == 0, () -> "the allocation goes");
      bob.allocate();
      assertEquals(1, server.telemetry().liveAllocations());
    }
  }

  @Test
  void whenThePermissionEndsBothDirectionsOfItsChannelAreSilent() throws Exception {
    var clock = new ManualClock();
    var settings = settings(new Form(UdpMode.AUTO, "127.0.0.1")).allowingPeers("127.0.0.0/8");
    try (var server = TurnServer.start(settings, clock);
        var client = client(server).as("alice");
        var peer = new DatagramSocket(0, IpAddress.parse("127.0.0.1").toInetAddress())) {
      var relayed = client.allocate().relayed();
      client.bind(0x4000, (InetSocketAddress) peer.getLocalSocketAddress());
      clock.advance(Duration.ofSeconds(299));
      peer.send(new DatagramPacket(new byte[1], 1, relayed));
      assertInstanceOf(Delivery.OnChannel.class, client.receive());
      clock.advance(Duration.ofSeconds(1));
      peer.send(new DatagramPacket(new byte[1], 1, relayed));
      client.sendOnChannel(0x4000, HELLO);
      var telemetry = server.telemetry();
      Await.until(
          PATIENCE,
          () ->
              telemetry.get(DropReason.PEER_NOT_PERMITTED) == 1
                  && telemetry.get(DropReason.NO_PERMISSION_FOR_PEER) == 1,
          () -> "both are dropped");
      assertEquals(1, telemetry.get(Counter.TO_CLIENT_PACKETS));
      assertEquals(0, telemetry.get(Counter.TO_PEER_PACKETS));
    }
  }

  @Test
  void aPortOfTheRelayRangeIsAPeerOnlyWhileAnAllocationHasIt() {
    try (var server = TurnServer.start(settings(new Form(UdpMode.AUTO, "127.0.0.1")));
        var alice = client(server).as("alice");
        var bob = client(server).as("bob")) {
      var b = bob.allocate().relayed();
      alice.allocate();
      alice.permit(b);
      bob.refresh(0);
      var refused = alice.call(Methods.CREATE_PERMISSION, m -> m.peer(b));
      assertEquals(403, refused.errorCode());
    }
  }

  @Test
  void aRetransmittedReleaseGetsItsAnswerAgainAndAnotherOneA437() {
    try (var server = TurnServer.start(settings(new Form(UdpMode.AUTO, "127.0.0.1")));
        var client = client(server).as("alice")) {
      client.allocate();
      var release = client.signed(Methods.REFRESH, m -> m.lifetime(0));
      assertEquals(client.exchange(release).bytes(), client.exchange(release).bytes());
      var another = client.call(Methods.REFRESH, m -> m.lifetime(0));
      assertEquals(437, another.errorCode());
      assertEquals(0, server.telemetry().liveAllocations());
    }
  }

  @Test
  void aReleaseThatComesOnceMoreDoesNotEndTheNextAllocation() {
    try (var server = TurnServer.start(settings(new Form(UdpMode.AUTO, "127.0.0.1")));
        var client = client(server).as("alice")) {
      client.allocate();
      var release = client.signed(Methods.REFRESH, m -> m.lifetime(0));
      var released = client.exchange(release);
      client.allocate();
      assertEquals(released.bytes(), client.exchange(release).bytes());
      assertEquals(600, client.refresh(600));
      assertEquals(0, client.refresh(0));
    }
  }

  @Test
  void aReservedPortIsTheNextOneAndGoesToWhoeverOfTheSameUserBringsTheToken() {
    var form = new Form(UdpMode.AUTO, "127.0.0.1");
    try (var server = TurnServer.start(settings(form));
        var rtp = client(server).as("alice");
        var thief = client(server).as("bob");
        var rtcp = client(server).as("alice")) {
      var first =
          rtp.call(
              Methods.ALLOCATE,
              m -> m.requestedTransport(17).attribute(Attributes.EVEN_PORT, Bytes.octets(0x80)));
      var token = first.require(Attributes.RESERVATION_TOKEN);
      int even = first.address(Attributes.XOR_RELAYED_ADDRESS).getPort();
      assertEquals(0, even % 2);
      assertThrows(
          BindException.class,
          () -> new DatagramSocket(even + 1, IpAddress.parse("127.0.0.1").toInetAddress()).close(),
          "another program cannot take it");
      var stolen =
          thief.call(
              Methods.ALLOCATE,
              m -> m.requestedTransport(17).attribute(Attributes.RESERVATION_TOKEN, token));
      assertEquals(508, stolen.errorCode());
      var second =
          rtcp.call(
              Methods.ALLOCATE,
              m -> m.requestedTransport(17).attribute(Attributes.RESERVATION_TOKEN, token));
      assertEquals(even + 1, second.address(Attributes.XOR_RELAYED_ADDRESS).getPort());
    }
  }

  @Test
  void behindANatClientsMeetByTheExternalAddress() {
    var relay =
        new RelaySettings(
            List.of(IpAddress.parse("127.0.0.1")),
            List.of(ExternalAddress.parse("198.41.0.4")),
            PortRange.DYNAMIC);
    var settings = settings(new Form(UdpMode.AUTO, "127.0.0.1")).but(d -> d.relay = relay);
    try (var server = TurnServer.start(settings);
        var alice = client(server).as("alice");
        var bob = client(server).as("bob")) {
      var a = alice.allocate().relayed();
      var b = bob.allocate().relayed();
      assertEquals("198.41.0.4", a.getAddress().getHostAddress());
      alice.bind(0x4000, b);
      bob.bind(0x4001, a);
      alice.sendOnChannel(0x4000, HELLO);
      assertEquals(HELLO, assertInstanceOf(Delivery.OnChannel.class, bob.receive()).payload());
    }
  }

  @ParameterizedTest
  @MethodSource("forms")
  void everySizeOfPayloadPassesUnchangedThereAndBack(Form form) {
    try (var server = TurnServer.start(settings(form).allowingPeers("127.0.0.0/8", "::1"));
        var client = client(server).as("alice");
        var peer = EchoPeer.at(IpAddress.parse(form.ip()).toInetAddress())) {
      allocate(client, form);
      client.bind(0x4000, peer.address());
      for (int size : new int[] {0, 1, 2, 3, 4, 5, 160, 1_200, 1_472, 9_000, 60_000}) {
        var payload = Bytes.utf8("x".repeat(size));
        client.sendOnChannel(0x4000, payload);
        var back = assertInstanceOf(Delivery.OnChannel.class, client.receive());
        assertEquals(payload, back.payload(), "a payload of " + size + " bytes");
      }
    }
  }

  @Test
  void whatDoesNotFitTowardsTheClientIsDroppedUnderItsName() throws Exception {
    var settings = settings(new Form(UdpMode.AUTO, "127.0.0.1")).allowingPeers("127.0.0.0/8");
    try (var server = TurnServer.start(settings);
        var client = client(server).as("alice");
        var peer = new DatagramSocket(0, IpAddress.parse("127.0.0.1").toInetAddress())) {
      var relayed = client.allocate().relayed();
      client.permit((InetSocketAddress) peer.getLocalSocketAddress());
      peer.send(new DatagramPacket(new byte[65_507], 65_507, relayed));
      Await.until(
          PATIENCE,
          () -> server.telemetry().get(DropReason.TOO_LARGE) == 1,
          () -> "the drop is counted");
    }
  }

  @Test
  void aTakenAddressStopsTheStartAndLeavesNothingBehind() {
    var form = new Form(UdpMode.AUTO, "127.0.0.1");
    try (var server = TurnServer.start(settings(form))) {
      var taken = server.listenAddresses().getFirst();
      var free = ListenUrl.parse("udp://127.0.0.1:0");
      var both =
          settings(form).but(d -> d.listeners = List.of(free, ListenUrl.parse("udp://" + taken)));
      long threads = loopThreads();
      var thrown = assertThrows(UncheckedIOException.class, () -> TurnServer.start(both));
      assertTrue(String.valueOf(thrown.getMessage()).contains(taken.toString()));
      Await.until(PATIENCE, () -> loopThreads() == threads, () -> "the loops end");
    }
  }

  @Test
  void closingTwiceIsClosingOnceAndThePortIsFreeAfterwards() {
    var form = new Form(UdpMode.AUTO, "127.0.0.1");
    var server = TurnServer.start(settings(form));
    var address = server.listenAddresses().getFirst();
    server.close();
    server.close();
    var again = settings(form).but(d -> d.listeners = List.of(ListenUrl.parse("udp://" + address)));
    try (var second = TurnServer.start(again);
        var client = client(second)) {
      assertEquals(client.localAddress(), client.binding());
    }
  }

  @Test
  void relayPortsAreDrawnAtRandomFromTheWholeRange() {
    try (var server = TurnServer.start(settings(new Form(UdpMode.AUTO, "127.0.0.1")))) {
      int last = 0;
      int inARow = 0;
      int upperHalf = 0;
      for (int i = 0; i < 64; i++) {
        try (var client = client(server).as("alice")) {
          int port = client.allocate().relayed().getPort();
          assertTrue(port >= 49_152);
          inARow += port == last + 1 ? 1 : 0;
          upperHalf += port >= 57_344 ? 1 : 0;
          last = port;
          client.refresh(0);
        }
      }
      assertTrue(inARow < 4, "ports follow one another");
      assertTrue(upperHalf > 8 && upperHalf < 56, upperHalf + " of 64 in the upper half");
    }
  }

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "AUTO")
  void bothFamiliesAreServedOnOnePortByOneLoop(UdpMode udp) throws Exception {
    int port = freePort();
    var pair =
        List.of(ListenUrl.parse("udp://0.0.0.0:" + port), ListenUrl.parse("udp://[::]:" + port));
    var settings =
        settings(new Form(udp, "127.0.0.1"))
            .but(d -> d.listeners = pair)
            .but(d -> d.udp = udp)
            .but(d -> d.loops = 1);
    try (var server = TurnServer.start(settings)) {
      for (String ip : List.of("127.0.0.1", "::1")) {
        var address = new InetSocketAddress(IpAddress.parse(ip).toInetAddress(), port);
        try (var client = TestTurnClient.to(address)) {
          assertEquals(client.localAddress(), client.binding());
        }
      }
      assertEquals(2, server.telemetry().get(Counter.SUCCESS_RESPONSES));
    }
  }

  @Test
  void everyLoopServesItsClients() {
    try (var server =
        TurnServer.start(
            settings(new Form(UdpMode.AUTO, "127.0.0.1"))
                .but(d -> d.udp = UdpMode.AUTO)
                .but(d -> d.loops = 4))) {
      var clients = Stream.generate(() -> client(server).as("alice")).limit(32).toList();
      var relayed = clients.stream().map(client -> client.allocate().relayed()).distinct().toList();
      assertEquals(32, relayed.size());
      assertEquals(32, server.telemetry().liveAllocations());
      clients.forEach(TestTurnClient::close); // not before: a port that comes again is known
    }
  }

  private static int freePort() throws SocketException {
    try (var socket = new DatagramSocket(0, IpAddress.parse("127.0.0.1").toInetAddress())) {
      return socket.getLocalPort();
    }
  }

  private static long loopThreads() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(t -> t.getName().startsWith("hairpin-loop") && t.isAlive())
        .count();
  }

  private static int errorOf(TestTurnClient client) {
    return client.call(Methods.ALLOCATE, m -> m.requestedTransport(17)).errorCode();
  }

  private static TurnSettings settings(Form form) {
    var listener = ListenUrl.parse("udp://" + IpAddress.parse(form.ip()).toUrlHost() + ":0");
    return TurnSettings.of(SharedSecrets.of(SECRET), listener)
        .but(d -> d.udp = form.udp())
        .but(d -> d.loops = 2);
  }

  private static dev.hairpin.turnserver.testkit.Allocation allocate(
      TestTurnClient client, Form form) {
    boolean ipv6 = form.ip().contains(":");
    return ipv6 ? client.allocate(m -> m.requestedFamily(2)) : client.allocate();
  }

  private static TestTurnClient client(TurnServer server) {
    return TestTurnClient.to(server.listenAddresses().getFirst().toInetSocketAddress())
        .withSecret(SECRET);
  }
}
