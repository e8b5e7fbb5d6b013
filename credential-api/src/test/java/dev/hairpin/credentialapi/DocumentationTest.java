package dev.hairpin.credentialapi;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.hairpin.credentialapi.usage.UsageKeeper;
import dev.hairpin.credentialapi.usage.UsageStore;
import dev.hairpin.turnserver.credential.SharedSecrets;
import dev.hairpin.turnserver.net.ListenUrl;
import dev.hairpin.turnserver.server.TurnServer;
import dev.hairpin.turnserver.server.TurnSettings;
import dev.hairpin.turnserver.stun.ErrorCode;
import dev.hairpin.turnserver.telemetry.Counter;
import dev.hairpin.turnserver.telemetry.DropReason;
import dev.hairpin.turnserver.telemetry.Gauge;
import io.micronaut.http.HttpMethod;
import io.micronaut.security.annotation.Secured;
import io.micronaut.security.rules.SecurityRule;
import io.micronaut.web.router.Router;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// Compares `docs/api.md` with the code.
class DocumentationTest {
  private static final String PAGE = "GET /";

  private final List<List<String>> rows = rowsOf(Path.of("../docs/api.md"));

  @Test
  void theTableOfEndpointsNamesEveryRouteAndNoOther() {
    var documented =
        rows.stream()
            .map(List::getFirst)
            .filter(cell -> cell.matches("(GET|POST|PUT|DELETE) /.*"))
            .filter(cell -> !cell.equals(PAGE))
            .collect(Collectors.toCollection(TreeSet::new));
    assertEquals(routes(Api.speaking(EnumSet.allOf(Compatibility.class))).keySet(), documented);
  }

  @Test
  void theScopesThatARouteAsksForAreToldByTheTableAndByOpenApi() throws IOException {
    var asked = routes(Api.speaking(EnumSet.allOf(Compatibility.class)));
    var documented =
        rows.stream()
            .filter(row -> asked.containsKey(row.getFirst()))
            .collect(
                Collectors.toMap(List::getFirst, row -> row.get(1), (a, _) -> a, TreeMap::new));
    assertEquals(asked, documented);
    try (var api = Api.start()) {
      operations(api)
          .forEach(
              (route, operation) -> {
                var scopes =
                    operation
                        .get("security")
                        .valueStream()
                        .map(one -> one.get("bearer").get(0).textValue())
                        .collect(Collectors.joining(" or "));
                assertEquals(asked.get(route), scopes, route);
              });
    }
  }

  @Test
  void theTableOfMetricsNamesEverySeriesWithItsMeaning() {
    var expected = new TreeMap<String, String>();
    for (var counter : Counter.values()) {
      expected.put("hairpin_turn_" + counter.metric() + "_total", counter.help());
    }
    expected.put("hairpin_turn_error_responses_total", "Error responses by STUN error code.");
    expected.put(
        "hairpin_turn_dropped_total",
        "Packets and messages thrown away without an answer, by reason.");
    expected.put("hairpin_turn_allocations", "Allocations that live now.");
    for (var gauge : Gauge.values()) {
      expected.put("hairpin_turn_" + gauge.metric(), gauge.help());
    }
    expected.put(
        "hairpin_turn_draining",
        "Whether new clients are sent away because the server is to stop.");
    expected.put(
        "hairpin_tls_certificate_not_after_seconds",
        "When the first of the certificates ends, since 1970; 0 without any.");
    expected.put(
        "hairpin_reload_last_success",
        "Whether the configuration last read is in force: 1, or 0 if it was refused.");
    expected.put(
        "hairpin_reloads_total", "Configurations read again, by whether they came into force.");
    expected.put(
        "hairpin_webhook_events_total",
        "Events for webhooks, by whether they were taken or will never be told.");
    expected.put(
        "hairpin_session_events_missed_total",
        "Starts and ends of sessions that are not told, for too many came at once.");
    expected.put("hairpin_usage_waiting", "Rows of usage that are not stored yet.");
    expected.put(
        "hairpin_usage_coarsened_total",
        "Additions to usage that were counted for a tenant as a whole.");
    expected.put(
        "hairpin_storage_up", "Whether the database did its part when it was last asked to.");
    expected.put("hairpin_rooms", "Rooms that somebody is in.");
    expected.put(
        "hairpin_room_participants", "Participants of rooms, with those who may come back.");
    expected.put(
        "hairpin_room_messages_total",
        "Offers, answers and candidates passed from one participant to another.");
    expected.put("hairpin_room_refusals_total", "Joins that were refused, by reason.");
    expected.put("hairpin_api_credentials_issued_total", "Credentials issued.");
    expected.put("hairpin_api_refusals_total", "HTTP calls refused, by status.");
    assertEquals(expected, documentedMetrics());
  }

