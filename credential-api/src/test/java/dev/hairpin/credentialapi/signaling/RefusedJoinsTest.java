package dev.hairpin.credentialapi.signaling;

import static dev.hairpin.credentialapi.Api.KEY;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.hairpin.credentialapi.Api;
import dev.hairpin.credentialapi.ApiTenant;
import dev.hairpin.credentialapi.Callers;
import dev.hairpin.credentialapi.Jwt;
import dev.hairpin.credentialapi.RoomSettings;
import dev.hairpin.credentialapi.Tokens;
import dev.hairpin.credentialapi.Traffic;
import dev.hairpin.turnserver.credential.CredentialIssuer;
import dev.hairpin.turnserver.credential.SharedSecrets;
import dev.hairpin.turnserver.credential.Tenant;
import dev.hairpin.turnserver.net.IpPrefix;
import java.net.http.HttpRequest.BodyPublishers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// Who does not get into a room, and what it hears.
class RefusedJoinsTest {
  private static final String NEW_SECRET = "a-new-secret-of-the-tenant-that-is-long-enough";
  private static final String OLD_SECRET = "an-old-secret-of-the-tenant-that-is-long-enough";

  private final List<RoomScene> scenes = new ArrayList<>();

  private RoomScene scene(RoomScene scene) {
    scenes.add(scene);
    return scene;
  }

  @AfterEach
  void close() {
    scenes.forEach(RoomScene::close);
  }

  private static String join(String token) {
    return "{\"type\":\"join\",\"token\":\"" + token + "\"}";
  }

  @Test
  void whoDoesNotJoinInTimeIsSentAway() {
    var scene = scene(new RoomScene());
    var client = scene.client();
    client.ping();
    scene.pass(Duration.ofSeconds(9));
    assertFalse(client.isClosed());
    scene.pass(Duration.ofSeconds(1));
    client.expectEnd("too-slow", 4408);
    scene.assertMetric("hairpin_room_refusals_total{reason=\"too-slow\"} 1.0");
  }

  @Test
  void whoWasRefusedTakesNoPlaceOfThoseWhoAreAboutToJoin() {
    var scene = scene(new RoomScene());
    var refused = new ArrayList<RawSocket>();
    try {
      for (int i = 0; i < 300; i++) { // more than may be about to join
        refused.add(RawSocket.upgrade(scene.api));
        assertEquals(101, refused.getLast().status(), "number " + i);
        assertTrue(refused.getLast().say(join("x")).read().text().contains("bad-token"));
      }
    } finally {
      refused.forEach(RawSocket::close);
    }
  }

  @Test
  void oneHouseholdLeavesPlacesToOthersWhoAreAboutToJoin() {
    var rates = Api.settings().traffic();
    var behindProxy =
        new Traffic(
            rates.keys(),
            rates.subjects(),
            rates.pages(),
            rates.failures(),
            List.of(IpPrefix.parse("127.0.0.1/32")));
    var api = scene(new RoomScene(Api.settings().withTraffic(behindProxy))).api;
    var sockets = new ArrayList<RawSocket>();
    try {
      for (int i = 0; i < Rooms.MAX_STRANGERS_OF_A_HOUSEHOLD; i++) {
        sockets.add(RawSocket.upgrade(api, 0, "X-Forwarded-For: 2001:db8::" + i));
        assertEquals(101, sockets.getLast().status(), "number " + i);
      }
      sockets.add(RawSocket.upgrade(api, 0, "X-Forwarded-For: 2001:db8::ffff"));
      assertEquals(503, sockets.getLast().status());
      sockets.add(RawSocket.upgrade(api, 0, "X-Forwarded-For: 2001:db8:0:1::1"));
      assertEquals(101, sockets.getLast().status());
      assertTrue(sockets.getFirst().say(join("x")).read().text().contains("bad-token"));
      sockets.add(RawSocket.upgrade(api, 0, "X-Forwarded-For: 2001:db8::ffff"));
      assertEquals(101, sockets.getLast().status());
    } finally {
      sockets.forEach(RawSocket::close);
    }
  }

  @Test
  void nothingIsAnsweredBeforeTheJoin() {
    var scene = scene(new RoomScene());
    for (String type : List.of("ping", "refresh", "leave")) {
      scene.client().say("{\"type\":\"" + type + "\"}").expectEnd("malformed", 4400);
    }
    scene.assertMetric("hairpin_room_refusals_total{reason=\"malformed\"} 3.0");
  }

  @Test
  void onlyATokenForARoomOpensOne() {
    var scene = scene(new RoomScene());
    String token = scene.token("standup");
    int dot = token.indexOf('.');
    int second = token.lastIndexOf('.');
    scene.client().say("{\"type\":\"join\"}").expectEnd("bad-token", 4401);
    for (String bad :
        List.of(
            "x",
            token + "x",
            token.substring(0, second) + ".",
            Jwt.unsignedRoom("standup"),
            Jwt.good("alice"),
            Jwt.roomBy(Api.JWT_SECRET, "standup"),
            Jwt.roomBy(Api.SECRET, "standup"),
            Jwt.roomBy(KEY + KEY, "standup"),
            KEY,
            token.substring(0, dot) + ".e30" + token.substring(second))) {
      scene.client().say(join(bad)).expectEnd("bad-token", 4401);
    }
    scene.assertMetric("hairpin_room_refusals_total{reason=\"bad-token\"} 11.0");
    assertEquals(401, scene.api.get("/v1/ice-servers", token).statusCode());
    assertEquals(401, scene.api.post("/v1/rooms/standup/tokens", token, "{}").statusCode());
  }

