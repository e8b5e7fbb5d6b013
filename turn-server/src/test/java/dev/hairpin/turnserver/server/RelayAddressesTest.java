package dev.hairpin.turnserver.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.hairpin.turnserver.credential.SharedSecrets;
import dev.hairpin.turnserver.net.IpAddress;
import dev.hairpin.turnserver.net.ListenUrl;
import dev.hairpin.turnserver.net.PortRange;
import dev.hairpin.turnserver.relay.ExternalAddress;
import dev.hairpin.turnserver.relay.RelaySettings;
import dev.hairpin.turnserver.testkit.Bytes;
import dev.hairpin.turnserver.testkit.Delivery;
import dev.hairpin.turnserver.testkit.Methods;
import dev.hairpin.turnserver.testkit.TestTurnClient;
import java.net.DatagramSocket;
import java.net.SocketException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/// Several relay addresses of one family.
class RelayAddressesTest {
  private static final String SECRET = "a secret of this test";
  private static final List<String> THREE = List.of("127.0.3.1", "127.0.3.2", "127.0.3.3");
  private static final Bytes HELLO = Bytes.utf8("hello");

  @Test
  void aClientRelaysFromTheAddressThatItCameBy() {
    try (var server = server("127.0.3.2", List.of(), PortRange.DYNAMIC)) {
      assertEquals(Set.of("127.0.3.2"), relayedOfMany(server));
    }
  }

  @Test
  void whoComesByAnotherAddressRelaysFromAnyOfThem() {
    try (var server = server("127.0.3.9", List.of(), PortRange.DYNAMIC)) {
      assertEquals(Set.copyOf(THREE), relayedOfMany(server));
    }
  }

  @Test
  void whereTheFirstAddressHasNoPortLeftTheNextOneIsTaken() throws Exception {
    int port = freePort();
    var clients = new ArrayList<TestTurnClient>();
    try (var server = server("127.0.3.1", List.of(), new PortRange(port, port))) {
      var relayed = new HashSet<String>();
      for (int i = 0; i < THREE.size(); i++) {
        clients.add(client(server));
        relayed.add(clients.getLast().allocate().relayed().getAddress().getHostAddress());
      }
      assertEquals(Set.copyOf(THREE), relayed);
      clients.add(client(server));
      var refused = clients.getLast().call(Methods.ALLOCATE, m -> m.requestedTransport(17));
      assertEquals(508, refused.errorCode());
      clients.getFirst().refresh(0);
      assertTrue(THREE.contains(addressOf(clients.getLast())));
    } finally {
      clients.forEach(TestTurnClient::close);
    }
  }

  @Test
  void clientsMeetByTheExternalAddressesOfTheirs() {
    var external = List.of("198.41.0.1/127.0.3.1", "198.41.0.3/127.0.3.3");
    try (var server = server("127.0.3.9", external, PortRange.DYNAMIC);
        var one = client(server)) {
      var first = one.allocate().relayed();
      var seen = new HashSet<String>();
      for (int i = 0; i < 40; i++) {
        try (var two = client(server)) {
          var second = two.allocate().relayed();
          seen.add(second.getAddress().getHostAddress());
          one.permit(second);
          two.permit(first);
          two.send(first, HELLO);
          var received = assertInstanceOf(Delivery.Indication.class, one.receive());
          assertEquals(new Delivery.Indication(second, HELLO), received);
          one.send(second, HELLO);
          assertEquals(new Delivery.Indication(first, HELLO), two.receive());
          two.refresh(0);
        }
      }
      assertEquals(Set.of("198.41.0.1", "127.0.3.2", "198.41.0.3"), seen);
    }
  }

  private static Set<String> relayedOfMany(TurnServer server) {
    var relayed = new HashSet<String>();
    for (int i = 0; i < 40; i++) {
      try (var client = client(server)) {
        relayed.add(addressOf(client));
        client.refresh(0);
      }
    }
    return relayed;
  }

  private static String addressOf(TestTurnClient client) {
    return client.allocate().relayed().getAddress().getHostAddress();
  }

  private static int freePort() throws SocketException {
    try (var socket = new DatagramSocket(0, IpAddress.parse("127.0.3.1").toInetAddress())) {
      return socket.getLocalPort();
    }
  }

  private static TurnServer server(String listener, List<String> external, PortRange ports) {
    var relay =
        new RelaySettings(
            THREE.stream().map(IpAddress::parse).toList(),
            external.stream().map(ExternalAddress::parse).toList(),
            ports);
    var url = ListenUrl.parse("udp://" + listener + ":0");
    return TurnServer.start(
        TurnSettings.of(SharedSecrets.of(SECRET), url).but(d -> d.relay = relay));
  }

  private static TestTurnClient client(TurnServer server) {
    return TestTurnClient.to(server.listenAddresses().getFirst().toInetSocketAddress())
        .withSecret(SECRET)
        .as("alice");
  }
}
