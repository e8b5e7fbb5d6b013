package dev.hairpin.turnserver.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.hairpin.turnserver.credential.SharedSecrets;
import dev.hairpin.turnserver.net.IpAddress;
import dev.hairpin.turnserver.net.ListenUrl;
import dev.hairpin.turnserver.net.PortRange;
import dev.hairpin.turnserver.relay.RelaySettings;
import dev.hairpin.turnserver.telemetry.DropReason;
import dev.hairpin.turnserver.testkit.Attributes;
import dev.hairpin.turnserver.testkit.Await;
import dev.hairpin.turnserver.testkit.Bytes;
import dev.hairpin.turnserver.testkit.Canary;
import dev.hairpin.turnserver.testkit.Delivery;
import dev.hairpin.turnserver.testkit.EchoPeer;
import dev.hairpin.turnserver.testkit.Methods;
import dev.hairpin.turnserver.testkit.StreamWire;
import dev.hairpin.turnserver.testkit.TestTurnClient;
import dev.hairpin.turnserver.udp.UdpMode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;

/// Data through real sockets under what goes wrong around them: refused sends, ports that are used
/// again, allocations that end while packets fly.
class RelayingTest {
  private static final String SECRET = "a secret of this test";
  private static final InetAddress LOOPBACK = InetAddress.ofLiteral("127.0.0.1");
  private static final Duration PATIENCE = Duration.ofSeconds(10);
  private static final int CHANNEL = 0x4000;
  private static final int WINDOW = 50;
  private static final int UDP = 0;
  private static final int TCP = 1;

  private static TurnServer start(UdpMode mode, PortRange ports) {
    var udp = ListenUrl.parse("udp://127.0.0.1:0");
    var relays = List.of(IpAddress.parse("127.0.0.1"), IpAddress.parse("::1"));
    return TurnServer.start(
        TurnSettings.of(SharedSecrets.of(SECRET), udp)
            .but(d -> d.listeners = List.of(udp, ListenUrl.parse("tcp://127.0.0.1:0")))
            .but(d -> d.relay = new RelaySettings(relays, List.of(), ports))
            .but(d -> d.udp = mode)
            .but(d -> d.loops = 1)
            .allowingPeers("127.0.0.0/8", "192.0.2.0/24", "::1"));
  }

  private static TestTurnClient client(TurnServer server, int listener) {
    var address = server.listenAddresses().get(listener).toInetSocketAddress();
    var client =
        listener == UDP ? TestTurnClient.to(address) : TestTurnClient.over(StreamWire.to(address));
    return client.withSecret(SECRET).as("alice");
  }

  /// To a net that a socket on loopback cannot reach, and more than a datagram holds.
  @ParameterizedTest
  @EnumSource(mode = Mode.EXCLUDE, names = "AUTO")
  void whatTheKernelRefusesIsCountedAndAllElseArrives(UdpMode mode) {
    try (var server = start(mode, PortRange.DYNAMIC);
        var client = client(server, TCP);
        var good = Canary.at(LOOPBACK)) {
      var nowhere = new InetSocketAddress("192.0.2.1", 9);
      client.allocate();
      client.bind(CHANNEL, good.address());
      client.bind(CHANNEL + 1, nowhere);
      var huge = Bytes.of(new byte[65_520]);
      for (int round = 0; round < 1_000 / WINDOW; round++) {
        var expected = new ArrayList<Bytes>();
        for (int i = 0; i < WINDOW; i++) {
          var payload = Bytes.uint32(round).plus(Bytes.uint32(i));
          client.sendOnChannel(CHANNEL + 1, payload);
          client.sendOnChannel(CHANNEL, payload);
          expected.add(payload);
        }
        client.sendOnChannel(CHANNEL, huge);
        client.binding();
        assertEquals(expected, good.received());
      }
      long refused = 1_000 + 1_000 / WINDOW;
      assertEquals(refused, server.telemetry().get(DropReason.SEND_REFUSED));
      assertEquals(0, server.telemetry().get(DropReason.INTERNAL_FAULT));
    }
  }

