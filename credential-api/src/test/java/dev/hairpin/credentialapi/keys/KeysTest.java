package dev.hairpin.credentialapi.keys;

import static dev.hairpin.credentialapi.Api.header;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.hairpin.credentialapi.Api;
import dev.hairpin.credentialapi.Callers;
import dev.hairpin.credentialapi.Jwt;
import dev.hairpin.credentialapi.Tokens;
import java.io.IOException;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
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

class KeysTest {
  private static final String PATH = "/v1/keys";
  private static final String ISSUE = "/v1/ice-servers";
  private static final String NO_SCOPE =
      Api.problem(403, "Forbidden", "the key or token has not the scope that this call needs");

  @TempDir private static Path folder;
  private static Path file = Path.of("");

  private volatile Instant now = Api.NOW;
  private Api api;

  @BeforeEach
  void start() {
    var callers = Api.callers(folder);
    file = folder.resolve("data/api-keys");
    api = Api.start(Api.settings(callers, List.of()), null, () -> now);
  }

  @AfterEach
  void stop() throws IOException {
    api.close();
    Files.deleteIfExists(file);
  }

  @Test
  void aKeyThatWasMadeIsGoodAtOnceAndShownOnce() {
    var made = create("{\"name\":\"one\",\"expires\":\"2026-12-01T00:00:00Z\"}");
    assertEquals(201, made.statusCode(), made.body());
    String id = field(made, "id");
    String key = field(made, "key");
    assertTrue(key.startsWith("hp_" + id + "_"), key);
    assertEquals(PATH + "/" + id, header(made, "Location"));
    assertEquals("no-store", header(made, "Cache-Control"));
    assertEquals(200, api.get(ISSUE, key).statusCode());
    var told = api.get(PATH + "/" + id, Api.KEY);
    assertEquals(
        "{\"id\":\"%s\",\"name\":\"one\",\"scopes\":[\"issue\"],".formatted(id)
            + "\"origins\":[],\"created\":\"2026-11-21T03:00:00Z\",\"expires\":\"2026-12-01T00:00:00Z\"}",
        told.body());
  }

  @Test
  void aKeyThatWasDeletedIsGoodNoMore() {
    var made = create("{\"name\":\"one\"}");
    String path = PATH + "/" + field(made, "id");
    var gone = api.send(api.request(path, Api.KEY).DELETE());
    assertEquals(204, gone.statusCode());
    assertEquals(401, api.get(ISSUE, field(made, "key")).statusCode());
    assertEquals(404, api.get(path, Api.KEY).statusCode());
    assertEquals(404, api.send(api.request(path, Api.KEY).DELETE()).statusCode());
  }

  @Test
  void anExpiredKeyIsRefusedAsAnUnknownOneIs() {
    var made = create("{\"name\":\"one\",\"expires\":\"2026-11-21T03:00:30Z\"}");
    now = Api.NOW.plusSeconds(30);
    var expired = api.get(ISSUE, field(made, "key"));
    var unknown = api.get(ISSUE, "hp_" + "0".repeat(16) + "_" + "A".repeat(43));
    assertEquals(401, expired.statusCode());
    assertEquals(unknown.body(), expired.body());
    assertEquals(unknown.statusCode(), expired.statusCode());
  }

  @Test
  void aRotatedKeyKeepsItsIdAndItsFormerSecretForAWhile() {
    var made = create("{\"name\":\"one\"}");
    String path = PATH + "/" + field(made, "id") + "/rotate";
    var rotated = api.post(path, Api.KEY, "{\"overlap\":60}");
    assertEquals(200, rotated.statusCode(), rotated.body());
    assertEquals(field(made, "id"), field(rotated, "id"));
    assertEquals("2026-11-21T03:01:00Z", field(rotated, "formerUntil"));
    assertEquals(200, api.get(ISSUE, field(made, "key")).statusCode());
    assertEquals(200, api.get(ISSUE, field(rotated, "key")).statusCode());
    now = Api.NOW.plusSeconds(60);
    assertEquals(401, api.get(ISSUE, field(made, "key")).statusCode());
    var again = api.send(api.request(path, Api.KEY).POST(BodyPublishers.noBody()));
    assertEquals("2026-11-22T03:01:00Z", field(again, "formerUntil"));
  }

  @ParameterizedTest
  @CsvSource({
    "issue,         200, 403, 403",
    "read,          403, 200, 403",
    "manage,        403, 200, 400",
    "issue;read,    200, 200, 403",
    "issue;manage,  200, 200, 400"
  })
  void aCallNeedsItsScope(String scopes, int issue, int list, int create) {
    String array = scopes.strip().replace(";", "\",\"");
    var made = create("{\"name\":\"one\",\"scopes\":[\"" + array + "\"]}");
    String key = field(made, "key");
    assertEquals(issue, api.get(ISSUE, key).statusCode());
    assertEquals(list, api.get(PATH, key).statusCode());
    assertEquals(create, api.post(PATH, key, "{}").statusCode());
    for (var response : List.of(api.get(ISSUE, key), api.post(PATH, key, "{}"))) {
      if (response.statusCode() == 403) {
        assertEquals(NO_SCOPE, response.body());
        assertEquals("application/problem+json", header(response, "Content-Type"));
      }
    }
  }