  @Test
  void theTableOfMetricsIsWhatMetricsTells() {
    var listener = ListenUrl.parse("udp://127.0.0.1:0");
    var settings = TurnSettings.of(SharedSecrets.of(Api.SECRET), listener);
    Supplier<UsageStore> store =
        () -> {
          throw new AssertionError("nobody needs it");
        };
    try (var turn = TurnServer.start(settings);
        var usage = UsageKeeper.start(store, Duration.ofDays(1), Duration.ofDays(1));
        var api = Api.start(Api.settings(), turn, usage, InstantSource.system())) {
      var told =
          api.get("/metrics")
              .body()
              .lines()
              .filter(line -> line.startsWith("# HELP "))
              .map(line -> line.substring("# HELP ".length()).split(" ", 2))
              .collect(Collectors.toMap(parts -> parts[0], parts -> parts[1]));
      assertEquals(documentedMetrics(), told);
    }
  }

  @Test
  void everyErrorCodeIsALabelInTheTable() {
    var codes =
        Arrays.stream(ErrorCode.values())
            .map(error -> Integer.toString(error.code()))
            .collect(Collectors.joining(", "));
    assertEquals("code: " + codes, labelsOf("hairpin_turn_error_responses_total"));
  }

  @Test
  void everyReasonToDropIsExplained() {
    var expected =
        Arrays.stream(DropReason.values())
            .collect(Collectors.toMap(DropReason::label, DropReason::help));
    var documented =
        rows.stream()
            .filter(row -> row.size() == 2 && expected.containsKey(row.getFirst()))
            .collect(Collectors.toMap(List::getFirst, List::getLast));
    assertEquals(expected, documented);
  }

  @Test
  void everyRouteOfOurOwnIsDescribedInOpenApiAndNoOther() throws IOException {
    try (var api = Api.start()) {
      assertEquals(routes(Api.settings()).keySet(), operations(api).keySet());
    }
  }

  @Test
  void everyFieldOfARequestIsInTheTableAndInOpenApi() throws IOException {
    try (var api = Api.start()) {
      var schemas = description(api).get("components").get("schemas");
      for (String name :
          List.of("IceServersRequest", "KeyRequest", "Revocation", "RoomTokenRequest")) {
        var schema = schemas.get(name);
        assertFalse(schema.get("additionalProperties").booleanValue(), name);
        schema
            .get("properties")
            .fieldNames()
            .forEachRemaining(
                field ->
                    assertTrue(rows.stream().anyMatch(row -> row.getFirst().equals(field)), field));
      }
      var fields = new TreeSet<String>();
      schemas.get("IceServersRequest").get("properties").fieldNames().forEachRemaining(fields::add);
      assertEquals(
          Set.of(
              "user",
              "ttl",
              "peers",
              "relayOnly",
              "allocations",
              "bytesPerSecond",
              "bytes",
              "transports"),
          fields);
    }
  }

  /// By method and path.
  private static Map<String, JsonNode> operations(Api api) throws IOException {
    var operations = new TreeMap<String, JsonNode>();
    for (var path : description(api).get("paths").properties()) {
      for (var method : path.getValue().properties()) {
        operations.put(
            method.getKey().toUpperCase(Locale.ROOT) + " " + path.getKey(), method.getValue());
      }
    }
    return operations;
  }

  private static JsonNode description(Api api) throws IOException {
    return new ObjectMapper().readTree(api.get("/openapi.json").body());
  }

  private Map<String, String> documentedMetrics() {
    return rows.stream()
        .filter(row -> row.getFirst().startsWith("hairpin_"))
        .collect(Collectors.toMap(List::getFirst, List::getLast, (a, _) -> a, TreeMap::new));
  }

  private String labelsOf(String metric) {
    return rows.stream()
        .filter(row -> row.getFirst().equals(metric))
        .map(row -> row.get(2))
        .collect(Collectors.joining());
  }

  /// Every route, with the scopes of which one is needed.
  private static Map<String, String> routes(ApiSettings settings) {
    try (var context =
        CredentialApi.startContext(
            settings, Api.issuer(), null, null, null, InstantSource.system())) {
      return context
          .getBean(Router.class)
          .uriRoutes()
          .filter(route -> route.getHttpMethod() != HttpMethod.HEAD)
          .collect(
              Collectors.toMap(
                  route -> route.getHttpMethod() + " " + route.getUriMatchTemplate(),
                  route ->
                      Arrays.stream(
                              route
                                  .getAnnotationMetadata()
                                  .getValue(Secured.class, String[].class)
                                  .orElseThrow())
                          .filter(scope -> !scope.equals(SecurityRule.IS_ANONYMOUS))
                          .collect(Collectors.joining(" or ")),
                  (a, _) -> a,
                  TreeMap::new));
    }
  }

  /// The cells of every table, without the marks of code.
  private static List<List<String>> rowsOf(Path markdown) {
    try (Stream<String> lines = Files.lines(markdown)) {
      return lines
          .filter(line -> line.startsWith("| "))
          .map(line -> line.substring(1, line.length() - 1).replace("`", ""))
          .map(line -> Arrays.stream(line.split("\\|", -1)).map(String::strip).toList())
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
