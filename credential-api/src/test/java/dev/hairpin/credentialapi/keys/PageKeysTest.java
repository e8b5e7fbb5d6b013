package dev.hairpin.credentialapi.keys;

import static dev.hairpin.credentialapi.Api.header;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.hairpin.credentialapi.Api;
import dev.hairpin.credentialapi.Compatibility;
import java.io.IOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Keys that stand in web pages.
class PageKeysTest {
  private static final String PATH = "/v1/ice-servers";
  private static final String ORIGIN = "https://app.example.org";

  @TempDir private Path folder;
  private volatile Instant now = Api.NOW;
  private Api api;
  private String id = "";
  private String key = "";

  @BeforeEach
  void start() {
    var callers = Api.callers(folder);
    api = Api.start(Api.settings(callers, List.of("https://static.example")), null, () -> now);
    var made =
        api.post(
            "/v1/keys",
            Api.KEY,
            "{\"name\":\"page\",\"limits\":\"allocations=4;transports=udp,tls\","
                + "\"origins\":[\"https://app.example.org\",\"http://localhost:5173\"]}");
    id = field(made, "id");
    key = field(made, "key");
  }

  @AfterEach
  void stop() {
    api.close();
  }

  @Test
  void aPageOfItsOriginsMayCall() {
    for (String origin : List.of(ORIGIN, "http://localhost:5173")) {
      var preflight = preflight(origin);
      assertEquals(200, preflight.statusCode());
      assertEquals(origin, header(preflight, "Access-Control-Allow-Origin"));
      var call = call(origin, "");
      assertEquals(200, call.statusCode(), call.body());
      assertEquals(origin, header(call, "Access-Control-Allow-Origin"));
      assertEquals("Origin", header(call, "Vary"));
      assertEquals("", header(call, "Access-Control-Allow-Credentials"));
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "null",
        "*",
        "https://app.example.org/",
        "https://app.example.org:443",
        "https://App.example.org",
        "https://app.example.org.evil.example",
        "https://evil.example",
        "http://app.example.org",
        "https://sub.app.example.org",
        "https://app.example.org,http://localhost:5173",
        "http://localhost"
      })
  void aPageOfAnotherOriginMayNot(String origin) {
    assertEquals("", header(preflight(origin), "Access-Control-Allow-Origin"));
    var call = call(origin, "");
    assertEquals(403, call.statusCode());
    assertEquals("", header(call, "Access-Control-Allow-Origin"));
    assertTrue(call.body().contains("this key is for pages of certain origins alone"));
  }

  @Test
  void whoeverSaysNoOriginOrSeveralMayNot() {
    assertEquals(403, api.post(key, "{}").statusCode());
    assertEquals(403, call("https://static.example", "").statusCode());
    var both =
        api.request(PATH, key).header("Origin", ORIGIN).header("Origin", "https://evil.example");
    assertEquals(403, api.send(both.POST(BodyPublishers.noBody())).statusCode());
  }

  @Test
  void itRevokesNothing(@TempDir Path other) {
    var settings = Api.speaking(Compatibility.CLOUDFLARE, Api.callers(other));
    try (var speaking = Api.start(settings, null, () -> now)) {
      var made =
          speaking.post(
              "/v1/keys", Api.KEY, "{\"name\":\"page\",\"origins\":[\"" + ORIGIN + "\"]}");
      var revocation =
          speaking
              .request("/v1/turn/keys/1/credentials/1795233600:alice/revoke", field(made, "key"))
              .header("Origin", ORIGIN)
              .POST(BodyPublishers.noBody());
      assertEquals(403, speaking.send(revocation).statusCode());
    }
  }

  @Test
  void itsCredentialsAreForRandomUsersAndLastAnHourAtMost() {
    String first = username(call(ORIGIN, "{\"ttl\":86400}"));
    String second = username(call(ORIGIN, ""));
    assertNotEquals(first, second);
    String hour = Long.toString(Api.NOW.getEpochSecond() + 3600);
    for (String username : List.of(first, second)) {
      assertTrue(
          username.matches(hour + ":~allocations=4;transports=udp,tls~[0-9a-f]{24}"), username);
    }
    assertTrue(
        username(call(ORIGIN, "{\"ttl\":60}")).startsWith("" + (Api.NOW.getEpochSecond() + 60)));
    var named = call(ORIGIN, "{\"user\":\"alice\"}");
    assertEquals(403, named.statusCode());
    assertEquals(ORIGIN, header(named, "Access-Control-Allow-Origin"));
    assertEquals(403, call(ORIGIN, "{\"user\":\"\"}").statusCode());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          {"allocations":9}                       | allocations=4;transports=udp,tls
          {"allocations":3}                       | allocations=3;transports=udp,tls
          {"transports":["tls","tcp"]}            | allocations=4;transports=tls
          {"bytes":5,"relayOnly":true}            | relay-only;allocations=4;bytes=5;transports=udp,tls
          {"peers":["203.0.113.0/24"]}            | peers=203.0.113.0/24;allocations=4;transports=udp,tls
          """)
  void ofTwoLimitsTheStricterHolds(String body, String limits) {
    String username = username(call(ORIGIN, body));
    assertTrue(username.contains(":~" + limits + "~"), username);
  }

  @Test
  void limitsThatLeaveNothingAreRefused() {
    var refused = call(ORIGIN, "{\"transports\":[\"dtls\"]}");
    assertEquals(403, refused.statusCode());
    assertTrue(refused.body().contains("leave none of these transports"), refused.body());
  }

  @Test
  void anOriginIsForgottenWithItsKey() throws IOException {
    assertEquals(204, api.send(api.request("/v1/keys/" + id, Api.KEY).DELETE()).statusCode());
    assertEquals("", header(preflight(ORIGIN), "Access-Control-Allow-Origin"));
    assertEquals(401, call(ORIGIN, "").statusCode());
    assertEquals(
        "https://static.example",
        header(preflight("https://static.example"), "Access-Control-Allow-Origin"));
  }

  @Test
  void pagesMayNotManage() {
    var preflight =
        api.send(
            api.request("/v1/keys/" + id)
                .header("Origin", ORIGIN)
                .header("Access-Control-Request-Method", "DELETE")
                .method("OPTIONS", BodyPublishers.noBody()));
    assertEquals(403, preflight.statusCode());
    assertFalse(preflight.headers().map().containsKey("access-control-allow-origin"));
  }

  private HttpResponse<String> preflight(String origin) {
    return api.send(
        api.request(PATH)
            .header("Origin", origin)
            .header("Access-Control-Request-Method", "POST")
            .header("Access-Control-Request-Headers", "authorization,content-type")
            .method("OPTIONS", BodyPublishers.noBody()));
  }

  private HttpResponse<String> call(String origin, String body) {
    return api.send(
        api.request(PATH, key)
            .header("Origin", origin)
            .header("Content-Type", "application/json")
            .POST(BodyPublishers.ofString(body)));
  }

  private static String username(HttpResponse<String> response) {
    return field(response, "username");
  }

  private static String field(HttpResponse<String> response, String name) {
    var field = Pattern.compile("\"" + name + "\":\"([^\"]*)\"").matcher(response.body());
    assertTrue(field.find(), response.body());
    return field.group(1);
  }
}
