package dev.hairpin.turnserver.server;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.hairpin.turnserver.credential.SharedSecrets;
import dev.hairpin.turnserver.loop.ServiceSettings.Feature;
import dev.hairpin.turnserver.net.ListenUrl;
import dev.hairpin.turnserver.telemetry.Counter;
import dev.hairpin.turnserver.testkit.Message;
import dev.hairpin.turnserver.testkit.Methods;
import dev.hairpin.turnserver.testkit.StreamWire;
import dev.hairpin.turnserver.testkit.TestTurnClient;
import dev.hairpin.turnserver.testkit.UdpWire;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.function.UnaryOperator;

/// A server with TCP allocations, its clock, and what it takes to be its client or peer.
final class TcpRelayStage implements AutoCloseable {
  static final InetAddress LOOPBACK = InetAddress.ofLiteral("127.0.0.1");
  static final String SECRET = "a secret of this test";

  final ManualClock clock = new ManualClock();
  final TurnServer server;

  TcpRelayStage(UnaryOperator<TurnSettings> change) {
    server = TurnServer.start(change.apply(settings()), clock);
  }

  /// Loopback peers are allowed.
  TcpRelayStage() {
    this(settings -> settings.allowingPeers("127.0.0.0/8"));
  }

  static TurnSettings settings() {
    var tcp = ListenUrl.parse("tcp://127.0.0.1:0");
    var udp = ListenUrl.parse("udp://127.0.0.1:0");
    var service = Services.with(Set.of(Feature.TCP_RELAY));
    return TurnSettings.of(SharedSecrets.of(SECRET), tcp)
        .but(
            d -> {
              d.listeners = List.of(tcp, udp);
              d.service = service;
              d.loops = 2;
            });
  }

  TestTurnClient client() {
    return client("alice");
  }

  TestTurnClient client(String user) {
    return TestTurnClient.over(wire()).withSecret(SECRET).as(user);
  }

  StreamWire wire() {
    return StreamWire.to(server.listenAddresses().getFirst().toInetSocketAddress());
  }

  TestTurnClient udpClient() {
    return TestTurnClient.over(UdpWire.to(server.listenAddresses().get(1).toInetSocketAddress()))
        .withSecret(SECRET)
        .as("alice");
  }

  static ServerSocket listen() throws IOException {
    return new ServerSocket(0, 50, LOOPBACK);
  }

  static InetSocketAddress addressOf(ServerSocket peer) {
    return (InetSocketAddress) peer.getLocalSocketAddress();
  }

  static Socket connectTo(InetSocketAddress address) throws IOException {
    var socket = new Socket(address.getAddress(), address.getPort(), LOOPBACK, 0);
    socket.setSoTimeout(10_000);
    return socket;
  }

  /// Binds on a connection of its own, which is over then.
  Message bindAs(String user, long connectionId) {
    try (var binder = client(user)) {
      return bind(binder, connectionId);
    }
  }

  static Message bind(TestTurnClient binder, long connectionId) {
    return binder.call(Methods.CONNECTION_BIND, m -> m.connectionId(connectionId));
  }

  static Message connect(TestTurnClient client, InetSocketAddress peer) {
    return client.call(Methods.CONNECT, m -> m.peer(peer));
  }

  static void assertError(int code, Message response) {
    assertEquals(code, response.isSuccess() ? 0 : response.errorCode(), response::toString);
  }

  long livePeerConnections() {
    var telemetry = server.telemetry();
    return telemetry.get(Counter.PEER_CONNECTIONS_OPENED)
        - telemetry.get(Counter.PEER_CONNECTIONS_CLOSED);
  }

  private static boolean isSocket(Path descriptor) {
    try {
      return Files.readSymbolicLink(descriptor).toString().startsWith("socket:");
    } catch (IOException _) {
      return false; // gone in between
    }
  }

  /// How many sockets this process has open.
  static long descriptors() {
    try (var open = Files.list(Path.of("/proc/self/fd"))) {
      return open.filter(TcpRelayStage::isSocket).count();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    server.close();
  }
}
