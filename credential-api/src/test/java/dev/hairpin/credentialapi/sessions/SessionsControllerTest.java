package dev.hairpin.credentialapi.sessions;

import static dev.hairpin.credentialapi.Api.KEY;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.hairpin.credentialapi.Api;
import dev.hairpin.credentialapi.Jwt;
import dev.hairpin.credentialapi.TurnScene;
import dev.hairpin.turnserver.testkit.Bytes;
import dev.hairpin.turnserver.testkit.Delivery;
import dev.hairpin.turnserver.testkit.Methods;
import dev.hairpin.turnserver.testkit.TestTurnClient;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Operators list, inspect and end the sessions of the TURN server.
class SessionsControllerTest {
  private static final Pattern ID = Pattern.compile("\"id\":\"([0-9a-f]+)\"");
  private static final Pattern NEXT = Pattern.compile("\"next\":\"([0-9a-f]+)\"");
  private static final int CHANNEL = 0x4000;
  private static TurnScene scene;

  private final List<TestTurnClient> clients = new ArrayList<>();

  @BeforeAll
  static void start() {
    scene = TurnScene.start();
  }

  @AfterAll
  static void stop() {
    scene.close();
  }

  @AfterEach
  void leave() {
    clients.forEach(client -> client.call(Methods.REFRESH, m -> m.lifetime(0)));
    clients.forEach(TestTurnClient::close);
    assertEquals(0, scene.turn.telemetry().liveAllocations());
  }

  private TestTurnClient session(String user) {
    var client = scene.client(user);
    client.allocate();
    clients.add(client);
    return client;
  }

  private static HttpResponse<String> get(String path) {
    return scene.api.get(path, KEY);
  }

  private static HttpResponse<String> delete(String path, String token) {
    return scene.api.send(scene.api.request(path, token).DELETE());
  }

  private static List<String> ids(HttpResponse<String> answer) {
    return ID.matcher(answer.body()).results().map(found -> found.group(1)).toList();
  }

  @Test
  void whereThereIsNoneTheListIsEmpty() {
    var answer = get("/v1/sessions");
    assertEquals(200, answer.statusCode());
    assertEquals("{\"sessions\":[],\"total\":0}", answer.body());
  }

  @Test
  void aSessionIsToldWithWhatHasPassedAndHowFast() {
    var alice = session("alice");
    alice.bind(CHANNEL, scene.peer.address());
    alice.sendOnChannel(CHANNEL, Bytes.utf8("hello"));
    assertInstanceOf(Delivery.OnChannel.class, alice.receive());
    String id = ids(get("/v1/sessions")).getFirst();
    var answer = get("/v1/sessions/" + id);
    assertEquals(200, answer.statusCode());
    for (String part :
        List.of(
            "\"user\":\"alice\"",
            "\"username\":\"" + alice.credential().username() + "\"",
            "\"transport\":\"udp\"",
            "\"relay\":\"udp\"",
            "\"client\":\"127.0.0.1:" + alice.localAddress().getPort() + "\"",
            "\"toPeers\":{\"packets\":1,\"bytes\":5,\"bytesPerSecond\":",
            "\"toClient\":{\"packets\":1,\"bytes\":5,\"bytesPerSecond\":")) {
      assertTrue(answer.body().contains(part), answer.body());
    }
    assertFalse(answer.body().contains(alice.credential().password()));
  }

  @ParameterizedTest
  @CsvSource({
    "'', 3",
    "?user=alice, 2",
    "?user=nobody, 0",
    "?tenant=acme, 0",
    "?tenant=, 3",
    "?client=127.0.0.1, 3",
    "?client=127.0.0.2, 0",
    "?transport=udp, 3",
    "?transport=tls, 0",
    "?user=alice&transport=udp, 2"
  })
  void theListIsFiltered(String query, int expected) {
    Stream.of("alice", "bob", "alice").forEach(this::session);
    var answer = get("/v1/sessions" + query);
    assertEquals(expected, ids(answer).size());
    assertTrue(answer.body().contains("\"total\":" + expected), answer.body());
  }

  @Test
  void pageByPageEverySessionIsToldOnce() {
    for (int i = 0; i < 7; i++) {
      session("user-" + i);
    }
    var all = ids(get("/v1/sessions"));
    var told = new ArrayList<String>();
    String after = "";
    for (int page = 0; page < 3; page++) {
      var answer = get("/v1/sessions?limit=3" + after);
      told.addAll(ids(answer));
      var next = NEXT.matcher(answer.body());
      assertEquals(page < 2, next.find(), answer.body());
      after = page < 2 ? "&after=" + next.group(1) : after;
    }
    assertEquals(7, all.size());
    assertEquals(all, told);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          ?limit=0         | limit is a whole number, 1 to 1000
          ?limit=1001      | limit is a whole number, 1 to 1000
          ?limit=x         | limit is a whole number, 1 to 1000
          ?client=here     | client is an IP address
          ?transport=sctp  | transport is one of udp, tcp, tls, dtls
          ?after=zz        | after is what next said of the page before
          ?users=alice     | tenant, user, client, transport, limit, after are all that can be asked for
          ?user=a&user=b   | user stands more than once
          """)
  void whatIsMistakenIsRefused(String query, String detail) {
    var answer = get("/v1/sessions" + query);
    assertEquals(Api.problem(400, "Bad Request", detail), answer.body());
  }

  @Test
  void aSessionIsEndedAtOnceAndNoOther() {
    var alice = session("alice");
    var bob = session("bob");
    String id = ids(get("/v1/sessions?user=alice")).getFirst();
    var answer = delete("/v1/sessions/" + id, KEY);
    assertEquals(204, answer.statusCode());
    assertEquals(437, alice.call(Methods.REFRESH, m -> m.lifetime(600)).errorCode());
    assertEquals(600, bob.refresh(600));
    var again = delete("/v1/sessions/" + id, KEY);
    assertEquals(
        Api.problem(404, "Not Found", "there is no such session, or none any more"), again.body());
  }

  @ParameterizedTest
  @CsvSource({"abc", "not-hex", "ffffffffffffffffffff"})
  void anUnknownSessionIsNotFound(String id) {
    assertEquals(404, get("/v1/sessions/" + id).statusCode());
    assertEquals(404, delete("/v1/sessions/" + id, KEY).statusCode());
  }

  @Test
  void aTokenThatMayIssueAloneSeesAndEndsNothing() {
    session("alice");
    String id = ids(get("/v1/sessions")).getFirst();
    String token = Jwt.lasting("alice");
    assertEquals(403, scene.api.get("/v1/sessions", token).statusCode());
    assertEquals(403, scene.api.get("/v1/sessions/" + id, token).statusCode());
    assertEquals(403, delete("/v1/sessions/" + id, token).statusCode());
    assertEquals(401, scene.api.get("/v1/sessions").statusCode());
    assertEquals(1, ids(get("/v1/sessions")).size());
  }

  @Test
  void whereTheTurnServerRunsElsewhereThatIsSaid() {
    try (var api = Api.start()) {
      for (String path : List.of("/v1/sessions", "/v1/sessions/1")) {
        assertEquals(
            Api.problem(501, "Not Implemented", "the TURN server runs elsewhere"),
            api.get(path, KEY).body());
      }
    }
  }
}