  @Test
  void aPeerOnPortZeroIsNone() {
    try (var server = start(UdpMode.AUTO, PortRange.DYNAMIC);
        var client = client(server, UDP)) {
      client.allocate();
      client.permit(new InetSocketAddress(LOOPBACK, 9));
      client.send(new InetSocketAddress(LOOPBACK, 0), Bytes.utf8("x"));
      client.binding();
      assertEquals(1, server.telemetry().get(DropReason.MALFORMED_INDICATION));
    }
  }

  @Test
  void everyPayloadPassesBitByBitOnce() {
    assertPayloadsPass(2_000);
  }

  @Test
  @Tag("nightly")
  void aMillionPayloadsPassBitByBitOnce() {
    assertPayloadsPass(1_000_000 / 4);
  }

  /// Of any size, through both forms of socket and from both kinds of client, there and back.
  private static void assertPayloadsPass(int count) {
    long seed = System.nanoTime();
    var random = new SplittableRandom(seed);
    for (var mode : List.of(UdpMode.NATIVE, UdpMode.PORTABLE)) {
      for (int listener : new int[] {UDP, TCP}) {
        try (var server = start(mode, PortRange.DYNAMIC);
            var client = client(server, listener);
            var peer = EchoPeer.at(LOOPBACK)) {
          client.allocate();
          client.bind(CHANNEL, peer.address());
          for (int sent = 0; sent < count; sent += WINDOW) {
            var window = new ArrayList<Delivery>();
            for (int i = 0; i < WINDOW; i++) {
              var bytes = new byte[random.nextInt(1_473)];
              random.nextBytes(bytes);
              window.add(new Delivery.OnChannel(CHANNEL, Bytes.of(bytes)));
              client.sendOnChannel(CHANNEL, Bytes.of(bytes));
            }
            for (var delivery : window) {
              assertEquals(delivery, client.receive(), "seed " + seed);
            }
          }
          assertEquals(List.of(), client.deliveries());
        }
      }
    }
  }

  @Test
  void aPortThatIsUsedAgainCarriesNothingOfTheOneBefore() throws IOException {
    assertTagsStayApart(500);
  }

  @Test
  @Tag("nightly")
  void portsThatAreUsedAHundredThousandTimesCarryNothingOfBefore() throws IOException {
    assertTagsStayApart(100_000);
  }

  /// Two ports for all: each allocation's peer goes on sending its tag to the port that it knew.
  private static void assertTagsStayApart(int rounds) throws IOException {
    try (var server = start(UdpMode.AUTO, new PortRange(22_000, 22_001));
        var peer = new DatagramSocket(0, LOOPBACK);
        var formerPeer = new DatagramSocket(0, InetAddress.ofLiteral("127.0.0.2"))) {
      var address = (InetSocketAddress) peer.getLocalSocketAddress();
      var former = (InetSocketAddress) formerPeer.getLocalSocketAddress();
      for (int round = 0; round < rounds; round++) {
        try (var before = client(server, UDP);
            var after = client(server, UDP)) {
          var first = before.allocate().relayed();
          before.bind(CHANNEL, former);
          before.refresh(0);
          var second = after.allocate().relayed();
          after.bind(CHANNEL, address);
          var tag = Bytes.uint32(round);
          for (var relayed : List.of(first, second)) {
            var stale = Bytes.utf8("stale").toArray();
            formerPeer.send(new DatagramPacket(stale, stale.length, relayed));
          }
          peer.send(new DatagramPacket(tag.toArray(), 4, second));
          assertEquals(new Delivery.OnChannel(CHANNEL, tag), after.receive());
          before.sendOnChannel(CHANNEL, Bytes.utf8("stale"));
          assertEquals(List.of(), before.deliveries());
          assertEquals(List.of(), after.deliveries());
          after.refresh(0);
        }
      }
      Await.until(PATIENCE, () -> server.telemetry().liveAllocations() == 0, () -> "all ended");
      assertEquals(0, server.telemetry().get(DropReason.INTERNAL_FAULT));
    }
  }

  @ParameterizedTest
  @EnumSource(mode = Mode.EXCLUDE, names = "AUTO")
  void anAllocationEndsAmongPacketsWithoutAFault(UdpMode mode) throws Exception {
    assertEndsAmongPackets(mode, 400);
  }

