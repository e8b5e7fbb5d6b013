package dev.hairpin.deploy.serve;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.hairpin.deploy.check.LiveCall;
import dev.hairpin.deploy.config.TurnKeys;
import dev.hairpin.turnserver.credential.Credential;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What is issued in the ways of other providers is good at the TURN server, until it is revoked.
class CompatibilityTest {
  private static final String CLOUDFLARE = "/v1/turn/keys/0123abcd/credentials/";

  @TempDir static Path folder;
  private static final HttpClient CLIENT = HttpClient.newHttpClient();
  private static Servers servers;
  private static String key;
  private static String turn;

  @BeforeAll
  static void start() throws Exception {
    var configuration =
        Samples.with(
            folder.resolve("data"),
            TurnKeys.LISTEN,
            "udp://127.0.0.1:0",
            HairpinKeys.API_LISTEN,
            "http://127.0.0.1:0",
            HairpinKeys.API_COMPATIBILITY,
            "turn-rest cloudflare twilio metered xirsys stunner whip");
    servers = Servers.start(Plan.of(configuration));
    key = Files.readString(folder.resolve("data/api-key")).strip();
    turn = servers.turn().orElseThrow().listenAddresses().getFirst().toString();
  }

  @AfterAll
  static void stop() {
    CLIENT.close();
    servers.close();
  }

  @ParameterizedTest
  @CsvSource({
    "200, GET, /turn?service=turn&username=alice&key=KEY",
    "200, POST, /turn?service=turn&key=KEY",
    "200, GET, /ice?service=turn&key=KEY",
    "201, POST, " + CLOUDFLARE + "generate-ice-servers",
    "201, POST, " + CLOUDFLARE + "generate",
    "201, POST, /2010-04-01/Accounts/AC0123/Tokens.json",
    "200, GET, /api/v1/turn/credentials?apiKey=KEY",
    "200, PUT, /_turn/channel",
    "200, GET, /v1/ice-servers"
  })
  void theTurnServerTakesWhatIsIssued(int status, String method, String path) throws Exception {
    var answer = send(method, path);
    assertEquals(status, answer.statusCode(), answer.body());
    assertTrue(answer.body().contains("turn:" + turn + "?transport=udp"), answer.body());
    assertTrue(LiveCall.isServed(turn, credentialIn(answer)));
  }

  @Test
  void whoIsRevokedIsCutOffAtOnceAndNobodyElse() throws Exception {
    var revoked = credentialIn(send("POST", CLOUDFLARE + "generate-ice-servers"));
    var other = credentialIn(send("POST", CLOUDFLARE + "generate-ice-servers"));
    try (var call = LiveCall.through(turn, revoked);
        var otherCall = LiveCall.through(turn, other)) {
      call.talk();
      var answer = send("POST", CLOUDFLARE + revoked.username() + "/revoke");
      assertEquals(204, answer.statusCode());
      assertEquals("", answer.body());
      assertFalse(call.isRefreshed());
      assertFalse(LiveCall.isServed(turn, revoked));
      otherCall.talk();
      otherCall.refresh();
      assertTrue(LiveCall.isServed(turn, other));
      awaitAllocations(2);
    }
  }

  @Test
  void byDefaultThereIsNoOtherApi() {
    assertEquals(
        List.of(), Samples.with(folder.resolve("other")).all(HairpinKeys.API_COMPATIBILITY));
  }

  private static void awaitAllocations(int expected) {
    var telemetry = servers.turn().orElseThrow().telemetry();
    long end = System.nanoTime() + Duration.ofSeconds(5).toNanos();
    while (telemetry.liveAllocations() != expected && System.nanoTime() - end < 0) {
      Thread.onSpinWait();
    }
    assertEquals(expected, telemetry.liveAllocations());
  }

  private static HttpResponse<String> send(String method, String path) throws Exception {
    boolean isBasic = path.startsWith("/2010") || path.startsWith("/_turn");
    byte[] pair = ("AC0123:" + key).getBytes(StandardCharsets.UTF_8);
    var request =
        HttpRequest.newBuilder(servers.api().orElseThrow().url().resolve(path.replace("KEY", key)))
            .method(method, BodyPublishers.noBody());
    if (isBasic) {
      request.header("Authorization", "Basic " + Base64.getEncoder().encodeToString(pair));
    } else if (path.startsWith("/v1/")) {
      request.header("Authorization", "Bearer " + key);
    }
    return CLIENT.send(request.build(), BodyHandlers.ofString());
  }

  private static Credential credentialIn(HttpResponse<String> answer) {
    return new Credential(
        find(answer.body(), "username"),
        find(answer.body(), "password|credential").replace("\\/", "/"),
        Instant.MAX);
  }

  private static String find(String json, String name) {
    var matcher = Pattern.compile("\"(?:" + name + ")\":\"([^\"]+)\"").matcher(json);
    assertTrue(matcher.find(), json);
    return matcher.group(1);
  }
}