  @Test
  void aTokenEnds() {
    var scene = scene(new RoomScene());
    String token = scene.token("standup");
    scene.pass(Duration.ofSeconds(3599));
    scene.client().join(token, "Alice");
    scene.pass(Duration.ofSeconds(1));
    scene.client().say(join(token)).expectEnd("expired-token", 4402);
    scene.assertMetric("hairpin_room_refusals_total{reason=\"expired-token\"} 1.0");
  }

  @Test
  void aFullRoomTakesNobodyAndSaysSoOnceInTenSeconds() {
    var scene = scene(new RoomScene(Api.settings().withRooms(new RoomSettings(true, 2))));
    String token = scene.token("standup");
    var alice = scene.client();
    assertEquals(2, alice.join(token, "Alice").get("size").intValue());
    var bob = scene.client();
    var welcome = bob.join(token, "Bob");
    alice.expect("joined");
    scene.client().say(join(token)).expectEnd("room-full", 4403);
    alice.expect("full");
    bob.expect("full");
    scene.client().say(join(token)).expectEnd("room-full", 4403);
    alice.expectNothing();
    scene.pass(Duration.ofSeconds(10));
    alice.expectNothing();
    scene.client().say(join(token)).expectEnd("room-full", 4403);
    alice.expect("full");
    scene.assertMetric("hairpin_room_refusals_total{reason=\"room-full\"} 3.0");

    bob.hangUp(); // it may come back, so nobody else gets its place
    scene.client().say(join(token)).expectEnd("room-full", 4403);
    scene.client().resume(token, welcome.get("resume").textValue());
  }

  @Test
  void whereThereAreNoRoomsNothingAnswers() {
    var scene = scene(new RoomScene(Api.settings().withRooms(new RoomSettings(false, 8))));
    assertEquals(404, scene.api.get("/v1/rooms", KEY).statusCode());
    assertEquals(404, scene.api.post("/v1/rooms/a/tokens", KEY, "{}").statusCode());
    assertEquals(404, scene.api.post("/v1/rooms/qr", KEY, "{}").statusCode());
    assertFalse(scene.api.get("/metrics").body().contains("hairpin_room"));
    try (var socket = RawSocket.upgrade(scene.api)) {
      assertEquals(404, socket.status());
    }
  }

  @Test
  void pagesOfOtherOriginsGetNoSocket() {
    var own = Api.settings();
    var scene = scene(new RoomScene(Api.settings(own.callers(), List.of("https://good.example"))));
    int port = scene.api.url().getPort();
    for (String good :
        List.of(
            "Origin: http://127.0.0.1:" + port,
            "Origin: https://127.0.0.1:" + port,
            "Origin: https://good.example")) {
      try (var socket = RawSocket.upgrade(scene.api, 0, good)) {
        assertEquals(101, socket.status(), good);
        assertFalse(socket.answer().contains("xtensions"), socket.answer());
      }
    }
    for (String bad :
        List.of(
            "null",
            "https://evil.example",
            "http://127.0.0.1",
            "https://good.example.evil.example",
            "http://127.0.0.1:" + port + ".evil.example",
            "https://good.example\r\nOrigin: https://good.example")) {
      try (var socket = RawSocket.upgrade(scene.api, 0, "Origin: " + bad)) {
        assertEquals(403, socket.status(), bad);
      }
    }
  }

  @Test
  void whatIsNoUpgradeIsToldSo() {
    var scene = scene(new RoomScene());
    for (var headers :
        List.of(
            List.of("Upgrade: websocket", "Connection: Upgrade"),
            List.of("Upgrade: h2c", "Connection: Upgrade"),
            List.of(
                "Upgrade: websocket",
                "Connection: Upgrade",
                "Sec-WebSocket-Version: 12",
                "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="))) {
      try (var socket = RawSocket.ask(scene.api, 0, headers)) {
        assertEquals(426, socket.status(), socket.answer());
      }
    }
  }

  @Test
  void roomsOfTenantsAreTheirOwn() {
    var scene =
        scene(
            new RoomScene(
                Api.withTenants(
                    new Callers(List.of(KEY), tenantTokens(), null),
                    Api.tenant("acme"),
                    Api.tenant("other"))));
    String acme = scene.token("standup", Jwt.ofTenant("alice", "acme"));
    String other = scene.token("standup", Jwt.ofTenant("alice", "other"));
    String own = scene.token("standup");
    var welcome = scene.client().join(acme, "Alice");
    var turn = welcome.at("/iceServers/1");
    assertEquals("turn:acme.example:3478?transport=udp", turn.at("/urls/0").textValue());
    assertTrue(turn.get("username").textValue().contains("tenant=acme~alice"), turn::toString);
    assertEquals(0, scene.client().join(other, "Bob").get("participants").size());
    assertEquals(0, scene.client().join(own, "Carol").get("participants").size());
    assertEquals(
        List.of("\"acme\"", "\"other\"", ""),
        RoomScene.read(scene.api.get("/v1/rooms", KEY).body())
            .get("rooms")
            .valueStream()
            .map(room -> room.path("tenant").toString())
            .toList());
    assertEquals(204, delete(scene, "?tenant=acme"));
    assertEquals(404, delete(scene, "?tenant=acme"));
    assertEquals(204, delete(scene, ""));
    assertEquals(204, delete(scene, "?tenant=other"));
  }