  @Test
  void aJwtHasTheScopeToIssueAlone() {
    assertEquals(200, api.get(ISSUE, Jwt.good("alice")).statusCode());
    assertEquals(NO_SCOPE, api.get(PATH, Jwt.good("alice")).body());
    assertEquals(NO_SCOPE, api.post(PATH, Jwt.good("alice"), "{\"name\":\"x\"}").body());
  }

  @Test
  void nobodyGrantsAScopeThatItDoesNotHave() {
    String key = field(create("{\"name\":\"m\",\"scopes\":[\"manage\"]}"), "key");
    assertEquals(201, post(key, "{\"name\":\"a\",\"scopes\":[\"manage\"]}").statusCode());
    var refused = post(key, "{\"name\":\"b\",\"scopes\":[\"manage\",\"issue\"]}");
    assertEquals(403, refused.statusCode());
    String other = field(create("{\"name\":\"c\"}"), "id");
    var rotation = api.post(PATH + "/" + other + "/rotate", key, "{}");
    assertEquals(403, rotation.statusCode());
  }

  @Test
  void aTenantsKeySeesAndChangesKeysOfItsTenantAlone() {
    String all = "\"scopes\":[\"issue\",\"read\",\"manage\"]";
    var own = create("{\"name\":\"acme\",\"tenant\":\"acme\"," + all + "}");
    var other = create("{\"name\":\"acme\",\"tenant\":\"other\"," + all + "}");
    var none = create("{\"name\":\"acme\"," + all + "}");
    String key = field(own, "key");
    assertEquals(403, api.get(ISSUE, key).statusCode(), "the server's own are not for it");
    assertEquals(List.of(field(own, "id")), ids(api.get(PATH, key)));
    for (var foreign : List.of(other, none)) {
      String path = PATH + "/" + field(foreign, "id");
      assertEquals(404, api.get(path, key).statusCode());
      assertEquals(404, api.send(api.request(path, key).DELETE()).statusCode());
      assertEquals(404, api.post(path + "/rotate", key, "{}").statusCode());
    }
    assertEquals(403, post(key, "{\"name\":\"x\",\"tenant\":\"other\"}").statusCode());
    var heir = post(key, "{\"name\":\"x\"}");
    assertEquals("acme", field(heir, "tenant"));
    assertEquals(2, ids(api.get(PATH, key)).size());
    assertEquals(4, ids(api.get(PATH, Api.KEY)).size());
  }

