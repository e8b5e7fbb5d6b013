package dev.hairpin.turnserver.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.hairpin.turnserver.net.Transport;
import dev.hairpin.turnserver.telemetry.Counter;
import dev.hairpin.turnserver.testkit.Await;
import dev.hairpin.turnserver.testkit.Bytes;
import dev.hairpin.turnserver.testkit.MessageBuilder;
import dev.hairpin.turnserver.testkit.Methods;
import dev.hairpin.turnserver.testkit.StreamEnd;
import dev.hairpin.turnserver.testkit.StreamWire;
import dev.hairpin.turnserver.testkit.TestTurnClient;
import dev.hairpin.turnserver.udp.UdpMode;
import io.netty.util.concurrent.SingleThreadEventExecutor;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// A server that is to stop: whom it still serves, and how it takes leave.
class StopTest {
  private static final int CLIENTS = 20;
  private static final int REQUESTS = 5;

  @Test
  void aServerThatDrainsKeepsAHundredAllocationsAndTakesNoNewOne() {
    try (var scene =
        StreamScene.start(
            UdpMode.AUTO, List.of("udp://127.0.0.1:0", "tcp://127.0.0.1:0"), _ -> {})) {
      var clients = new ArrayList<TestTurnClient>();
      for (int i = 0; i < 100; i++) {
        var client = client(scene).as("user-" + i); // each has a quota of its own
        client.allocate();
        clients.add(client);
      }
      scene.server.drain();
      assertTrue(scene.server.isDraining());
      try (var late = client(scene);
          var lateByTcp = scene.over(scene.tcp())) {
        for (var refused : List.of(late, lateByTcp)) {
          var answer = refused.call(Methods.ALLOCATE, m -> m.requestedTransport());
          assertEquals(508, answer.errorCode());
          refused.binding();
        }
      }
      for (var client : clients) {
        assertEquals(600, client.refresh(600));
        client.permit(scene.peer.address());
        client.binding();
      }
      assertEquals(100, scene.server.telemetry().liveAllocations());
      clients.forEach(client -> client.refresh(0));
      assertEquals(0, scene.server.telemetry().liveAllocations());
      clients.forEach(TestTurnClient::close);
    }
  }

  private static TestTurnClient client(StreamScene scene) {
    return TestTurnClient.to(scene.address(Transport.UDP))
        .withSecret(StreamScene.SECRET)
        .as("alice");
  }

  @Test
  void whatWasAskedBeforeTheStopIsAnsweredAndConnectionsEndInOrder() {
    for (int round = 0; round < 5; round++) {
      var scene = StreamScene.plain(UdpMode.AUTO);
      var wires = new ArrayList<StreamWire>();
      for (int i = 0; i < CLIENTS; i++) {
        wires.add(scene.tcp());
      }
      wires.forEach(wire -> wire.send(requests()));
      Await.until(
          StreamScene.PATIENCE,
          () ->
              scene.server.telemetry().get(Counter.CLIENT_PACKETS_IN) == (long) CLIENTS * REQUESTS,
          () -> "all requests have come");
      scene.close();
      wires.forEach(StopTest::assertAnsweredAndEnded);
    }
  }

  /// A loop reads when the stop is put before its next task, which sends what was written.
  @Test
  void whatIsWrittenWhenTheStopComesIsSent() throws InterruptedException {
    var scene = of(1, "tcp://127.0.0.1:0");
    var loop = (SingleThreadEventExecutor) scene.server.shared.loops().getFirst().eventLoop();
    var stop = new Thread(scene::close);
    var wire = scene.tcp();
    scene.clock.atNextRequest(
        () -> {
          int before = loop.pendingTasks();
          stop.start();
          Await.until(
              StreamScene.PATIENCE, () -> loop.pendingTasks() > before, () -> "nobody stops it");
        });
    wire.send(requests());
    assertAnsweredAndEnded(wire);
    stop.join();
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2})
  void theNextServerListensWhereTheSystemRemembersConnections(int loops) {
    var scene = of(loops, "tcp://127.0.0.1:0");
    var url = scene.server.listeners().getFirst().toString();
    try (var wire = scene.tcp()) {
      scene.over(wire).binding();
      scene.close(); // it ends the connection, and has to wait for the last packets of it
      wire.awaitEnd();
      try (var next = of(loops, url)) {
        next.over(next.tcp()).binding();
      }
    }
  }

  private static StreamScene of(int loops, String url) {
    return StreamScene.start(UdpMode.AUTO, List.of(url), d -> d.loops = loops);
  }

  private static Bytes requests() {
    var requests = Bytes.EMPTY;
    for (int i = 0; i < REQUESTS; i++) {
      requests = requests.plus(MessageBuilder.request(Methods.BINDING).build());
    }
    return requests;
  }

  private static void assertAnsweredAndEnded(StreamWire wire) {
    for (int i = 0; i < REQUESTS; i++) {
      var answer = wire.receive(StreamScene.PATIENCE);
      assertTrue(answer != null && answer.uint16At(0) == 0x0101, () -> "answer " + answer);
    }
    assertEquals(StreamEnd.Manner.CLOSED, wire.awaitEnd());
    wire.close();
  }
}
