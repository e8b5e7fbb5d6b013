package dev.hairpin.credentialapi.signaling;

import static dev.hairpin.credentialapi.Api.KEY;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.hairpin.credentialapi.Api;
import dev.hairpin.credentialapi.ApiSettings;
import dev.hairpin.turnserver.testkit.Await;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/// An API with a clock that the test moves on, and clients of its rooms.
final class RoomScene implements AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();

  final Api api;
  private volatile Instant now = Api.NOW;
  private final List<RoomClient> clients = new ArrayList<>();

  RoomScene() {
    this(Api.settings());
  }

  RoomScene(ApiSettings settings) {
    api = Api.start(settings, null, () -> now);
  }

  void pass(Duration time) {
    now = now.plus(time);
  }

  Instant now() {
    return now;
  }

  String token(String room) {
    return token(room, KEY);
  }

  String token(String room, String key) {
    var answer = api.post("/v1/rooms/" + room + "/tokens", key, "{}");
    assertEquals(201, answer.statusCode(), answer.body());
    return read(answer.body()).get("token").textValue();
  }

  RoomClient client() {
    clients.add(RoomClient.at(api));
    return clients.getLast();
  }

  void awaitRooms(int count) {
    Await.until(
        Duration.ofSeconds(10),
        () -> read(api.get("/v1/rooms", KEY).body()).get("rooms").size() == count,
        () -> "there are not " + count + " rooms");
  }

  void assertMetric(String line) {
    var lines = api.get("/metrics").body().lines().filter(l -> l.startsWith("hairpin_room"));
    var told = lines.toList();
    assertTrue(told.contains(line), () -> line + " is not in " + told);
  }

  static JsonNode read(String json) {
    try {
      return JSON.readTree(json);
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  static String id(JsonNode welcome) {
    return welcome.at("/you/id").textValue();
  }

  @Override
  public void close() {
    clients.forEach(RoomClient::close);
    api.close();
  }
}
