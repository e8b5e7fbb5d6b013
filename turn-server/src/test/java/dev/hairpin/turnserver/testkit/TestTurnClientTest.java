package dev.hairpin.turnserver.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// The test client and coturn understand each other, so the client is fit to judge.
class TestTurnClientTest {
  private static final String SECRET = "a secret of this test";
  private static final InetAddress IPV4 = InetAddress.ofLiteral("127.0.0.1");
  private static final InetAddress IPV6 = InetAddress.ofLiteral("::1");

  @TempDir private static Path ipv4Directory = Path.of("");
  @TempDir private static Path ipv6Directory = Path.of("");
  private static List<Coturn> servers = List.of();

  @BeforeAll
  static void start() {
    servers =
        List.of(
            Coturn.on(ipv4Directory, IPV4, SECRET).start(),
            Coturn.on(ipv6Directory, IPV6, SECRET).start());
  }

  @AfterAll
  static void stop() {
    servers.forEach(Coturn::close);
  }

  static List<InetSocketAddress> addresses() {
    return servers.stream().map(Coturn::address).toList();
  }

  @ParameterizedTest
  @MethodSource("addresses")
  void bindingTellsTheClientsOwnAddress(InetSocketAddress coturn) {
    try (var client = client(coturn)) {
      assertEquals(client.localAddress(), client.binding());
    }
  }

  @ParameterizedTest
  @MethodSource("addresses")
  void payloadsGoThereAndBackByIndicationAndByChannel(InetSocketAddress coturn) {
    try (var client = client(coturn);
        var peer = EchoPeer.at(coturn.getAddress())) {
      var allocation = allocate(client, coturn);
      assertEquals(client.localAddress(), allocation.mapped());

      client.permit(peer.address());
      client.send(peer.address(), Bytes.utf8("by indication"));
      assertEquals(
          new Delivery.Indication(peer.address(), Bytes.utf8("by indication")), client.receive());

      client.bind(0x4000, peer.address());
      client.sendOnChannel(0x4000, Bytes.utf8("by channel"));
      assertEquals(new Delivery.OnChannel(0x4000, Bytes.utf8("by channel")), client.receive());

      assertEquals(0, client.refresh(0));
    }
  }

  @ParameterizedTest
  @MethodSource("addresses")
  void aWrongSecretIsRefused(InetSocketAddress coturn) {
    try (var client = client(coturn).withSecret("another secret").as("mallory")) {
      assertTrue(client.call(Methods.ALLOCATE, MessageBuilder::requestedTransport).isError(401));
    }
  }

  @Test
  void anAnswerThatNobodyAskedForIsNoticed() {
    try (var client = client(addresses().getFirst())) {
      client.sendRaw(MessageBuilder.request(Methods.BINDING).build());
      var error = assertThrows(AssertionError.class, client::binding);
      assertTrue(String.valueOf(error.getMessage()).startsWith("nobody asked for this"));
    }
  }

  private static TestTurnClient client(InetSocketAddress coturn) {
    return TestTurnClient.to(coturn).withSecret(SECRET).as("alice");
  }

  private static Allocation allocate(TestTurnClient client, InetSocketAddress coturn) {
    boolean ipv6 = coturn.getAddress().equals(IPV6);
    return client.allocate(m -> m.requestedFamily(ipv6 ? 2 : 1));
  }
}
