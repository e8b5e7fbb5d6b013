package dev.hairpin.turnserver.server;

import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import dev.hairpin.turnserver.credential.SharedSecrets;
import dev.hairpin.turnserver.net.IpAddress;
import dev.hairpin.turnserver.net.ListenUrl;
import dev.hairpin.turnserver.net.PortRange;
import dev.hairpin.turnserver.relay.ExternalAddress;
import dev.hairpin.turnserver.relay.RelaySettings;
import dev.hairpin.turnserver.telemetry.Counter;
import dev.hairpin.turnserver.testkit.Bytes;
import dev.hairpin.turnserver.testkit.MessageBuilder;
import dev.hairpin.turnserver.testkit.Methods;
import dev.hairpin.turnserver.testkit.TestTurnClient;
import dev.hairpin.turnserver.testkit.UdpWire;
import dev.hairpin.turnserver.udp.UdpMode;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// What relayed packets leave on the heap, by what the loop's own thread has allocated.
@Timeout(120)
class GarbageTest {
  private static final String SECRET = "a secret of this test";
  private static final InetAddress LOOPBACK = InetAddress.ofLiteral("127.0.0.1");
  private static final int CHANNEL = 0x4000;
  private static final Bytes PAYLOAD = Bytes.random(160);
  private static final int LANES = 8;
  private static final int RUN = 16;

  /// As many packets at a time as every receive buffer holds.
  private static final int MANY = 64;

  private static final int MILLION = 1_000_000;
  private static final int SOME = 100_000;

  /// The compiler comes to know the way.
  private static final int WARM_UP = 100_000;

  private static final int TRIES = 3;

  /// Java's secure random numbers leave some: twelve bytes are drawn for a transaction id.
  private static final int DATA_INDICATION_BYTES = 48;

  private static final int SEND_INDICATION_BYTES = 4;

  private static final long LOST_NANOS = 500_000_000;

  private final List<DatagramChannel> channels = new ArrayList<>();

  /// Where packets go in, and where they come out.
  private record Lane(DatagramChannel from, ByteBuffer packet, DatagramChannel to) {
    Lane(DatagramChannel from, Bytes packet, DatagramChannel to) {
      this(from, ByteBuffer.allocateDirect(packet.length()).put(packet.toArray()), to);
    }
  }

  @AfterEach
  void close() throws IOException {
    for (var channel : channels) {
      channel.close();
    }
  }

  @Test
  void aPacketToAPeerLeavesAtMostAByte() throws Exception {
    try (var server = start()) {
      assertNoGarbage(server, toPeers(server), MILLION, MANY);
    }
  }

  @Test
  void aPacketToAClientLeavesAtMostAByte() throws Exception {
    try (var server = start()) {
      assertNoGarbage(server, toClients(server), MILLION, MANY);
    }
  }

  @Test
  void aPacketThatComesAloneDoesNotLeaveMore() throws Exception {
    try (var server = start()) {
      assertNoGarbage(server, toPeers(server), SOME / 4, 1);
      assertNoGarbage(server, toClients(server), SOME / 4, 1);
    }
  }

  @Test
  void aPacketBetweenRelayedAddressesDoesNotLeaveMore() throws Exception {
    try (var server = start()) {
      assertNoGarbage(server, betweenClients(server), SOME, MANY);
    }
  }

  @Test
  void aPacketBetweenRelayedAddressesOfTwoLoopsDoesNotLeaveMore() throws Exception {
    try (var server = start(2)) {
      var lanes = betweenClients(server);
      for (int i = 0; i < 3; i++) {
        lanes.addAll(betweenClients(server)); // so many that not all pairs are of one loop
      }
      assertNoGarbage(server, lanes, SOME, MANY);
      assertTrue(server.telemetry().get(Counter.MESSAGES_ACROSS_LOOPS) > 0);
      assertNoGarbage(server, lanes, SOME / 4, 1);
    }
  }

  @Test
  void aPacketBehindANatDoesNotLeaveMore() throws Exception {
    try (var server = start(ExternalAddress.parse("203.0.113.1"))) {
      assertNoGarbage(server, toPeers(server), SOME, MANY);
      assertNoGarbage(server, toClients(server), SOME, MANY);
      assertNoGarbage(server, betweenClients(server), SOME, MANY);
    }
  }

  @Test
  void anIndicationLeavesLittleMoreThanWhatItsTransactionIdTakes() throws Exception {
    try (var server = start()) {
      var up = new ArrayList<Lane>();
      var down = new ArrayList<Lane>();
      for (int i = 0; i < LANES; i++) {
        var channel = open(listener(server));
        var client = client(channel);
        var peer = open(onLoopback(client.allocate().relayed()));
        var address = (InetSocketAddress) peer.getLocalAddress();
        client.permit(address);
        var send = MessageBuilder.indication(Methods.SEND).peer(address).data(PAYLOAD).build();
        up.add(new Lane(channel, send, peer));
        down.add(new Lane(peer, PAYLOAD, channel));
      }
      assertGarbage(SEND_INDICATION_BYTES, server, up, SOME, MANY);
      assertGarbage(DATA_INDICATION_BYTES, server, down, SOME, MANY);
    }
  }

