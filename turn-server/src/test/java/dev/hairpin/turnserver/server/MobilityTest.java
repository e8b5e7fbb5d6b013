package dev.hairpin.turnserver.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import dev.hairpin.turnserver.telemetry.Counter;
import dev.hairpin.turnserver.telemetry.DropReason;
import dev.hairpin.turnserver.testkit.Attributes;
import dev.hairpin.turnserver.testkit.Await;
import dev.hairpin.turnserver.testkit.Bytes;
import dev.hairpin.turnserver.testkit.Delivery;
import dev.hairpin.turnserver.testkit.Methods;
import dev.hairpin.turnserver.udp.UdpMode;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/// Allocations follow their clients to other addresses (RFC 8016), on one loop and across loops.
class MobilityTest extends MobilityScene {
  record Journey(UdpMode mode, By from, By to) {
    /// A record of DTLS is at most a datagram.
    int[] sizes() {
      return to == By.DTLS ? new int[] {0, 1, 1_200} : new int[] {0, 1, 2, 3, 1_200, 60_000};
    }
  }

  static Stream<Journey> journeys() {
    return Stream.of(UdpMode.NATIVE, UdpMode.PORTABLE)
        .flatMap(
            mode ->
                Stream.of(
                    new Journey(mode, By.UDP, By.UDP),
                    new Journey(mode, By.UDP, By.TCP),
                    new Journey(mode, By.TCP, By.TCP),
                    new Journey(mode, By.TCP, By.UDP),
                    new Journey(mode, By.TLS, By.TLS),
                    new Journey(mode, By.DTLS, By.DTLS)));
  }

  @ParameterizedTest
  @MethodSource("journeys")
  void onOneLoopDataPassBothWaysAfterTheMove(Journey journey) {
    try (var server = start(journey.mode(), 1)) {
      var before = client(server, journey.from());
      var ticket = mobile(before);
      var after = client(server, journey.to());
      assertNotEquals(ticket, after.take(ticket, 600));
      assertDataPass(after, journey.sizes());
      assertEquals(437, before.call(Methods.REFRESH, _ -> {}).errorCode());
      assertEquals(0, server.telemetry().get(Counter.MESSAGES_ACROSS_LOOPS));
      assertEquals(1, server.telemetry().get(Counter.ALLOCATIONS_MOVED));
      assertEquals(1, server.telemetry().liveAllocations());
    }
  }

  @ParameterizedTest
  @MethodSource("journeys")
  void acrossLoopsDataPassBothWaysAfterTheMove(Journey journey) {
    try (var server = start(journey.mode(), 4)) {
      var before = client(server, journey.from());
      var after = moveAcross(server, mobile(before), () -> client(server, journey.to())).client();
      assertDataPass(after, journey.sizes());
      after.permit(peer.address());
      assertEquals(700, after.refresh(700));
      assertEquals(437, before.call(Methods.REFRESH, _ -> {}).errorCode());
      assertEquals(1, server.telemetry().liveAllocations());
      assertEquals(0, after.refresh(0));
      assertEquals(437, after.call(Methods.REFRESH, _ -> {}).errorCode());
      after.allocate(); // on the same 5-tuple, by its own loop
      assertEquals(1, server.telemetry().liveAllocations());
    }
  }

  @Test
  void aRetransmittedReleaseByTicketGetsItsAnswerAgain() {
    try (var server = start(UdpMode.AUTO, 1)) {
      var ticket = mobile(client(server, By.UDP));
      var after = client(server, By.UDP);
      var release = after.signed(Methods.REFRESH, m -> m.lifetime(0).ticket(ticket));
      var released = after.exchange(release);
      assertEquals(0, released.uint32(Attributes.LIFETIME));
      assertEquals(released.bytes(), after.exchange(release).bytes());
      assertEquals(437, after.call(Methods.REFRESH, m -> m.lifetime(0).ticket(ticket)).errorCode());
      assertEquals(0, server.telemetry().liveAllocations());
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"NATIVE", "PORTABLE"})
  void theOldPlaceGetsTheDataUntilTheNewOneSendsSome(UdpMode mode) throws Exception {
    try (var server = start(mode, 4);
        var sender = new DatagramSocket(0, LOOPBACK)) {
      var before = client(server, By.UDP);
      var allocation = before.allocateMobile();
      before.bind(CHANNEL, (InetSocketAddress) sender.getLocalSocketAddress());
      var relayed = allocation.allocation().relayed();
      var after = moveAcross(server, allocation.ticket(), () -> client(server, By.UDP)).client();
      after.permit(peer.address()); // a request is no data
      send(sender, relayed, "old");
      assertEquals(new Delivery.OnChannel(CHANNEL, Bytes.utf8("old")), before.receive());
      before.sendOnChannel(CHANNEL, HELLO);
      assertEquals("hello", received(sender));
      assertEquals(List.of(), after.deliveries());
      after.sendOnChannel(CHANNEL, HELLO);
      assertEquals("hello", received(sender));
      send(sender, relayed, "new");
      assertEquals(new Delivery.OnChannel(CHANNEL, Bytes.utf8("new")), after.receive());
      assertEquals(List.of(), before.deliveries());
      before.sendOnChannel(CHANNEL, HELLO);
      Await.until(
          PATIENCE,
          () -> server.telemetry().get(DropReason.NO_ALLOCATION) == 1,
          () -> "what the old place sends is dropped");
    }
  }

