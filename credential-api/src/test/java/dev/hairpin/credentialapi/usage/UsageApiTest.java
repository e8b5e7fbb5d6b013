package dev.hairpin.credentialapi.usage;

import static dev.hairpin.credentialapi.Api.KEY;
import static dev.hairpin.credentialapi.Api.NOW;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.hairpin.credentialapi.Api;
import dev.hairpin.credentialapi.Jwt;
import dev.hairpin.credentialapi.storage.Database;
import dev.hairpin.credentialapi.storage.Storage;
import java.net.URLEncoder;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// `GET /v1/usage`, with H2 behind it.
class UsageApiTest {
  private static final Usage ONE = new Usage(1, 2, 3, 4, 5, 6);

  @TempDir static Path folder;
  private static UsageKeeper keeper;
  private static Api api;

  @BeforeAll
  static void start() {
    keeper = keeper(new Database.Embedded(folder.resolve("data")));
    var settings = Api.settings(Api.callers(folder), List.of());
    api = Api.start(settings, null, keeper, () -> NOW);
    keeper.ledger().add("", "alice", NOW, ONE);
    keeper.ledger().add("", "", NOW.minusSeconds(3600), ONE);
    keeper.ledger().add("acme", "bob", NOW, ONE);
    keeper.ledger().add("acme", "bob", NOW.minus(Duration.ofDays(2)), ONE);
    assertTrue(keeper.flush()); // opens the database, which may take longer than a caller waits
  }

  @AfterAll
  static void stop() {
    api.close();
    keeper.close();
  }

  private static UsageKeeper keeper(Database database) {
    return new UsageKeeper(new Storage(database), Duration.ofDays(400), () -> NOW, () -> 0);
  }

  @Test
  void whatWasUsedInTheLastDayIsTold() {
    var answer = get("");
    assertEquals(200, answer.statusCode());
    assertEquals(
        "{\"usage\":["
            + (row("2026-11-21T02:00:00Z", "", "") + ",")
            + (row("2026-11-21T03:00:00Z", "", "alice") + ",")
            + (row("2026-11-21T03:00:00Z", "acme", "bob") + "]}"),
        get("?to=2026-11-21T04:00:00Z").body());
    assertEquals("{\"usage\":[" + row("2026-11-21T02:00:00Z", "", "") + "]}", answer.body());
  }

  private static String row(String begins, String tenant, String user) {
    return ("{\"begins\":\"%s\",\"tenant\":\"%s\",\"user\":\"%s\",\"allocations\":1,\"seconds\":2,"
                + "\"bytesToPeers\":3,\"bytesToClients\":4,\"packetsToPeers\":5,\"packetsToClients\":6}")
        .formatted(begins, tenant, user);
  }

  @Test
  void tenantUserStepAndTimeAreChosen() {
    String to = "&to=2026-11-22T00:00:00Z";
    assertEquals(List.of("bob 1", "bob 1"), rows("?tenant=acme&step=day" + to));
    assertEquals(List.of("alice 1"), rows("?user=alice" + to));
    assertEquals(List.of(" 1", "alice 1"), rows("?tenant=" + to));
    assertEquals(List.of(), rows("?tenant=nobody" + to));
    assertEquals(List.of("bob 1"), rows("?from=2026-11-19T00:00:00Z&to=2026-11-19T23:00:00Z"));
  }

