package dev.hairpin.turnserver.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.hairpin.turnserver.telemetry.Counter;
import dev.hairpin.turnserver.telemetry.DropReason;
import dev.hairpin.turnserver.testkit.Attributes;
import dev.hairpin.turnserver.testkit.Await;
import dev.hairpin.turnserver.testkit.Bytes;
import dev.hairpin.turnserver.testkit.Delivery;
import dev.hairpin.turnserver.testkit.Message;
import dev.hairpin.turnserver.testkit.MessageBuilder;
import dev.hairpin.turnserver.testkit.Methods;
import dev.hairpin.turnserver.testkit.StreamEnd;
import dev.hairpin.turnserver.testkit.StreamWire;
import dev.hairpin.turnserver.transport.StreamSettings;
import dev.hairpin.turnserver.udp.UdpMode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/// TURN over TCP: framing, deadlines, slow readers.
class StreamTest {
  private static final int CHANNEL = 0x4000;
  private static final Duration STEP = Duration.ofMillis(50);

  @ParameterizedTest
  @EnumSource(
      value = UdpMode.class,
      names = {"NATIVE", "PORTABLE"})
  void payloadsOfEveryLengthModuloFourPassBothWays(UdpMode mode) {
    try (var scene = StreamScene.plain(mode);
        var client = scene.over(scene.tcp())) {
      client.allocate();
      client.bind(CHANNEL, scene.peer.address());
      for (int length : new int[] {0, 1, 2, 3, 4, 5, 171, 1_200, 9_001}) {
        var payload = Bytes.random(length);
        client.sendOnChannel(CHANNEL, payload);
        assertEquals(new Delivery.OnChannel(CHANNEL, payload), client.receive());
      }
      var other = Bytes.random(33);
      client.permit(scene.peer.address());
      client.send(scene.peer.address(), other);
      assertEquals(new Delivery.OnChannel(CHANNEL, other), client.receive());
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3, 19, 21})
  void aRequestInPiecesIsAnswered(int size) {
    try (var scene = StreamScene.plain(UdpMode.AUTO);
        var wire = scene.tcp()) {
      wire.sendInPieces(MessageBuilder.request(Methods.BINDING).build(), size);
      assertEquals(wire.localAddress(), mapped(wire));
    }
  }

  @Test
  void requestsInOneWriteAreAnsweredInOrder() {
    try (var scene = StreamScene.plain(UdpMode.AUTO);
        var wire = scene.tcp()) {
      var requests = new Bytes[50];
      var all = Bytes.EMPTY;
      for (int i = 0; i < requests.length; i++) {
        requests[i] = MessageBuilder.request(Methods.BINDING).build();
        all = all.plus(requests[i]);
      }
      wire.send(all);
      for (var request : requests) {
        var answer = Objects.requireNonNull(wire.receive(StreamScene.PATIENCE));
        assertEquals(request.slice(8, 20), answer.slice(8, 20));
      }
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "474554202f20485454502f312e310d0a0d0a", // GET / HTTP/1.1
        "5353482d322e302d4f70656e5353480d0a", // SSH-2.0-OpenSSH
        "16030100700100006c0303", // a ClientHello, where there is no certificate
        "50524f58592054435034203130", // PROXY TCP4 10, from somebody who is no balancer
        "4000000461626364", // ChannelData as the first message
        "000100080000000000000000", // no magic cookie
        "000100032112a442", // not a multiple of four
        "ff00ff00"
      })
  void whatIsNotStunEndsTheConnectionWithoutAWord(String hex) {
    try (var scene = StreamScene.plain(UdpMode.AUTO);
        var wire = scene.tcp()) {
      wire.send(Bytes.hex(hex));
      wire.awaitEnd();
      assertEquals(1, scene.dropped(DropReason.NOT_STUN_NOR_CHANNEL_DATA));
    }
  }

  @Test
  void aStrangerMaySayLittle() {
    try (var scene = StreamScene.plain(UdpMode.AUTO);
        var wire = scene.tcp()) {
      wire.send(Bytes.hex("00030ffc2112a442000000000000000000000000"));
      wire.awaitEnd();
      assertEquals(1, scene.dropped(DropReason.TOO_LARGE));
    }
  }

