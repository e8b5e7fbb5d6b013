package dev.hairpin.credentialapi.issue;

import static dev.hairpin.credentialapi.Api.KEY;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.hairpin.credentialapi.Api;
import dev.hairpin.credentialapi.Jwt;
import dev.hairpin.credentialapi.TurnScene;
import dev.hairpin.turnserver.credential.SharedSecrets;
import dev.hairpin.turnserver.net.ListenUrl;
import dev.hairpin.turnserver.server.TurnServer;
import dev.hairpin.turnserver.server.TurnSettings;
import dev.hairpin.turnserver.testkit.Bytes;
import dev.hairpin.turnserver.testkit.Delivery;
import dev.hairpin.turnserver.testkit.Methods;
import dev.hairpin.turnserver.testkit.TestTurnClient;
import java.io.IOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Operators ask what a credential is worth, and end it before its time.
class CredentialsControllerTest {
  private static final int CHANNEL = 0x4000;
  private static final Bytes HELLO = Bytes.utf8("hello");

  private final TurnScene scene = TurnScene.start();

  @AfterEach
  void close() {
    scene.close();
  }

  private HttpResponse<String> post(String path, String token, String json) {
    return post(scene, path, token, json);
  }

  private static HttpResponse<String> post(
      TurnScene scene, String path, String token, String json) {
    return scene.api.send(
        scene
            .api
            .request("/v1/credentials/" + path, token)
            .header("Content-Type", "application/json")
            .POST(BodyPublishers.ofString(json.replace('\'', '"'))));
  }

  private HttpResponse<String> post(String path, String json) {
    return post(path, KEY, json);
  }

  @Test
  void aCredentialTellsWhoseItIsAndThatItIsGood() {
    var alice = scene.client("alice");
    alice.allocate();
    var credential = alice.credential();
    var answer =
        post(
            "inspect",
            "{'username':'%s','credential':'%s'}"
                .formatted(credential.username(), credential.password()));
    String username = credential.username();
    long expiry = Long.parseLong(username.substring(0, username.indexOf(':')));
    assertEquals(
        "{'state':'good','user':'alice','expiresAt':'%s','sessions':1}"
            .formatted(Instant.ofEpochSecond(expiry))
            .replace('\'', '"'),
        answer.body());
  }

  @Test
  void limitsAreToldAsTheUsernameHasThem() {
    long end = Instant.now().getEpochSecond() + 600;
    String username = end + ":~allocations=2;bytes=1000~bob";
    var answer = post("inspect", "{'username':'" + username + "'}");
    assertTrue(answer.body().contains("\"limits\":\"allocations=2;bytes=1000\""), answer.body());
    assertTrue(answer.body().contains("\"state\":\"good\""), answer.body());
  }

  @ParameterizedTest
  @CsvSource({
    "1000000000:alice, expired",
    "1000000000:~tenant=acme~alice, unknown",
    "alice, unknown",
    "4000000000:alice, expired"
  })
  void otherStatesAreTold(String username, String state) {
    var answer = post("inspect", "{'username':'" + username + "'}");
    assertTrue(answer.body().contains("\"state\":\"" + state + "\""), answer.body());
  }

  @Test
  void aWrongPasswordIsUnknown() {
    String username = scene.client("alice").credential().username();
    var answer = post("inspect", "{'username':'" + username + "','credential':'guess'}");
    assertTrue(answer.body().contains("\"state\":\"unknown\""), answer.body());
  }

  @Test
  void whoIsRevokedRelaysNothingMoreAndOthersGoOn() {
    var alice = scene.client("alice");
    var bob = scene.client("bob");
    for (var client : List.of(alice, bob)) {
      client.allocate();
      client.bind(CHANNEL, scene.peer.address());
    }
    String username = alice.credential().username();
    assertEquals("{\"sessionsEnded\":1}", post("revoke", "{'username':'" + username + "'}").body());
    assertEquals(401, alice.call(Methods.REFRESH, m -> m.lifetime(600)).errorCode());
    assertEquals(1, scene.turn.telemetry().liveAllocations());
    assertEquals(401, allocateCode(alice));
    bob.sendOnChannel(CHANNEL, HELLO);
    assertEquals(new Delivery.OnChannel(CHANNEL, HELLO), bob.receive());
    var state = post("inspect", "{'username':'" + username + "'}").body();
    assertTrue(state.contains("\"state\":\"revoked\""), state);
  }

  /// What the very credential of a client gets from another port; one made a second later is
  /// another.
  private static int allocateCode(TestTurnClient client) {
    try (var again = client.another().with(client.credential())) {
      return again.call(Methods.ALLOCATE, m -> m.requestedTransport()).errorCode();
    }
  }

  @Test
  void allOfAUserIsRevokedAndWhatRunsMayGoOn() {
    var alice = scene.client("alice");
    alice.allocate();
    alice.bind(CHANNEL, scene.peer.address());
    assertEquals(
        "{\"sessionsEnded\":0}", post("revoke", "{'user':'alice','endSessions':false}").body());
    assertEquals(401, allocateCode(scene.client("alice")));
    alice.sendOnChannel(CHANNEL, HELLO);
    assertInstanceOf(Delivery.OnChannel.class, alice.receive());
    scene.client("bob").allocate();
  }

