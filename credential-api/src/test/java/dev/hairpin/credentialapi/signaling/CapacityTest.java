package dev.hairpin.credentialapi.signaling;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.hairpin.turnserver.testkit.Await;
import dev.hairpin.turnserver.testkit.ChildProcess;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// How many a server takes, for how long, and what each costs; minutes, by night.
@Tag("nightly")
class CapacityTest {
  private static final int ROOM = 8;
  private static final int WARM = 200;
  private static final int MANY = 1_000; // with the others more than there may be callers
  private static final long MAX_BYTES_EACH = 30 << 10;

  private final ChildProcess server = RoomServer.start();
  private final List<RoomClient> clients = new ArrayList<>();
  private final List<RawSocket> sockets = new ArrayList<>();
  private URI url = URI.create("http://127.0.0.1");

  @BeforeEach
  void start() {
    Await.until(Duration.ofSeconds(30), () -> RoomServer.last(server, "port") > 0, () -> "no port");
    url = URI.create("http://127.0.0.1:" + RoomServer.last(server, "port"));
  }

  @AfterEach
  void stop() {
    clients.forEach(RoomClient::close);
    server.close();
  }

  /// Lets so many join, eight in a room.
  private void join(int count) {
    String token = "";
    long heard = System.nanoTime();
    for (int i = 0; i < count; i++) {
      if (i % ROOM == 0) {
        token = RoomClient.token(url, "room-" + clients.size());
      }
      var client = RoomClient.at(url, Messages.WATCHED);
      client.join(token, "Alice");
      clients.add(client);
      if (System.nanoTime() - heard > Duration.ofSeconds(5).toNanos()) {
        clients.forEach(RoomClient::ping); // nobody waits for the answers
        heard = System.nanoTime();
      }
    }
    clients.forEach(RoomClient::untilPong);
  }

  @Test
  void anIdleParticipantCostsLessThan30Kilobytes() {
    join(WARM);
    RoomServer.measure(server, "warm");
    long before = RoomServer.last(server, "bytes");
    long residentBefore = RoomServer.last(server, "resident");
    join(MANY);
    RoomServer.measure(server, "full");
    long each = (RoomServer.last(server, "bytes") - before) / MANY;
    long residentEach = (RoomServer.last(server, "resident") - residentBefore) / MANY;
    String told = "%d bytes of heap and buffers each, %d resident".formatted(each, residentEach);
    System.getLogger("capacity").log(System.Logger.Level.WARNING, told);
    assertTrue(each > 0 && each < MAX_BYTES_EACH, told);
    assertTrue(residentEach < MAX_BYTES_EACH, told);
  }

  @Test
  void fiveThousandTakePartAndOneMoreOnlyWhenOneLeaves() {
    try {
      String token = "";
      long heard = System.nanoTime();
      for (int i = 0; i < Rooms.MAX_PARTICIPANTS; i++) {
        token = i % ROOM == 0 ? RoomClient.token(url, "room-" + i) : token;
        assertTrue(joinedBy(token).startsWith("{\"type\":\"welcome\""));
        if (System.nanoTime() - heard > Duration.ofSeconds(5).toNanos()) {
          sockets.forEach(socket -> socket.sayIfOpen("{\"type\":\"ping\"}"));
          heard = System.nanoTime();
        }
      }
      token = RoomClient.token(url, "one-more");
      String refusal = joinedBy(token);
      assertTrue(refusal.contains("\"code\":\"busy\""), refusal);
      assertEquals(4503, sockets.getLast().read().closeStatus());
      sockets.getFirst().say("{\"type\":\"leave\"}").drain();
      assertTrue(joinedBy(token).startsWith("{\"type\":\"welcome\""));
    } finally {
      sockets.forEach(RawSocket::close);
    }
  }

  /// The answer to a join.
  private String joinedBy(String token) {
    var socket = RawSocket.upgrade(url, 0);
    sockets.add(socket);
    return socket.say("{\"type\":\"join\",\"token\":\"" + token + "\"}").read().text();
  }

  @Test
  void aParticipantThatIsAliveOutlivesEveryDeadlineOfCalls() throws InterruptedException {
    join(1);
    long end = System.nanoTime() + Duration.ofSeconds(75).toNanos();
    while (System.nanoTime() < end) {
      Thread.sleep(Duration.ofSeconds(25)); // within three heartbeats
      clients.getFirst().expectNothing();
    }
  }

  @Test
  void oneThatSaysNothingIsClosedByTheClockOfTheServer() throws InterruptedException {
    join(1);
    Thread.sleep(Duration.ofSeconds(29));
    assertTrue(!clients.getFirst().isClosed());
    clients.getFirst().expectEnd("too-slow", 4408);
  }
}