  @Test
  @Tag("nightly")
  void tenThousandAllocationsEndAmongPackets() throws Exception {
    assertEndsAmongPackets(UdpMode.NATIVE, 10_000);
  }

  /// Peers send to every port all the time, and the client in the same breath as it releases.
  private static void assertEndsAmongPackets(UdpMode mode, int rounds) throws Exception {
    var ports = new PortRange(22_100, 22_103);
    var over = new AtomicBoolean();
    try (var server = start(mode, ports);
        var sink = new DatagramSocket(0, LOOPBACK)) {
      var flood = Thread.ofPlatform().start(() -> flood(ports, over));
      try (var client = client(server, UDP)) {
        for (int round = 0; round < rounds; round++) {
          client.allocate();
          client.bind(CHANNEL, (InetSocketAddress) sink.getLocalSocketAddress());
          client.permit(new InetSocketAddress(LOOPBACK, 9));
          for (int i = 0; i < 8; i++) {
            client.sendOnChannel(CHANNEL, Bytes.uint32(i));
          }
          var release = client.signed(Methods.REFRESH, m -> m.lifetime(0));
          client.sendRaw(release);
          client.sendOnChannel(CHANNEL, Bytes.uint32(8));
          assertEquals(0, client.exchange(release).uint32(Attributes.LIFETIME));
        }
      } finally {
        over.set(true);
        flood.join();
      }
      assertEquals(0, server.telemetry().get(DropReason.INTERNAL_FAULT));
      assertEquals(0, server.telemetry().liveAllocations());
      assertNotEquals(0, server.telemetry().get(DropReason.NO_ALLOCATION));
    }
  }

  private static void flood(PortRange ports, AtomicBoolean over) {
    try (var peer = new DatagramSocket(0, LOOPBACK)) {
      var payload = Bytes.utf8("still there?").toArray();
      while (!over.get()) {
        for (int port = ports.first(); port <= ports.last(); port++) {
          var to = new InetSocketAddress(LOOPBACK, port);
          peer.send(new DatagramPacket(payload, payload.length, to));
        }
        LockSupport.parkNanos(100_000); // what the client can take, so that it hears its answers
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void descriptorsAreTwoForEachDualAllocationAndNoneWithoutOne() {
    try (var server = start(UdpMode.AUTO, PortRange.DYNAMIC);
        var first = client(server, UDP)) {
      first.allocateDual();
      first.refresh(0);
      long before = TcpRelayStage.descriptors();
      for (int round = 0; round < 500; round++) {
        first.allocateDual();
        if (round % 100 == 0) {
          assertEquals(before + 2, TcpRelayStage.descriptors());
        }
        first.refresh(0);
      }
      assertEquals(before, TcpRelayStage.descriptors());
    }
  }

  /// What cannot block needs no test of what happens while it does.
  @ParameterizedTest
  @EnumSource(mode = Mode.EXCLUDE, names = "AUTO")
  void noSocketOfTheServerBlocks(UdpMode mode) {
    var before = blocking();
    try (var server = start(mode, PortRange.DYNAMIC)) {
      try (var client = client(server, UDP)) {
        client.allocateDual();
        var with = blocking();
        with.removeAll(before);
        assertTrue(with.size() <= 1, "only the client's own socket may block: " + with);
      }
    }
  }

  private static final int O_NONBLOCK = 04000;

  /// The sockets of this process that block.
  private static List<String> blocking() {
    try (var open = Files.list(Path.of("/proc/self/fd"))) {
      return new ArrayList<>(open.filter(RelayingTest::blocks).map(Path::toString).toList());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static boolean blocks(Path descriptor) {
    try {
      var info = Path.of("/proc/self/fdinfo", descriptor.getFileName().toString());
      return Files.readSymbolicLink(descriptor).toString().startsWith("socket:")
          && Files.readAllLines(info).stream()
              .filter(line -> line.startsWith("flags:"))
              .anyMatch(line -> (Integer.parseInt(line.substring(6).strip(), 8) & O_NONBLOCK) == 0);
    } catch (IOException _) {
      return false; // gone in between
    }
  }
}