  @Test
  void anOldPlaceThatIsSilentForHalfAMinuteGivesWay() throws Exception {
    try (var server = start(UdpMode.AUTO, 1);
        var sender = new DatagramSocket(0, LOOPBACK)) {
      var before = client(server, By.UDP);
      var allocation = before.allocateMobile();
      before.bind(CHANNEL, (InetSocketAddress) sender.getLocalSocketAddress());
      var after = client(server, By.UDP);
      after.take(allocation.ticket(), 600);
      for (int i = 0; i < 4; i++) {
        pass(server, Duration.ofSeconds(20));
        assertEquals(600, before.refresh(600));
      }
      pass(server, Duration.ofSeconds(29));
      assertEquals(600, before.refresh(600));
      pass(server, Duration.ofSeconds(30));
      assertEquals(437, before.call(Methods.REFRESH, _ -> {}).errorCode());
      send(sender, allocation.allocation().relayed(), "new");
      assertEquals(new Delivery.OnChannel(CHANNEL, Bytes.utf8("new")), after.receive());
    }
  }

  @Test
  void aLostConnectionDoesNotEndAnAllocationThatHasATicket() throws Exception {
    try (var server = start(UdpMode.AUTO, 4);
        var sender = new DatagramSocket(0, LOOPBACK)) {
      var before = client(server, By.TCP);
      var allocation = before.allocateMobile();
      before.bind(CHANNEL, (InetSocketAddress) sender.getLocalSocketAddress());
      before.close();
      Await.until(
          PATIENCE,
          () -> {
            send(sender, allocation.allocation().relayed(), "nobody");
            return server.telemetry().get(DropReason.CLIENT_AWAY) > 0;
          },
          () -> "the connection's end is noticed");
      assertEquals(1, server.telemetry().liveAllocations());
      var after = client(server, By.TCP);
      var ticket = after.take(allocation.ticket(), 600);
      send(sender, allocation.allocation().relayed(), "back");
      assertEquals(new Delivery.OnChannel(CHANNEL, Bytes.utf8("back")), after.receive());
      after.close();
      clock.advance(Duration.ofMinutes(10));
      awaitLive(server, 0);
      assertEquals(437, shown(client(server, By.TCP), ticket));
      assertEquals(1, server.telemetry().get(Counter.ALLOCATIONS_CLOSED));
    }
  }

  @Test
  void aLostConnectionEndsAnAllocationThatHasNone() {
    try (var server = start(UdpMode.AUTO, 1)) {
      var client = client(server, By.TCP);
      client.allocate();
      client.close();
      awaitLive(server, 0);
    }
  }

  @Test
  void whenTheOldConnectionEndsTheNewPlaceGetsTheData() throws Exception {
    try (var server = start(UdpMode.AUTO, 4);
        var sender = new DatagramSocket(0, LOOPBACK)) {
      var before = client(server, By.TCP);
      var allocation = before.allocateMobile();
      before.bind(CHANNEL, (InetSocketAddress) sender.getLocalSocketAddress());
      var after = client(server, By.UDP);
      after.take(allocation.ticket(), 600);
      before.close();
      Await.until(
          PATIENCE,
          () -> {
            send(sender, allocation.allocation().relayed(), "new");
            return !after.deliveries().isEmpty();
          },
          () -> "data come to the new place");
    }
  }

  @Test
  void aClientWhoseAllocationRanOutElsewhereAllocatesAnew() {
    try (var server = start(UdpMode.AUTO, 4)) {
      var ticket = mobile(client(server, By.UDP));
      var after = moveAcross(server, ticket, () -> client(server, By.UDP)).client();
      var across = server.telemetry().get(Counter.MESSAGES_ACROSS_LOOPS);
      clock.advance(Duration.ofMinutes(10));
      after.allocate();
      assertEquals(600, after.refresh(600));
      assertEquals(across + 1, server.telemetry().get(Counter.MESSAGES_ACROSS_LOOPS));
    }
  }
}