  private List<Lane> toPeers(TurnServer server) throws IOException {
    var lanes = new ArrayList<Lane>();
    for (int i = 0; i < LANES; i++) {
      var client = open(listener(server));
      lanes.add(new Lane(client, channelData(), peerOf(client)));
    }
    return lanes;
  }

  private List<Lane> toClients(TurnServer server) throws IOException {
    var lanes = new ArrayList<Lane>();
    for (int i = 0; i < LANES; i++) {
      var client = open(listener(server));
      lanes.add(new Lane(peerOf(client), PAYLOAD, client));
    }
    return lanes;
  }

  private List<Lane> betweenClients(TurnServer server) throws IOException {
    var lanes = new ArrayList<Lane>();
    for (int i = 0; i < LANES; i += 2) {
      var left = open(listener(server));
      var right = open(listener(server));
      var alice = client(left);
      var bob = client(right);
      var relayed = alice.allocate().relayed();
      alice.bind(CHANNEL, bob.allocate().relayed());
      bob.bind(CHANNEL, relayed);
      lanes.add(new Lane(left, channelData(), right));
      lanes.add(new Lane(right, channelData(), left));
    }
    return lanes;
  }

  private static TurnServer start(ExternalAddress... externals) {
    return start(1, externals);
  }

  private static TurnServer start(int loops, ExternalAddress... externals) {
    var relays = List.of(IpAddress.of(LOOPBACK));
    return TurnServer.start(
        TurnSettings.of(SharedSecrets.of(SECRET), ListenUrl.parse("udp://127.0.0.1:0"))
            .but(d -> d.relay = new RelaySettings(relays, List.of(externals), PortRange.DYNAMIC))
            .but(d -> d.udp = UdpMode.NATIVE)
            .but(d -> d.loops = loops)
            .allowingPeers("127.0.0.0/8"));
  }

  private static InetSocketAddress listener(TurnServer server) {
    return server.listenAddresses().getFirst().toInetSocketAddress();
  }

  private DatagramChannel open(InetSocketAddress to) throws IOException {
    var channel = DatagramChannel.open();
    channels.add(channel);
    return channel.bind(new InetSocketAddress(LOOPBACK, 0)).connect(to);
  }

  private static TestTurnClient client(DatagramChannel channel) {
    return TestTurnClient.over(UdpWire.over(channel)).withSecret(SECRET).as("alice");
  }

  /// The peer that a new channel of a client leads to.
  private DatagramChannel peerOf(DatagramChannel channel) throws IOException {
    var client = client(channel);
    var peer = open(onLoopback(client.allocate().relayed()));
    client.bind(CHANNEL, (InetSocketAddress) peer.getLocalAddress());
    return peer;
  }

  /// Where a NAT would bring a packet.
  private static InetSocketAddress onLoopback(InetSocketAddress relayed) {
    return new InetSocketAddress(LOOPBACK, relayed.getPort());
  }

  private static Bytes channelData() {
    return Bytes.uint16(CHANNEL).plus(Bytes.uint16(PAYLOAD.length())).plus(PAYLOAD);
  }

  private static void assertNoGarbage(TurnServer server, List<Lane> lanes, int count, int atOnce)
      throws Exception {
    assertGarbage(1, server, lanes, count, atOnce);
  }

  /// Measures again where there was more: what the runtime does once is not the packets'.
  private static void assertGarbage(
      int most, TurnServer server, List<Lane> lanes, int count, int atOnce) throws Exception {
    for (var lane : lanes) {
      lane.from().configureBlocking(false);
      lane.to().configureBlocking(false);
    }
    relay(lanes, WARM_UP * atOnce / MANY, atOnce);
    double each = Double.MAX_VALUE;
    for (int i = 0; i < TRIES && each > most; i++) {
      long before = allocatedBytes(server);
      int delivered = relay(lanes, count, atOnce);
      each = (double) (allocatedBytes(server) - before) / delivered;
    }
    assertTrue(each <= most, String.format(Locale.ROOT, "%.2f bytes for each packet", each));
  }

  /// Until so many have come out; what is lost does not count. Runs of packets from one source and
  /// packets of all in turn take turns.
  private static int relay(List<Lane> lanes, int count, int atOnce) throws IOException {
    var sink = ByteBuffer.allocateDirect(2_048);
    int delivered = 0;
    for (int round = 0; delivered < count; round++) {
      int expected = 0;
      for (int i = 0; i < atOnce; i++) {
        int turn = round % 2 == 0 ? round / 2 + i / RUN : round + i;
        var lane = lanes.get(turn % lanes.size());
        expected += lane.from().write(lane.packet().rewind()) > 0 ? 1 : 0;
      }
      long sent = System.nanoTime();
      while (expected > 0 && System.nanoTime() - sent < LOST_NANOS) {
        for (var lane : lanes) {
          while (lane.to().read(sink.clear()) > 0) {
            expected--;
            delivered++;
          }
        }
      }
    }
    return delivered;
  }

  private static long allocatedBytes(TurnServer server) throws Exception {
    var threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long bytes = 0;
    for (var loop : server.shared.loops()) {
      long id = loop.eventLoop().submit(() -> Thread.currentThread().threadId()).get();
      bytes += threads.getThreadAllocatedBytes(id);
    }
    return bytes;
  }
}