  @Test
  void aRevocationEndsNoSessionsButThoseThatItNames() {
    var alice = scene.client("alice");
    alice.allocate();
    post("revoke", "{'user':'alice','endSessions':false}");
    scene.client("bob").allocate();
    assertEquals("{\"sessionsEnded\":1}", post("revoke", "{'user':'bob'}").body());
    assertEquals(1, scene.turn.telemetry().liveAllocations());
    String username = alice.credential().username();
    assertEquals("{\"sessionsEnded\":1}", post("revoke", "{'username':'" + username + "'}").body());
  }

  @Test
  void whatIsRevokedStaysSoAfterTheNextStartAndWhatHasEndedIsForgotten(@TempDir Path folder)
      throws IOException {
    var file = folder.resolve("revoked");
    var settings = Api.settings().withRevokedFile(file);
    Files.writeString(file, "- 1000000000:long-ago\nthis is none\nacme 4000000000:gone\n");
    String username;
    try (var first = TurnScene.start(settings)) {
      assertEquals(1, Files.readAllLines(file).size());
      username = first.client("bob").credential().username();
      for (String wish : List.of("{'username':'" + username + "'}", "{'user':'alice'}")) {
        var revoked = post(first, "revoke", KEY, wish);
        assertEquals(200, revoked.statusCode(), revoked.body());
      }
    }
    assertEquals(PosixFilePermissions.fromString("rw-------"), Files.getPosixFilePermissions(file));
    try (var second = TurnScene.start(settings)) {
      var state = post(second, "inspect", KEY, "{'username':'" + username + "'}").body();
      assertTrue(state.contains("\"state\":\"revoked\""), state);
      var alice = second.client("alice");
      assertEquals(401, alice.call(Methods.ALLOCATE, m -> m.requestedTransport()).errorCode());
      second.client("carol").allocate();
      assertEquals(3, Files.readAllLines(file).size());
    }
  }

  /// The TURN server is there before the API.
  @Test
  void whoCameBeforeTheFileWasReadIsPutOut(@TempDir Path folder) throws IOException {
    var file = folder.resolve("revoked");
    Files.writeString(file, "- <4000000000:alice\n");
    var listener = ListenUrl.parse("udp://127.0.0.1:0");
    var secrets = SharedSecrets.of(Api.SECRET);
    try (var turn = TurnServer.start(TurnSettings.of(secrets, listener))) {
      var address = turn.listenAddresses().getFirst().toInetSocketAddress();
      try (var alice = TestTurnClient.to(address).withSecret(Api.SECRET).as("alice");
          var bob = TestTurnClient.to(address).withSecret(Api.SECRET).as("bob")) {
        alice.allocate();
        bob.allocate();
        try (var _ = Api.start(Api.settings().withRevokedFile(file), turn, null, Instant::now)) {
          var users = turn.sessions().stream().map(s -> s.credential().user().text()).toList();
          assertEquals(List.of("bob"), users);
        }
      }
    }
  }

  /// The disk was full, or the power went.
  @ParameterizedTest
  @ValueSource(strings = {"- 4000000000:ca", "- 4000000000:ca\u00c3", "- 40000"})
  void aLineThatWasCutOffTakesNoOtherWithIt(String cut, @TempDir Path folder) throws IOException {
    var file = folder.resolve("revoked");
    var settings = Api.settings().withRevokedFile(file);
    Files.writeString(file, "- 4000000000:carol\n" + cut, StandardCharsets.ISO_8859_1);
    try (var first = TurnScene.start(settings)) {
      assertEquals(200, post(first, "revoke", KEY, "{'user':'alice'}").statusCode());
    }
    try (var second = TurnScene.start(settings)) {
      var alice = second.client("alice");
      assertEquals(401, alice.call(Methods.ALLOCATE, m -> m.requestedTransport()).errorCode());
      var carol = post(second, "inspect", KEY, "{'username':'4000000000:carol'}").body();
      assertTrue(carol.contains("\"state\":\"revoked\""), carol);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          inspect | {}                          | username is needed
          inspect | {'username':1}              | username is a string
          inspect | {'username':'x','a':1}      | username, credential are all that can be said
          revoke  | {}                          | either username or user is needed
          revoke  | {'user':'a','username':'1'} | either username or user is needed
          revoke  | {'user':'a\\u0000'}         | user is a string of up to 255 bytes of UTF-8 without control characters
          revoke  | {'username':'alice'}        | username is no username of a credential
          revoke  | {'user':'a','endSessions':1} | endSessions is true or false
          revoke  | {'user':'a','tenant':'nobody'} | there is no such tenant
          revoke  | {'username':'1:a','tenant':'b'} | tenant stands in the username already
          """)
  void whatIsMistakenIsRefused(String path, String json, String detail) {
    assertEquals(Api.problem(400, "Bad Request", detail), post(path, json).body());
  }

  @Test
  void aTokenThatMayIssueAloneMayNeither() {
    String token = Jwt.lasting("alice");
    assertEquals(403, post("inspect", token, "{'username':'1:a'}").statusCode());
    assertEquals(403, post("revoke", token, "{'user':'alice'}").statusCode());
    assertEquals(403, post("revoke", token, "{'user':'bob'}").statusCode());
    scene.client("bob").allocate();
  }
}
