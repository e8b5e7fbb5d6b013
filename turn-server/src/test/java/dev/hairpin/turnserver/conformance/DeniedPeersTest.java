package dev.hairpin.turnserver.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.hairpin.turnserver.credential.SharedSecrets;
import dev.hairpin.turnserver.net.IpAddress;
import dev.hairpin.turnserver.net.ListenUrl;
import dev.hairpin.turnserver.server.TurnServer;
import dev.hairpin.turnserver.server.TurnSettings;
import dev.hairpin.turnserver.telemetry.DropReason;
import dev.hairpin.turnserver.testkit.Bytes;
import dev.hairpin.turnserver.testkit.Canary;
import dev.hairpin.turnserver.testkit.Delivery;
import dev.hairpin.turnserver.testkit.EchoPeer;
import dev.hairpin.turnserver.testkit.MessageBuilder;
import dev.hairpin.turnserver.testkit.Methods;
import dev.hairpin.turnserver.testkit.TestTurnClient;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/// What no client of a server with default settings may reach, by whatever way and in whatever
/// spelling. A canary tells whether a packet arrived; each test also shows that its canary sings.
class DeniedPeersTest {
  private static final int CHANNEL = 0x4000;
  private static final Bytes PAYLOAD = Bytes.utf8("hello?");
  private static final List<String> PEERS =
      List.of(
          "127.0.0.1",
          "127.255.255.254",
          "0.0.0.0",
          "0.0.0.1",
          "10.0.0.1",
          "172.16.0.1",
          "192.168.0.1",
          "100.64.0.1",
          "169.254.169.254",
          "168.63.129.16",
          "224.0.0.1",
          "255.255.255.255",
          "240.0.0.1",
          "::1",
          "::",
          "::ffff:127.0.0.1",
          "::ffff:10.0.0.1",
          "::127.0.0.1",
          "64:ff9b::a9fe:a9fe",
          "2002:7f00:1::",
          "2001::1",
          "fc00::1",
          "fe80::1",
          "ff02::1");

  static Stream<Arguments> everyPeerOnBothFamilies() {
    return Stream.of(Venue.IPV4, Venue.IPV6)
        .flatMap(ip -> PEERS.stream().map(peer -> Arguments.of(peer, ip.getHostAddress())));
  }

  @ParameterizedTest(name = "{0} from {1}")
  @MethodSource("everyPeerOnBothFamilies")
  void isForbiddenAndHearsNothing(String peer, String relay) {
    try (var server = TurnServer.start(defaults(InetAddress.ofLiteral(relay)));
        var client = Venue.alice(server);
        var ipv4 = Canary.at(Venue.IPV4);
        var ipv6 = Canary.at(Venue.IPV6)) {
      var _ = Venue.allocate(client);
      for (int port : new int[] {ipv4.address().getPort(), ipv6.address().getPort()}) {
        tryEverything(client, bytes(peer), port);
      }
      assertEquals(List.of(), ipv4.received());
      assertEquals(List.of(), ipv6.received());
    }
  }

  private static void tryEverything(TestTurnClient client, Bytes ip, int port) {
    var permission = client.call(Methods.CREATE_PERMISSION, m -> m.peer(ip, port));
    assertTrue(permission.isError(403), permission::toString);
    var binding = client.call(Methods.CHANNEL_BIND, m -> m.channel(CHANNEL).peer(ip, port));
    assertTrue(binding.isError(403), binding::toString);
    client.sendRaw(MessageBuilder.indication(Methods.SEND).peer(ip, port).data(PAYLOAD).build());
    client.sendOnChannel(CHANNEL, PAYLOAD);
    assertEquals(List.of(), client.deliveries());
    assertEquals(List.of(), client.deliveries());
  }

  @Test
  void theCanariesSingWhereTheirAddressIsAllowed() {
    for (var ip : List.of(Venue.IPV4, Venue.IPV6)) {
      try (var server = TurnServer.start(Venue.settings(ip));
          var client = Venue.alice(server);
          var canary = Canary.at(ip)) {
        var _ = Venue.allocate(client);
        client.permit(canary.address());
        client.send(canary.address(), PAYLOAD);
        assertEquals(PAYLOAD, canary.next());
        client.bind(CHANNEL, canary.address());
        client.sendOnChannel(CHANNEL, PAYLOAD);
        assertEquals(PAYLOAD, canary.next());
      }
    }
  }

