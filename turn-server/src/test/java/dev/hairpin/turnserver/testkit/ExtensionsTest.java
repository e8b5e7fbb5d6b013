package dev.hairpin.turnserver.testkit;

import static dev.hairpin.turnserver.testkit.DiscoveryClient.Change.IP;
import static dev.hairpin.turnserver.testkit.DiscoveryClient.Change.PORT;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The test client and coturn agree on what RFC 6062, 8016, 5780 and dual allocations look like.
class ExtensionsTest {
  private static final String SECRET = "a secret of this test";
  private static final InetAddress LOOPBACK = InetAddress.ofLiteral("127.0.0.1");
  private static final Duration PATIENCE = Duration.ofSeconds(5);
  private static final InetAddress SECOND = InetAddress.ofLiteral("127.0.0.2");

  @TempDir private Path directory = Path.of("");

  @Test
  void aConnectionToATcpPeerCarriesBytesBothWays() throws Exception {
    try (var coturn = Coturn.on(directory, LOOPBACK, SECRET).withTcp().start();
        var peer = new ServerSocket(0, 1, LOOPBACK);
        var client = tcpClient(coturn)) {
      client.allocateTcp();
      long id = client.connect((InetSocketAddress) peer.getLocalSocketAddress());
      try (var data = client.bindConnection(id);
          var accepted = peer.accept()) {
        exchange(data, accepted);
      }
    }
  }

  @Test
  void aTcpPeerThatConnectsIsAnnounced() throws Exception {
    try (var coturn = Coturn.on(directory, LOOPBACK, SECRET).withTcp().start();
        var client = tcpClient(coturn)) {
      var relayed = client.allocateTcp().relayed();
      client.permit(new InetSocketAddress(LOOPBACK, 1));
      try (var peer = new Socket(relayed.getAddress(), relayed.getPort(), LOOPBACK, 0)) {
        var attempt = client.awaitAttempt();
        assertEquals(peer.getLocalSocketAddress(), attempt.peer());
        try (var data = client.bindConnection(attempt.connectionId())) {
          exchange(data, peer);
        }
      }
    }
  }

  private static void exchange(StreamWire data, Socket peer) throws Exception {
    data.send(Bytes.utf8("there"));
    assertEquals("there", new String(peer.getInputStream().readNBytes(5)));
    peer.getOutputStream().write("and back".getBytes());
    assertEquals(Bytes.utf8("and back"), data.receiveBytes(8));
  }

  @Test
  void anAllocationMovesWithItsTicket() {
    try (var coturn = Coturn.on(directory, LOOPBACK, SECRET).with("mobility").start();
        var peer = EchoPeer.at(LOOPBACK);
        var before = TestTurnClient.to(coturn.address()).withSecret(SECRET).as("alice");
        var after = TestTurnClient.to(coturn.address()).withSecret(SECRET).as("alice")) {
      var ticket = before.allocateMobile().ticket();
      before.bind(0x4000, peer.address());
      assertNotEquals(ticket, after.take(ticket, 600));
      after.sendOnChannel(0x4000, Bytes.utf8("moved"));
      assertEquals(new Delivery.OnChannel(0x4000, Bytes.utf8("moved")), after.receive());
    }
  }

  @Test
  void answersComeFromTheAddressThatIsAskedFor() {
    try (var coturn = Coturn.on(directory, LOOPBACK, SECRET).withDiscovery(SECOND).start();
        var client = DiscoveryClient.at(LOOPBACK)) {
      var primary = coturn.address();
      var plain = client.ask(primary);
      var other = plain.other();
      assertEquals(client.localAddress(), plain.mapped());
      assertEquals(SECOND, other.getAddress());
      assertNotEquals(primary.getPort(), other.getPort());
      assertSource(primary, plain);
      assertSource(new InetSocketAddress(LOOPBACK, other.getPort()), client.ask(primary, PORT));
      assertSource(new InetSocketAddress(SECOND, primary.getPort()), client.ask(primary, IP));
      assertSource(other, client.ask(primary, IP, PORT));
    }
  }

  private static void assertSource(InetSocketAddress expected, DiscoveryClient.Answer answer) {
    assertEquals(expected, answer.source());
    assertEquals(expected, answer.origin());
  }

  @Test
  void aDualAllocationHasARelayedAddressOfEachFamily() {
    try (var coturn =
            Coturn.on(directory, LOOPBACK, SECRET)
                .with("relay-ip=::1")
                .with("listening-ip=::1")
                .start();
        var ipv4 = EchoPeer.at(LOOPBACK);
        var ipv6 = EchoPeer.at(InetAddress.ofLiteral("::1"));
        var client = TestTurnClient.to(coturn.address()).withSecret(SECRET).as("alice")) {
      client.sendRaw(client.signed(Methods.ALLOCATE, m -> asksForIpv6(m.requestedTransport())));
      var response = Optional.ofNullable(client.receiveRaw(PATIENCE)).orElseThrow();
      assertEquals(600, DualAllocation.of(Message.decode(response)).lifetimeSeconds());
      for (var peer : new EchoPeer[] {ipv4, ipv6}) {
        client.permit(peer.address());
        client.send(peer.address(), Bytes.utf8("hello"));
        assertEquals(
            new Delivery.Indication(peer.address(), Bytes.utf8("hello")), client.receive());
      }
    }
  }

  /// coturn 4.6.1 knows ADDITIONAL-ADDRESS-FAMILY under another number than IANA.
  private static void asksForIpv6(MessageBuilder request) {
    request.attribute(0x8032, Bytes.octets(2, 0, 0, 0));
  }

  private static TestTurnClient tcpClient(Coturn coturn) {
    return TestTurnClient.over(StreamWire.to(coturn.address())).withSecret(SECRET).as("alice");
  }
}
