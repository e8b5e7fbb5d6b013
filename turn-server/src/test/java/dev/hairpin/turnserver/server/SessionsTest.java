package dev.hairpin.turnserver.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.hairpin.turnserver.allocation.Traffic;
import dev.hairpin.turnserver.loop.RelayLoop;
import dev.hairpin.turnserver.loop.Session;
import dev.hairpin.turnserver.loop.Session.End;
import dev.hairpin.turnserver.net.Transport;
import dev.hairpin.turnserver.net.TransportAddress;
import dev.hairpin.turnserver.testkit.Bytes;
import dev.hairpin.turnserver.testkit.Delivery;
import dev.hairpin.turnserver.testkit.Methods;
import dev.hairpin.turnserver.testkit.TestTurnClient;
import dev.hairpin.turnserver.udp.UdpMode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// What an operator sees of the allocations, is told of them, and does to them.
class SessionsTest {
  private static final int CHANNEL = 0x4000;

  private final StreamScene scene =
      StreamScene.start(UdpMode.AUTO, List.of("udp://127.0.0.1:0", "tcp://127.0.0.1:0"), _ -> {});
  private final Heard heard = new Heard();

  @AfterEach
  void close() {
    scene.close();
  }

  private record Heard(Queue<Session> started, Queue<Map.Entry<Session, End>> ended)
      implements Session.Listener {
    Heard() {
      this(new ConcurrentLinkedQueue<>(), new ConcurrentLinkedQueue<>());
    }

    @Override
    public void started(Session session) {
      started.add(session);
    }

    @Override
    public void ended(Session session, End end) {
      ended.add(Map.entry(session, end));
    }
  }

  private TestTurnClient client(String user) {
    return TestTurnClient.to(scene.address(Transport.UDP)).withSecret(StreamScene.SECRET).as(user);
  }

  @Test
  void aSessionTellsWhoIsWhereAndWhatHasPassed() {
    try (var alice = client("alice")) {
      var relayed = alice.allocate().relayed();
      alice.bind(CHANNEL, scene.peer.address());
      alice.sendOnChannel(CHANNEL, Bytes.utf8("hello"));
      assertInstanceOf(Delivery.OnChannel.class, alice.receive());
      var session = scene.server.sessions().getFirst();
      assertEquals("alice", session.credential().user().text());
      assertEquals(alice.credential().username(), session.username());
      assertEquals(TransportAddress.of(alice.localAddress()), session.fiveTuple().client());
      assertEquals(Transport.UDP, session.fiveTuple().transport());
      assertEquals(List.of(TransportAddress.of(relayed)), session.relayed());
      assertFalse(session.isTcp());
      assertEquals(new Traffic.Passed(1, 5, 1, 5), session.passed());
    }
  }

  @Test
  void allLoopsTellOfTheirSessionsEachUnderItsOwnId() {
    var clients = new ArrayList<TestTurnClient>();
    var users = new TreeMap<String, Long>();
    for (int i = 0; i < 40; i++) {
      var client = client("user-" + i);
      client.allocate();
      clients.add(client);
    }
    scene.server.sessions().forEach(s -> users.put(s.credential().user().text(), s.id()));
    assertEquals(40, users.size());
    assertEquals(40, users.values().stream().distinct().count());
    assertTrue(scene.server.shared.loops().stream().allMatch(loop -> told(loop) > 0));
    clients.forEach(TestTurnClient::close);
  }

  private static int told(RelayLoop loop) {
    return loop.eventLoop().submit(() -> loop.sessions().size()).awaitUninterruptibly().getNow();
  }

  @Test
  void aSessionIsEndedByItsIdAndNoOtherIs() {
    try (var alice = client("alice");
        var bob = client("bob")) {
      alice.allocate();
      bob.allocate();
      long id =
          scene.server.sessions().stream()
              .filter(s -> s.credential().user().text().equals("alice"))
              .findFirst()
              .orElseThrow()
              .id();
      assertFalse(scene.server.end(id + 1_000_000));
      assertTrue(scene.server.end(id));
      assertFalse(scene.server.end(id));
      assertEquals(437, alice.call(Methods.REFRESH, m -> m.lifetime(600)).errorCode());
      assertEquals(600, bob.refresh(600));
    }
  }

  @Test
  void startAndEndAreToldOnceEachWithWhatPassedAndWhy() {
    scene.server.tell(heard);
    try (var alice = client("alice");
        var bob = client("bob")) {
      alice.allocate();
      bob.allocate();
      alice.bind(CHANNEL, scene.peer.address());
      alice.sendOnChannel(CHANNEL, Bytes.utf8("hello"));
      assertInstanceOf(Delivery.OnChannel.class, alice.receive());
      assertEquals(2, heard.started.size());
      alice.refresh(0);
      scene.server.revoke("", "*:bob");
      scene.server.disconnectRevoked();
      var ends = List.copyOf(heard.ended);
      assertEquals(
          List.of(End.RELEASED, End.REVOKED), ends.stream().map(Map.Entry::getValue).toList());
      assertEquals(new Traffic.Passed(1, 5, 1, 5), ends.getFirst().getKey().passed());
      assertEquals(
          heard.started.stream().map(Session::id).toList(),
          ends.stream().map(e -> e.getKey().id()).toList());
    }
  }

  @Test
  void whoeverStopsListeningHearsNothingMore() {
    scene.server.tell(heard);
    scene.server.tell(null);
    try (var alice = client("alice")) {
      alice.allocate();
      alice.refresh(0);
      assertEquals(0, heard.started.size() + heard.ended.size());
    }
  }

  @Test
  void aServerThatDrainedTakesAllocationsAgain() {
    scene.server.drain();
    try (var alice = client("alice")) {
      assertEquals(508, alice.call(Methods.ALLOCATE, m -> m.requestedTransport()).errorCode());
      scene.server.resume();
      assertFalse(scene.server.isDraining());
      alice.allocate();
    }
  }
}