  @Test
  void aMalformedMessageWithinItsFrameIsDroppedAndTheNextIsAnswered() {
    try (var scene = StreamScene.plain(UdpMode.AUTO);
        var wire = scene.tcp()) {
      wire.send(Bytes.hex("000100042112a44200000000000000000000000000069999"));
      wire.send(MessageBuilder.request(Methods.BINDING).build());
      assertEquals(wire.localAddress(), mapped(wire));
      assertEquals(1, scene.dropped(DropReason.MALFORMED_STUN));
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void theEndOfTheConnectionIsTheEndOfTheAllocation(boolean reset) {
    try (var scene = StreamScene.plain(UdpMode.AUTO)) {
      var wire = scene.tcp();
      var client = scene.over(wire);
      client.allocate();
      scene.awaitAllocations(1);
      if (reset) {
        wire.reset();
      } else {
        wire.close();
      }
      scene.awaitAllocations(0);
      Await.until(
          StreamScene.PATIENCE,
          () -> scene.server.telemetry().get(Counter.CONNECTIONS_CLOSED) == 1,
          () -> "not closed");
    }
  }

  @Test
  void noConnectionIsOpenedTowardsAClientThatIsGone() throws IOException {
    try (var back = new ServerSocket()) {
      try (var scene = StreamScene.plain(UdpMode.AUTO);
          var peer = new DatagramSocket(new InetSocketAddress(StreamScene.LOOPBACK, 0))) {
        var wire = scene.tcp();
        var client = scene.over(wire);
        var relayed = client.allocate().relayed();
        client.permit((InetSocketAddress) peer.getLocalSocketAddress());
        var local = wire.localAddress();
        wire.send(MessageBuilder.request(Methods.BINDING).build());
        wire.reset();
        back.bind(local);
        send(peer, new byte[1], relayed);
        scene.awaitAllocations(0);
      }
      back.setSoTimeout(1); // the server has stopped: what is not there will not come
      assertThrows(SocketTimeoutException.class, back::accept);
    }
  }

  @Test
  void aConnectionMayAllocateAgain() {
    try (var scene = StreamScene.plain(UdpMode.AUTO);
        var client = scene.over(scene.tcp())) {
      var first = client.allocate();
      client.refresh(0);
      client.sendOnChannel(CHANNEL, Bytes.utf8("too late"));
      assertTrue(first.relayed().getPort() != client.allocate().relayed().getPort());
      assertEquals(1, scene.dropped(DropReason.NO_ALLOCATION));
    }
  }

  @Test
  void aConnectionThatSaysNothingIsClosed() {
    try (var scene = StreamScene.plain(UdpMode.AUTO);
        var silent = scene.tcp();
        var half = scene.tcp()) {
      half.send(Bytes.hex("0001"));
      Await.until(
          StreamScene.PATIENCE,
          () -> scene.server.telemetry().get(Counter.CONNECTIONS_OPENED) == 2,
          () -> "not accepted");
      scene.clock.advance(StreamSettings.DEFAULT.timeouts().handshake());
      silent.awaitEnd();
      scene.clock.advance(StreamSettings.DEFAULT.timeouts().firstMessage());
      half.awaitEnd();
      assertEquals(2, scene.dropped(DropReason.CONNECTION_TIMED_OUT));
    }
  }

  @Test
  void anIdleConnectionIsClosedAndOneWithAnAllocationIsNot() {
    try (var scene = StreamScene.plain(UdpMode.AUTO);
        var idle = scene.tcp();
        var client = scene.over(scene.tcp())) {
      client.allocate();
      idle.send(MessageBuilder.request(Methods.BINDING).build());
      mapped(idle);
      awaitSweep(scene, idle);
      assertEquals(1, scene.dropped(DropReason.CONNECTION_TIMED_OUT));
      client.refresh(600);
    }
  }

  /// Sweeps look once for what was heard and then for what was not.
  private static void awaitSweep(StreamScene scene, StreamWire wire) {
    for (int i = 0; i < 8; i++) {
      scene.clock.advance(StreamSettings.DEFAULT.timeouts().idle());
      try {
        wire.receive(Duration.ofMillis(500));
      } catch (StreamEnd _) {
        return;
      }
    }
  }

  @Test
  void aClientThatReadsSlowlyLosesMessagesNotTheServersMemory() throws Exception {
    try (var scene = StreamScene.plain(UdpMode.AUTO);
        var wire = scene.tcp();
        var client = scene.over(wire);
        var flood = new DatagramSocket(new InetSocketAddress(StreamScene.LOOPBACK, 0))) {
      var relayed = client.allocate().relayed();
      client.bind(CHANNEL, (InetSocketAddress) flood.getLocalSocketAddress());
      var payload = Bytes.random(8_000).toArray();
      Await.until(
          Duration.ofSeconds(30),
          () -> {
            for (int i = 0; i < 50; i++) {
              send(flood, payload, relayed);
            }
            return scene.dropped(DropReason.BACKLOG_FULL) > 100;
          },
          () -> "nothing was dropped");
      int whole = 0;
      for (var next = wire.receive(STEP); next != null; next = wire.receive(STEP)) {
        assertEquals(Bytes.of(payload), next.slice(4, 8_004));
        whole++;
      }
      assertTrue(whole > 10, "only " + whole + " came");
      assertTrue(whole < 4_000, whole + " waited, of which the systems keep 10 MB at most");
      client.refresh(600);
    }
  }

  private static void send(DatagramSocket from, byte[] payload, InetSocketAddress to) {
    try {
      from.send(new DatagramPacket(payload, payload.length, to));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static InetSocketAddress mapped(StreamWire wire) {
    var answer = Objects.requireNonNull(wire.receive(StreamScene.PATIENCE));
    return Message.decode(answer).address(Attributes.XOR_MAPPED_ADDRESS);
  }
}