  private static int delete(RoomScene scene, String query) {
    var request = scene.api.request("/v1/rooms/standup" + query, KEY).DELETE();
    return scene.api.send(request).statusCode();
  }

  private static Tokens tenantTokens() {
    return new Tokens(
        List.of(Api.JWT_SECRET),
        null,
        null,
        null,
        new Tokens.Claims(null, "tenant", null, "limits"));
  }

  @Test
  void limitsOfWhoeverInvitesHoldForWhoeverComes() {
    var scene =
        scene(new RoomScene(Api.settings(new Callers(List.of(), tenantTokens(), null), List.of())));
    String token = scene.token("standup", Jwt.limited("alice", "allocations=2"));
    var welcome = scene.client().join(token, "Alice");
    String username = welcome.at("/iceServers/1/username").textValue();
    assertTrue(username.endsWith("~allocations=2~alice"), username);
  }

  @Test
  void tokensAreGoodAsLongAsTheSecretsAndAtEveryServerThatHasThem() {
    String old = scene(sharing(OLD_SECRET)).token("standup", Jwt.ofTenant("alice", "acme"));
    scene(sharing(NEW_SECRET, OLD_SECRET)).client().join(old, "Alice");
    scene(sharing(NEW_SECRET)).client().say(join(old)).expectEnd("bad-token", 4401);
  }

  private static RoomScene sharing(String... newestFirst) {
    var own = Api.tenant("acme");
    var secrets = SharedSecrets.of(newestFirst);
    var tenant = new Tenant("acme", own.realm(), "", secrets, List.of());
    return new RoomScene(
        Api.withTenants(
            new Callers(List.of(), tenantTokens(), null),
            new ApiTenant(
                "acme",
                own.realm(),
                own.ttl(),
                own.stunUrls(),
                own.turnUrls(),
                0,
                0,
                new CredentialIssuer(tenant, null))));
  }

  @Test
  void aTokenLastsFromAMinuteToADay() {
    var scene = scene(new RoomScene());
    for (var wish : List.of("1 2026-11-21T03:01:00Z", "999999 2026-11-22T03:00:00Z")) {
      String[] parts = wish.split(" ", 2);
      String body = "{\"ttl\":" + parts[0] + "}";
      var answer = scene.api.post("/v1/rooms/standup/tokens", KEY, body);
      assertTrue(answer.body().contains(parts[1]), answer.body());
    }
    for (String bad :
        List.of("{\"ttl\":0}", "{\"ttl\":\"60\"}", "{\"user\":\"a\\n\"}", "{\"x\":1}")) {
      assertEquals(400, scene.api.post("/v1/rooms/standup/tokens", KEY, bad).statusCode(), bad);
    }
    for (String room : List.of("a%20b", "%2e%2e", "x".repeat(65), "%C3%A4")) {
      var answer = scene.api.post("/v1/rooms/" + room + "/tokens", KEY, "{}");
      assertTrue(answer.statusCode() == 400 || answer.statusCode() == 404, room);
    }
    var foreign =
        scene.api.post("/v1/rooms/standup/tokens", Jwt.good("alice"), "{\"user\":\"bob\"}");
    assertEquals(403, foreign.statusCode());
  }

  @Test
  void anInvitationIsDrawnForWhoeverHoldsIt() {
    var scene = scene(new RoomScene());
    String token = scene.token("standup");
    var drawn = draw(scene, "https://turn.example.org/call.html#" + token);
    assertTrue(drawn.startsWith("<svg xmlns=\"http://www.w3.org/2000/svg\""), drawn);
    for (String bad :
        Set.of(
            "https://turn.example.org/call.html",
            "https://turn.example.org/call.html#" + token + "x",
            "https://turn.example.org/call.html#" + Jwt.good("alice"),
            "javascript:alert(1)#" + token,
            "https://turn.example.org/" + "x".repeat(1024) + "#" + token)) {
      assertTrue(draw(scene, bad).contains("\"status\":400"), bad);
    }
    scene.pass(Duration.ofHours(1));
    assertTrue(draw(scene, "https://a.example/#" + token).contains("has ended"));
  }

  private static String draw(RoomScene scene, String link) {
    var request =
        scene
            .api
            .request("/v1/rooms/qr")
            .header("Content-Type", "application/json")
            .POST(BodyPublishers.ofString("{\"link\":\"" + link + "\"}"));
    return scene.api.send(request).body();
  }
}