  @Test
  void aListComesInPages() {
    for (int i = 0; i < 5; i++) {
      create("{\"name\":\"key " + i + "\"}");
    }
    var all = ids(api.get(PATH, Api.KEY));
    assertEquals(5, all.size());
    assertTrue(api.get(PATH, Api.KEY).body().endsWith("],\"next\":null}"));
    var first = api.get(PATH + "?limit=2", Api.KEY);
    assertEquals(all.subList(0, 2), ids(first));
    assertEquals(all.get(1), field(first, "next"));
    var second = api.get(PATH + "?limit=3&after=" + all.get(1), Api.KEY);
    assertEquals(all.subList(2, 5), ids(second));
    assertTrue(second.body().endsWith("\"next\":null}"), second.body());
    var none = api.get(PATH + "?after=" + all.get(4), Api.KEY);
    assertEquals("{\"keys\":[],\"next\":null}", none.body());
    for (String query : List.of("limit=0", "limit=101", "limit=x", "before=1")) {
      assertEquals(400, api.get(PATH + "?" + query, Api.KEY).statusCode(), query);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "[]",
        "{}",
        "{\"name\":\"x\"}{}",
        "{\"name\":\"x\",\"name\":\"x\"}",
        "{\"name\":null}",
        "{\"name\":\"\"}",
        "{\"name\":\"x\",\"id\":\"0123456789abcdef\"}",
        "{\"name\":\"x\",\"hash\":\"0\"}",
        "{\"name\":\"x\",\"scopes\":[\"root\"]}",
        "{\"name\":\"x\",\"scopes\":[\"issue\",\"issue\"]}",
        "{\"name\":\"x\",\"scopes\":\"issue\"}",
        "{\"name\":\"x\",\"scopes\":[[]]}",
        "{\"name\":\"x\",\"tenant\":\"A B\"}",
        "{\"name\":\"x\",\"tenant\":\"\"}",
        "{\"name\":\"x\",\"origins\":[\"*\"]}",
        "{\"name\":\"x\",\"origins\":[\"null\"]}",
        "{\"name\":\"x\",\"origins\":[\"https://a.example\"],\"scopes\":[\"read\"]}",
        "{\"name\":\"x\",\"limits\":\"tenant=other\"}",
        "{\"name\":\"x\",\"limits\":\"bytes=0\"}",
        "{\"name\":\"x\",\"expires\":\"tomorrow\"}",
        "{\"name\":\"x\",\"expires\":\"2026-02-30T00:00:00Z\"}",
        "{\"name\":\"x\",\"expires\":1800000000}",
        "{\"name\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":1}}}}}}"
      })
  void aBodyThatIsNotUnderstoodIsRefused(String body) {
    var refused = create(body);
    assertEquals(400, refused.statusCode(), refused.body());
    assertFalse(refused.body().contains("the request is malformed"), refused.body());
  }

  @Test
  void aNameIsTakenOnce() {
    create("{\"name\":\"one\"}");
    var second = create("{\"name\":\"one\"}");
    assertEquals(409, second.statusCode());
    assertTrue(second.body().contains("name is taken by the key "), second.body());
  }

  @Test
  void aCallThatIsMadeTwiceMakesOneKey() {
    String body = "{\"name\":\"one\"}";
    var first = createAs("call-1", body);
    assertEquals(201, first.statusCode(), first.body());
    now = Api.NOW.plus(Duration.ofMinutes(10)).minusSeconds(1);
    var second = createAs("call-1", body);
    assertEquals(201, second.statusCode());
    assertEquals(first.body(), second.body());
    assertEquals(header(first, "Location"), header(second, "Location"));
    assertEquals(422, createAs("call-1", "{\"name\":\"two\"}").statusCode());
    now = Api.NOW.plus(Duration.ofMinutes(10));
    var late = createAs("call-1", body);
    assertEquals(409, late.statusCode());
    assertTrue(late.body().contains(field(first, "id")), late.body());
    assertEquals(1, ids(api.get(PATH, Api.KEY)).size());
    now = Api.NOW.plus(Duration.ofDays(1));
    assertEquals(201, createAs("call-1", "{\"name\":\"three\"}").statusCode());
  }

  @Test
  void whatOneCallerCallsACallIsNoOthersMatter() {
    String manage = "\"scopes\":[\"manage\"]}";
    String key = field(create("{\"name\":\"m\"," + manage), "key");
    String body = "{\"name\":\"one\"," + manage;
    var first = createAs("call-1", body);
    var other =
        api.send(
            api.request(PATH, key)
                .header("Idempotency-Key", "call-1")
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString(body.replace("one", "two"))));
    assertEquals(201, other.statusCode(), other.body());
    assertNotEquals(field(first, "key"), field(other, "key"));
    assertEquals(400, createAs("x".repeat(256), body).statusCode());
  }

  @Test
  void twoTenantsOperatorsOfOneNameAreTwoCallers() {
    var claims = new Tokens.Claims("scopes", "tenant", null, null);
    var tokens = new Tokens(List.of(Api.JWT_SECRET), null, null, null, claims);
    var callers = new Callers(List.of(Api.KEY), tokens, file);
    try (var shared = Api.start(Api.settings(callers, List.of()))) {
      String body = "{\"name\":\"one\",\"scopes\":[\"manage\"]}";
      for (String tenant : List.of("acme", "beta")) {
        var request = shared.request(PATH, Jwt.managing("ops", tenant));
        var made = createAs(shared, request, "call-1", body);
        assertEquals(tenant, field(made, "tenant"));
      }
    }
  }

  @Test
  void withoutAKeyRingThereIsNothingToMake() {
    try (var other = Api.start()) {
      assertEquals(501, other.get(PATH, Api.KEY).statusCode());
    }
  }

  @Test
  void aRingThatCannotBeWrittenIsToldInTheLogAlone() throws IOException {
    create("{\"name\":\"one\"}");
    Files.writeString(file, "garbled\n");
    var refused = create("{\"name\":\"two\"}");
    assertEquals(503, refused.statusCode());
    assertFalse(refused.body().contains(file.toString()), refused.body());
  }

  private HttpResponse<String> create(String body) {
    return post(Api.KEY, body);
  }

  private HttpResponse<String> post(String key, String body) {
    return api.post(PATH, key, body);
  }

  private HttpResponse<String> createAs(String call, String body) {
    return createAs(api, api.request(PATH, Api.KEY), call, body);
  }

  private static HttpResponse<String> createAs(
      Api where, HttpRequest.Builder request, String call, String body) {
    return where.send(
        request
            .header("Idempotency-Key", call)
            .header("Content-Type", "application/json")
            .POST(BodyPublishers.ofString(body)));
  }

  private static String field(HttpResponse<String> response, String name) {
    var field = Pattern.compile("\"" + name + "\":\"([^\"]*)\"").matcher(response.body());
    assertTrue(field.find(), response.body());
    return field.group(1);
  }

  private static List<String> ids(HttpResponse<String> response) {
    return Pattern.compile("\"id\":\"([0-9a-f]+)\"")
        .matcher(response.body())
        .results()
        .map(found -> found.group(1))
        .toList();
  }
}
