package dev.hairpin.turnserver.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.hairpin.turnserver.telemetry.Counter;
import dev.hairpin.turnserver.telemetry.DropReason;
import dev.hairpin.turnserver.testkit.Await;
import dev.hairpin.turnserver.testkit.Bytes;
import dev.hairpin.turnserver.testkit.Canary;
import dev.hairpin.turnserver.testkit.Delivery;
import dev.hairpin.turnserver.testkit.MessageBuilder;
import dev.hairpin.turnserver.testkit.Methods;
import dev.hairpin.turnserver.transport.StreamSettings;
import dev.hairpin.turnserver.udp.UdpMode;
import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// However a stream is cut, it says the same.
class FramingTest {
  private static final int CHANNEL = 0x4000;
  private static final InetAddress HERE = InetAddress.ofLiteral("127.0.0.1");

  @Test
  void requestsAndDataMeanTheSameHoweverTheyAreCut() {
    try (var scene = StreamScene.plain(UdpMode.AUTO);
        var peer = Canary.at(HERE);
        var wire = scene.tcp()) {
      var client = scene.over(wire);
      client.allocate();
      client.bind(CHANNEL, peer.address());
      var payloads = new ArrayList<Bytes>();
      var stream = Bytes.EMPTY;
      int requests = 0;
      for (int length = 0; length < 10; length++) {
        payloads.add(Bytes.random(length));
        stream = stream.plus(channelData(payloads.getLast()));
        if (length % 2 == 1) { // the last one too, so that its answer comes behind all data
          stream = stream.plus(MessageBuilder.request(Methods.BINDING).build());
          requests++;
        }
      }
      for (int cut = 1; cut < stream.length(); cut++) {
        wire.send(stream.slice(0, cut));
        wire.send(stream.slice(cut, stream.length()));
        assertAnswers(wire::receive, requests);
        assertEquals(payloads, peer.received());
      }
      var random = new Random(8656);
      for (int run = 0; run < 100; run++) {
        for (int from = 0, to; from < stream.length(); from = to) {
          to = Math.min(stream.length(), from + 1 + random.nextInt(40));
          wire.send(stream.slice(from, to));
        }
        assertAnswers(wire::receive, requests);
        assertEquals(payloads, peer.received());
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 3, 4, 65_507, 65_508, 65_515, 65_531, 65_532, 65_533, 65_535})
  void noLengthOfChannelDataMakesTheStreamLoseItsPlace(int length) {
    try (var scene = StreamScene.plain(UdpMode.AUTO);
        var peer = Canary.at(HERE);
        var wire = scene.tcp()) {
      var client = scene.over(wire);
      client.allocate();
      client.bind(CHANNEL, peer.address());
      var payload = Bytes.random(length);
      wire.send(channelData(payload));
      assertEquals(client.localAddress(), client.binding());
      assertEquals(length <= 65_507 ? List.of(payload) : List.of(), peer.received());
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 4, 65_512, 65_516, 65_528, 65_532})
  void noLengthOfARequestMakesTheStreamLoseItsPlace(int length) {
    try (var scene = StreamScene.plain(UdpMode.AUTO);
        var wire = scene.tcp()) {
      var client = scene.over(wire);
      client.allocate();
      var request = MessageBuilder.request(Methods.BINDING);
      wire.send(
          length == 0
              ? request.build()
              : request.attribute(0x8888, Bytes.random(length - 4)).build());
      assertAnswers(wire::receive, 1);
      assertEquals(client.localAddress(), client.binding());
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "0001 0003 2112a442",
        "0001 ffff 2112a442",
        "0001 0000 2112a443",
        "80000000",
        "c0",
        "16030100"
      })
  void garbageInTheMiddleEndsTheConnectionAndTheAllocation(String hex) {
    try (var scene = StreamScene.plain(UdpMode.AUTO);
        var wire = scene.tcp()) {
      scene.over(wire).allocate();
      scene.awaitAllocations(1);
      wire.send(Bytes.hex(hex).plus(Bytes.random(4)));
      wire.awaitEnd();
      scene.awaitAllocations(0);
    }
  }

  @Test
  void paddingIsZeroWhateverWasInTheBufferBefore() {
    try (var scene = StreamScene.plain(UdpMode.AUTO);
        var wire = scene.tcp()) {
      var client = scene.over(wire);
      client.allocate();
      client.bind(CHANNEL, scene.peer.address());
      var poison = Bytes.hex("a5".repeat(4_000));
      for (int i = 0; i < 200; i++) {
        client.sendOnChannel(CHANNEL, poison);
        assertEquals(new Delivery.OnChannel(CHANNEL, poison), client.receive());
        int length = 1 + i % 7;
        wire.send(channelData(poison.slice(0, length)));
        var echoed = Objects.requireNonNull(wire.receive(StreamScene.PATIENCE));
        assertEquals(channelData(poison.slice(0, length)), echoed);
      }
    }
  }

  @Test
  void aClientThatIsGoneWithoutAWordLosesItsAllocationAndThenItsConnection() {
    try (var scene = StreamScene.plain(UdpMode.AUTO);
        var wire = scene.tcp()) {
      scene.over(wire).allocate();
      scene.clock.advance(Duration.ofMinutes(10));
      scene.awaitAllocations(0);
      scene.clock.advance(StreamSettings.DEFAULT.timeouts().idle());
      wire.awaitEnd();
      var told = scene.server.telemetry();
      Await.until(
          StreamScene.PATIENCE, () -> told.get(Counter.CONNECTIONS_CLOSED) == 1, () -> "open");
      assertEquals(1, scene.dropped(DropReason.CONNECTION_TIMED_OUT));
    }
  }

  @Test
  void anErrorIsReadBeforeTheConnectionEnds() {
    try (var scene = StreamScene.plain(UdpMode.AUTO)) {
      for (int i = 0; i < 100; i++) {
        try (var wire = scene.tcp()) {
          wire.send(MessageBuilder.request(Methods.ALLOCATE).build().plus(Bytes.hex("ffffffff")));
          assertTrue(wire.receive(StreamScene.PATIENCE) != null);
          wire.awaitEnd();
        }
      }
    }
  }

  private interface Receiver {
    @org.jspecify.annotations.Nullable
    Bytes receive(Duration patience);
  }

  private static void assertAnswers(Receiver wire, int count) {
    for (int i = 0; i < count; i++) {
      assertEquals(0x0101, Objects.requireNonNull(wire.receive(StreamScene.PATIENCE)).uint16At(0));
    }
  }

  private static Bytes channelData(Bytes payload) {
    return Bytes.uint16(CHANNEL)
        .plus(Bytes.uint16(payload.length()))
        .plus(payload)
        .plus(Bytes.of(new byte[-payload.length() & 3]));
  }
}
