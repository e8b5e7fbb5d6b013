package dev.hairpin.turnserver.server;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.hairpin.turnserver.credential.SharedSecrets;
import dev.hairpin.turnserver.net.ListenUrl;
import dev.hairpin.turnserver.telemetry.Counter;
import dev.hairpin.turnserver.testkit.Await;
import dev.hairpin.turnserver.testkit.Bytes;
import dev.hairpin.turnserver.testkit.Delivery;
import dev.hairpin.turnserver.testkit.DtlsWire;
import dev.hairpin.turnserver.testkit.EchoPeer;
import dev.hairpin.turnserver.testkit.Message;
import dev.hairpin.turnserver.testkit.Methods;
import dev.hairpin.turnserver.testkit.StreamWire;
import dev.hairpin.turnserver.testkit.TestCertificate;
import dev.hairpin.turnserver.testkit.TestTurnClient;
import dev.hairpin.turnserver.testkit.TlsProfile;
import dev.hairpin.turnserver.testkit.TurnCredential;
import dev.hairpin.turnserver.testkit.UdpWire;
import dev.hairpin.turnserver.testkit.Wire;
import dev.hairpin.turnserver.transport.StreamSettings;
import dev.hairpin.turnserver.transport.StreamSettings.CertificateFiles;
import dev.hairpin.turnserver.udp.UdpMode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/// A server whose allocations move, a peer that echoes, and clients by every transport.
abstract class MobilityScene {
  static final String SECRET = "a secret of this test";
  static final int CHANNEL = 0x4000;
  static final Duration PATIENCE = Duration.ofSeconds(5);
  static final InetAddress LOOPBACK = InetAddress.ofLiteral("127.0.0.1");
  static final Bytes HELLO = Bytes.utf8("hello");

  final ManualClock clock = new ManualClock();

  /// One for all clients: its username tells the second that it was made in.
  private final TurnCredential alice =
      TurnCredential.timeLimited(SECRET, "alice", Duration.ofHours(1));

  private final List<TestTurnClient> clients = new ArrayList<>();
  final EchoPeer peer = EchoPeer.at(LOOPBACK);

  private @Nullable TestCertificate certificate;

  /// By what a client comes.
  enum By {
    UDP(0),
    TCP(1),
    TLS(2),
    DTLS(3);

    final int listener;

    By(int listener) {
      this.listener = listener;
    }
  }

  @BeforeEach
  void makeCertificate(@TempDir Path directory) {
    certificate = TestCertificate.ec(directory, "turn.example");
  }

  private TestCertificate certificate() {
    return Objects.requireNonNull(certificate);
  }

  @AfterEach
  void close() {
    clients.forEach(TestTurnClient::close);
    peer.close();
  }

  /// What came of a move.
  record Moved(TestTurnClient client, Bytes ticket) {}

  /// Moves from place to place until one belongs to another loop than the allocation.
  static Moved moveAcross(TurnServer server, Bytes ticket, Supplier<TestTurnClient> places) {
    var moved = new Moved(places.get(), ticket);
    for (int i = 0; i < 64; i++) {
      moved = new Moved(moved.client(), moved.client().take(moved.ticket(), 600));
      if (server.telemetry().get(Counter.MESSAGES_ACROSS_LOOPS) > 0) {
        return moved;
      }
      moved = new Moved(places.get(), moved.ticket());
    }
    throw new AssertionError("the kernel brought 64 clients to one loop of four");
  }

  Bytes mobile(TestTurnClient client) {
    var allocation = client.allocateMobile();
    client.bind(CHANNEL, peer.address());
    return allocation.ticket();
  }

  void assertDataPass(TestTurnClient client) {
    assertDataPass(client, new int[] {0, 1, 2, 3, 1_200, 60_000});
  }

  void assertDataPass(TestTurnClient client, int[] sizes) {
    for (int size : sizes) {
      var payload = Bytes.random(size);
      client.sendOnChannel(CHANNEL, payload);
      assertEquals(new Delivery.OnChannel(CHANNEL, payload), client.receive());
    }
    for (int i = 0; i < 100; i++) {
      client.sendOnChannel(CHANNEL, Bytes.uint16(i));
    }
    for (int i = 0; i < 100; i++) {
      assertEquals(new Delivery.OnChannel(CHANNEL, Bytes.uint16(i)), client.receive());
    }
    client.send(peer.address(), HELLO);
    assertEquals(new Delivery.OnChannel(CHANNEL, HELLO), client.receive());
  }

  /// The error code that a ticket meets.
  static int shown(TestTurnClient client, Bytes ticket) {
    Message answer = client.call(Methods.REFRESH, m -> m.ticket(ticket));
    return answer.isSuccess() ? 200 : answer.errorCode();
  }

  static void awaitLive(TurnServer server, long count) {
    Await.until(
        PATIENCE,
        () -> server.telemetry().liveAllocations() == count,
        () -> server.telemetry().liveAllocations() + " allocations live");
  }

  /// Lets time pass until the loop has swept: it closes a connection that has said nothing.
  void pass(TurnServer server, Duration time) {
    long opened = server.telemetry().get(Counter.CONNECTIONS_OPENED);
    long closed = server.telemetry().get(Counter.CONNECTIONS_CLOSED);
    client(server, By.TCP);
    Await.until(
        PATIENCE,
        () -> server.telemetry().get(Counter.CONNECTIONS_OPENED) > opened,
        () -> "it is accepted");
    clock.advance(time);
    Await.until(
        PATIENCE,
        () -> server.telemetry().get(Counter.CONNECTIONS_CLOSED) > closed,
        () -> "it is closed");
  }

  static void send(DatagramSocket from, InetSocketAddress to, String text) {
    var bytes = Bytes.utf8(text).toArray();
    try {
      from.send(new DatagramPacket(bytes, bytes.length, to));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static String received(DatagramSocket by) throws Exception {
    var packet = new DatagramPacket(new byte[100], 100);
    by.setSoTimeout((int) PATIENCE.toMillis());
    by.receive(packet);
    return Bytes.of(packet.getData(), packet.getLength()).asUtf8();
  }

  TurnServer start(UdpMode mode, int loops) {
    return TurnServer.start(settings(mode, loops), clock);
  }

  TurnSettings settings(UdpMode mode, int loops) {
    var files = List.of(new CertificateFiles(certificate().file(), certificate().key()));
    var urls =
        Stream.of("udp", "tcp", "tls", "dtls").map(s -> ListenUrl.parse(s + "://127.0.0.1:0"));
    return TurnSettings.of(SharedSecrets.of(SECRET), ListenUrl.parse("udp://127.0.0.1:0"))
        .but(d -> d.streams = StreamSettings.DEFAULT.withCertificates(files))
        .but(d -> d.listeners = urls.toList())
        .but(d -> d.udp = mode)
        .but(d -> d.loops = loops)
        .allowingPeers("127.0.0.0/8");
  }

  TestTurnClient client(TurnServer server, By by) {
    var address = server.listenAddresses().get(by.listener).toInetSocketAddress();
    Wire wire =
        switch (by) {
          case UDP -> UdpWire.to(address);
          case TCP -> StreamWire.to(address);
          case TLS -> StreamWire.to(address).secured(TlsProfile.trusting(certificate()));
          case DTLS -> DtlsWire.to(address);
        };
    var client = TestTurnClient.over(wire).withSecret(SECRET).with(alice);
    clients.add(client);
    return client;
  }
}