  @Test
  void clientsOfThisServerReachEachOther() {
    for (var ip : List.of(Venue.IPV4, Venue.IPV6)) {
      try (var server = TurnServer.start(defaults(ip));
          var alice = Venue.alice(server);
          var bob = Venue.alice(server).as("bob")) {
        var toAlice = Venue.allocate(alice).relayed();
        var toBob = Venue.allocate(bob).relayed();
        alice.permit(toBob);
        bob.permit(toAlice);
        alice.send(toBob, PAYLOAD);
        assertEquals(new Delivery.Indication(toAlice, PAYLOAD), bob.receive());
      }
    }
  }

  @Test
  void aFormerRelayedAddressIsForbidden() {
    try (var server = TurnServer.start(defaults(Venue.IPV4));
        var alice = Venue.alice(server);
        var bob = Venue.alice(server).as("bob")) {
      var _ = alice.allocate();
      var toBob = bob.allocate().relayed();
      alice.permit(toBob);
      bob.refresh(0);

      try (var successor = Canary.at(toBob)) {
        alice.send(toBob, PAYLOAD);
        assertEquals(List.of(), alice.deliveries());
        assertEquals(List.of(), alice.deliveries());
        assertEquals(List.of(), successor.received());
      }
      assertTrue(alice.call(Methods.CREATE_PERMISSION, m -> m.peer(toBob)).isError(403));
    }
  }

  @Test
  void oneDeniedPeerSpoilsTheWholeRequest() {
    try (var server = TurnServer.start(defaults(Venue.IPV4));
        var alice = Venue.alice(server);
        var bob = Venue.alice(server).as("bob")) {
      var toAlice = alice.allocate().relayed();
      var toBob = bob.allocate().relayed();
      bob.permit(toAlice);
      var mixed =
          alice.call(
              Methods.CREATE_PERMISSION, m -> m.peer(toBob).peer(PermissionRows.DENIED_IPV4));
      assertTrue(mixed.isError(403), mixed::toString);
      alice.send(toBob, Bytes.utf8("too early"));
      assertEquals(List.of(), alice.deliveries());

      alice.permit(toBob);
      alice.send(toBob, PAYLOAD);
      assertEquals(new Delivery.Indication(toAlice, PAYLOAD), bob.receive());
    }
  }

  @Test
  void theOwnListenerHearsNothingEvenWhereItsAddressIsAllowed() {
    try (var server = TurnServer.start(Venue.settings(Venue.IPV4))) {
      assertListenerHearsNothing(server, Venue.IPV4);
    }
  }

  /// On Linux every address of 127.0.0.0/8 leads to a listener on all addresses.
  @Test
  void theOwnListenerOnAllAddressesHearsNothingUnderAnyOfThem() {
    var everywhere = List.of(ListenUrl.parse("udp://0.0.0.0:0"));
    var settings = Venue.settings(Venue.IPV4).but(d -> d.listeners = everywhere);
    try (var server = TurnServer.start(settings)) {
      assertListenerHearsNothing(server, Venue.IPV4);
      assertListenerHearsNothing(server, InetAddress.ofLiteral("127.0.0.5"));
    }
  }

  /// A permission is for an address, so it is asked for with another port.
  private static void assertListenerHearsNothing(TurnServer server, InetAddress spelling) {
    int port = Venue.addressOf(server).getPort();
    var listener = new InetSocketAddress(spelling, port);
    try (var client =
            TestTurnClient.to(new InetSocketAddress(Venue.IPV4, port))
                .withSecret(Venue.SECRET)
                .as("alice");
        var peer = EchoPeer.at(spelling)) {
      var _ = client.allocate();
      assertTrue(client.call(Methods.CREATE_PERMISSION, m -> m.peer(listener)).isError(403));
      client.permit(peer.address());
      long deniedBefore = server.telemetry().get(DropReason.PEER_DENIED);
      client.send(listener, MessageBuilder.request(Methods.BINDING).build());
      client.send(peer.address(), PAYLOAD);
      assertEquals(new Delivery.Indication(peer.address(), PAYLOAD), client.receive());
      assertEquals(List.of(), client.deliveries());
      assertEquals(deniedBefore + 1, server.telemetry().get(DropReason.PEER_DENIED));
    }
  }

  private static TurnSettings defaults(InetAddress ip) {
    var url = ListenUrl.parse("udp://" + IpAddress.of(ip).toUrlHost() + ":0");
    return TurnSettings.of(SharedSecrets.of(Venue.SECRET), url);
  }

  /// The bytes as they are written: an IPv4-mapped address stays sixteen bytes long.
  private static Bytes bytes(String literal) {
    var bytes = Bytes.of(InetAddress.ofLiteral(literal).getAddress());
    boolean mapped = literal.indexOf(':') >= 0 && bytes.length() == 4;
    return mapped ? Bytes.hex("00000000000000000000ffff").plus(bytes) : bytes;
  }
}
