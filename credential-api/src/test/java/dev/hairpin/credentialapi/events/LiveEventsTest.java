package dev.hairpin.credentialapi.events;

import static dev.hairpin.credentialapi.Api.KEY;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.hairpin.credentialapi.Api;
import dev.hairpin.credentialapi.Jwt;
import dev.hairpin.credentialapi.TurnScene;
import dev.hairpin.turnserver.testkit.Bytes;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.http.HttpClient;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Whoever follows the events hears of each session that starts and ends.
class LiveEventsTest {
  private final TurnScene scene = TurnScene.start();
  private final HttpClient client = HttpClient.newHttpClient();

  @AfterEach
  void close() {
    client.shutdownNow();
    scene.close();
  }

  /// Has read the first heartbeat: what happens from now on is told.
  private BufferedReader follow() throws Exception {
    return follow(scene, KEY);
  }

  private BufferedReader follow(TurnScene where, String key) throws Exception {
    var answer =
        client.send(where.api.request("/v1/events", key).build(), BodyHandlers.ofInputStream());
    assertEquals(200, answer.statusCode());
    assertEquals("text/event-stream", Api.header(answer, "Content-Type"));
    var reader = reader(answer.body());
    assertEquals("heartbeat", event(reader).getFirst());
    return reader;
  }

  private static BufferedReader reader(InputStream body) {
    return new BufferedReader(new InputStreamReader(body, StandardCharsets.UTF_8));
  }

  /// Name, id and data of the next event; heartbeats have no id.
  private static List<String> event(BufferedReader reader) throws IOException {
    String name = "";
    String id = "";
    String data = "";
    for (String line = reader.readLine();
        !line.isEmpty() || name.isEmpty();
        line = reader.readLine()) {
      if (line.isEmpty()) {
        continue; // an event of nothing is none
      }
      String value = line.substring(line.indexOf(':') + 1).strip();
      switch (line.substring(0, line.indexOf(':'))) {
        case "event" -> name = value;
        case "id" -> id = value;
        case "data" -> data = value;
        default -> throw new IOException(line);
      }
    }
    return List.of(name, id, data);
  }

  @Test
  void startAndEndAreToldWithWhoAndHowMuchAndWhy() throws Exception {
    try (var events = follow()) {
      var alice = scene.client("alice");
      alice.allocate();
      alice.permit(scene.peer.address());
      alice.send(scene.peer.address(), Bytes.utf8("hello"));
      alice.receive();
      alice.refresh(0);
      var started = event(events);
      var ended = event(events);
      assertEquals("session.started", started.getFirst());
      assertEquals("session.ended", ended.getFirst());
      assertNotEquals(started.get(1), ended.get(1));
      for (var told : List.of(started, ended)) {
        assertTrue(told.getLast().contains("\"id\":\"" + told.get(1) + "\""), told::toString);
        assertTrue(told.getLast().contains("\"user\":\"alice\""), told::toString);
      }
      assertTrue(ended.getLast().contains("\"reason\":\"released\""), ended::toString);
      assertTrue(ended.getLast().contains("\"toPeers\":{\"packets\":1,\"bytes\":5,"));
    }
  }

  @Test
  void allWhoFollowHearTheSame() throws Exception {
    try (var one = follow();
        var other = follow()) {
      scene.client("alice").allocate();
      assertEquals(event(one), event(other));
    }
  }

  @Test
  void thereIsRoomForSoManyAndWhoeverGoesMakesRoom() throws Exception {
    var followers = new ArrayList<BufferedReader>();
    for (int i = 0; i < LiveEvents.MAX_LISTENERS; i++) {
      followers.add(follow());
    }
    assertEquals(
        Api.problem(503, "Service Unavailable", "no more than 64 may listen at once"),
        scene.api.get("/v1/events", KEY).body());
    for (var follower : followers) {
      follower.close();
    }
    long end = System.nanoTime() + 5_000_000_000L;
    while (true) {
      scene.client("stir").allocate(); // what is written to them shows that they are gone
      try (var _ = follow()) {
        return;
      } catch (AssertionError refused) {
        if (System.nanoTime() - end > 0) {
          throw refused;
        }
      }
    }
  }

  @Test
  void whoeverAsksForTheHeadersAloneTakesNoPlace() throws Exception {
    for (int i = 0; i < LiveEvents.MAX_LISTENERS; i++) {
      var head = scene.api.send(scene.api.request("/v1/events", KEY).HEAD());
      assertEquals(200, head.statusCode());
    }
    try (var events = follow()) {
      scene.client("alice").allocate();
      assertEquals("session.started", event(events).getFirst());
    }
  }

  @Test
  void whoseKeyIsRevokedHearsNothingAfterTheNextHeartbeat(@TempDir Path folder) throws Exception {
    try (var ringed = TurnScene.start(Api.settings(Api.callers(folder), List.of()))) {
      String body = "{\"name\":\"reader\",\"scopes\":[\"read\"]}";
      String made = ringed.api.post("/v1/keys", KEY, body).body();
      String id = made.replaceFirst(".*\"id\":\"([^\"]+)\".*", "$1");
      try (var events = follow(ringed, made.replaceFirst(".*\"key\":\"([^\"]+)\".*", "$1"))) {
        var gone = ringed.api.send(ringed.api.request("/v1/keys/" + id, KEY).DELETE());
        assertEquals(204, gone.statusCode());
        var more = events.lines().filter(line -> !line.isEmpty()).findFirst();
        assertEquals(Optional.empty(), more);
      }
    }
  }

  @Test
  void aTokenThatMayIssueAloneHearsNothing() {
    assertEquals(403, scene.api.get("/v1/events", Jwt.lasting("alice")).statusCode());
    assertEquals(401, scene.api.get("/v1/events").statusCode());
    assertEquals(400, scene.api.get("/v1/events?user=alice", KEY).statusCode());
    try (var api = Api.start()) {
      assertEquals(501, api.get("/v1/events", KEY).statusCode());
    }
  }
}