  @Test
  void pagesFollowEachOther() {
    var seen = new ArrayList<String>();
    String after = "";
    do {
      var page = get("?step=day&to=2026-11-22T00:00:00Z&limit=1" + after);
      seen.addAll(rows(page));
      var next = Pattern.compile("\"next\":\"([^\"]+)\"").matcher(page.body());
      after = next.find() ? "&after=" + next.group(1) : "";
    } while (!after.isEmpty());
    assertEquals(List.of("bob 1", " 1", "alice 1", "bob 1"), seen);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "?tenants=a | tenant, user, from, to, step, limit, after are all that can be asked for",
        "?step=week | step is one of hour, day",
        "?limit=0 | 'limit is a whole number, 1 to 1000'",
        "?limit=1001 | 'limit is a whole number, 1 to 1000'",
        "?from=yesterday | from is a time like 2026-11-21T03:00:00Z",
        "?to=2026-11-21 | to is a time like 2026-11-21T03:00:00Z",
        "?to=-1000000000-01-01T00:00:00Z | to is a time like 2026-11-21T03:00:00Z",
        "?to=%2B10000-01-01T00:00:00Z | to is a time like 2026-11-21T03:00:00Z",
        "?from=2026-11-21T03:00:00Z | from is before to",
        "?after=x | after is the next of an answer before",
        "?after=AAAA | after is the next of an answer before",
        "?user=a&user=b | user stands more than once"
      })
  void whatCannotBeAskedForIsRefused(String query, String detail) {
    var answer = get(query);
    assertEquals(400, answer.statusCode());
    assertEquals(Api.problem(400, "Bad Request", detail), answer.body());
  }

  @Test
  void namesOfEveryKindCanBeAskedFor() {
    for (String name :
        List.of("'; DROP TABLE hairpin_usage; --", "\"😀\"", "%00", "x".repeat(255))) {
      String query = "?user=" + URLEncoder.encode(name, StandardCharsets.UTF_8);
      assertEquals(List.of(), rows(query), name);
    }
    assertEquals(400, get("?user=" + "x".repeat(256)).statusCode());
    assertEquals(List.of("alice 1"), rows("?user=alice&to=2026-11-22T00:00:00Z"));
  }

  @Test
  void aTenantsKeySeesItsOwnAlone() {
    var made =
        api.send(
            api.request("/v1/keys", KEY)
                .header("Content-Type", "application/json")
                .POST(
                    BodyPublishers.ofString(
                        "{\"name\":\"acme\",\"tenant\":\"acme\",\"scopes\":[\"read\"]}")));
    var key = Pattern.compile("\"key\":\"([^\"]+)\"").matcher(made.body());
    assertTrue(key.find(), made.body());
    String path = "/v1/usage?to=2026-11-22T00:00:00Z";
    assertEquals(List.of("bob 1"), rows(api.get(path, key.group(1))));
    assertEquals(List.of("bob 1"), rows(api.get(path + "&tenant=acme", key.group(1))));
    assertEquals(List.of(), rows(api.get(path + "&user=alice", key.group(1))));
    for (String other : List.of("", "other")) {
      var answer = api.get(path + "&tenant=" + other, key.group(1));
      assertEquals(
          Api.problem(403, "Forbidden", "this caller sees its own tenant alone; leave it out"),
          answer.body());
    }
  }

  @Test
  void whoMayNotReadIsRefused() {
    assertEquals(401, api.get("/v1/usage").statusCode());
    assertEquals(403, api.get("/v1/usage", Jwt.good("alice")).statusCode());
  }

  @Test
  void whereNothingIsStoredThereIsNothingToTell() {
    try (var other = Api.start()) {
      var answer = other.get("/v1/usage", KEY);
      assertEquals(
          Api.problem(404, "Not Found", "usage is not stored: storage.url is off"), answer.body());
    }
  }

  @Test
  void aDatabaseThatCannotBeOpenedGets503AndTheRestIsServed() {
    var elsewhere = Path.of("/proc/1/hairpin");
    try (var gone = keeper(new Database.Embedded(elsewhere));
        var other = Api.start(Api.settings(), null, gone, () -> NOW)) {
      var answer = other.get("/v1/usage", KEY);
      assertEquals(
          Api.problem(503, "Service Unavailable", "the database does not answer"), answer.body());
      assertEquals("1", Api.header(answer, "Retry-After"));
      assertEquals(200, other.get("/v1/ice-servers", KEY).statusCode());
      assertTrue(other.get("/metrics").body().contains("hairpin_storage_up 0.0"));
    }
  }

  private static HttpResponse<String> get(String query) {
    return api.get("/v1/usage" + query, KEY);
  }

  private static List<String> rows(String query) {
    var answer = get(query);
    assertEquals(200, answer.statusCode(), answer.body());
    return rows(answer);
  }

  /// User and allocations of each row.
  private static List<String> rows(HttpResponse<String> answer) {
    return Pattern.compile("\"user\":\"([^\"]*)\",\"allocations\":([0-9]+)")
        .matcher(answer.body())
        .results()
        .map(row -> row.group(1) + " " + row.group(2))
        .toList();
  }
}
