package dev.hairpin.credentialapi;

import static dev.hairpin.credentialapi.Api.header;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CorsTest {
  private static final String PATH = "/v1/ice-servers";
  private static final String GOOD = "https://good.example";
  private static Api api;
  private static Api closed;

  @BeforeAll
  static void start() {
    var callers = new Callers(List.of(Api.KEY), List.of());
    api = Api.start(Api.settings(callers, List.of(GOOD, "http://localhost:5173")));
    closed = Api.start(Api.settings(callers, List.of()));
  }

  @AfterAll
  static void stop() {
    api.close();
    closed.close();
  }

  @ParameterizedTest
  @ValueSource(strings = {GOOD, "http://localhost:5173"})
  void aPageOfAConfiguredOriginMayCall(String origin) {
    var preflight = preflight(api, origin, "POST", "authorization,content-type");
    assertEquals(200, preflight.statusCode());
    assertEquals(origin, header(preflight, "Access-Control-Allow-Origin"));
    assertEquals("POST", header(preflight, "Access-Control-Allow-Methods"));
    assertEquals("authorization; content-type", header(preflight, "Access-Control-Allow-Headers"));
    assertEquals("600", header(preflight, "Access-Control-Max-Age"));
    assertEquals("Origin", header(preflight, "Vary"));
    assertEquals("", header(preflight, "Access-Control-Allow-Credentials"));

    var call = call(api, origin, Api.KEY);
    assertEquals(200, call.statusCode());
    assertEquals(origin, header(call, "Access-Control-Allow-Origin"));
    assertEquals("Origin", header(call, "Vary"));
    assertEquals("", header(call, "Access-Control-Allow-Credentials"));
  }

  @Test
  void aRefusalCanBeReadByAPageOfAConfiguredOrigin() {
    var refusal = call(api, GOOD, "an-unknown-api-key-of-the-tests");
    assertEquals(401, refusal.statusCode());
    assertEquals(GOOD, header(refusal, "Access-Control-Allow-Origin"));
    assertEquals("Origin", header(refusal, "Vary"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "null",
        "*",
        "https://good.example.evil.example",
        "https://evil.example",
        "https://evil.example/https://good.example",
        "https://evilgood.example",
        "https://sub.good.example",
        "http://good.example",
        "https://good.example:443",
        "https://good.example:8443",
        "https://good.example/",
        "https://GOOD.example",
        "HTTPS://good.example",
        "https://good.exampl",
        "https://good.example.",
        "https://good_example",
        "https://user@good.example",
        "good.example",
        "file://",
        "https://good.example,https://evil.example",
        "https://good.example https://evil.example",
        "http://localhost",
        "http://localhost:5174",
        "https://localhost:5173",
        "http://127.0.0.1:5173"
      })
  void aPageOfAnotherOriginMayNot(String origin) {
    assertClosed(preflight(api, origin, "POST", "authorization"));
    assertClosed(call(api, origin, Api.KEY));
  }

  @Test
  void byDefaultNoOriginMayCall() {
    assertClosed(preflight(closed, GOOD, "POST", "authorization"));
    assertClosed(call(closed, GOOD, Api.KEY));
    assertClosed(call(closed, "null", Api.KEY));
  }

  @Test
  void aCallThatNamesAnOtherOriginIsServedAndLeftToItsBrowser() {
    // Our own page behind a proxy that does not pass the name on is such a call.
    assertEquals(200, call(api, "https://turn.example.org", Api.KEY).statusCode());
    assertEquals(200, call(closed, "https://turn.example.org", Api.KEY).statusCode());
  }

  @Test
  void otherMethodsAndHeadersAreNotAllowed() {
    for (var preflight :
        List.of(
            preflight(api, GOOD, "DELETE", "authorization"),
            preflight(api, GOOD, "POST", "authorization,x-other"))) {
      assertEquals(403, preflight.statusCode());
      assertEquals(List.of(), corsHeaders(preflight));
    }
  }

  @Test
  void anAnswerWithoutAnOriginVariesToo() {
    assertEquals("Origin", header(api.get(PATH, Api.KEY), "Vary"));
    assertClosed(api.get(PATH, Api.KEY));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "*",
        "null",
        "good.example",
        "https://good.example/",
        "https://Good.example",
        "https://*.example",
        "https://good.example/path",
        "ftp://good.example",
        ""
      })
  void anOriginThatNoBrowserSendsIsRefusedAtTheStart(String origin) {
    var callers = new Callers(List.of(Api.KEY), List.of());
    var e =
        assertThrows(IllegalArgumentException.class, () -> Api.settings(callers, List.of(origin)));
    assertTrue(String.valueOf(e.getMessage()).contains("https://example.org"));
  }

  private static void assertClosed(HttpResponse<String> response) {
    assertEquals(List.of(), corsHeaders(response));
    assertEquals("Origin", header(response, "Vary"));
  }

  private static List<String> corsHeaders(HttpResponse<String> response) {
    return response.headers().map().keySet().stream()
        .filter(name -> name.startsWith("access-control-"))
        .toList();
  }

  private static HttpResponse<String> preflight(
      Api api, String origin, String method, String headers) {
    return api.send(
        api.request(PATH)
            .header("Origin", origin)
            .header("Access-Control-Request-Method", method)
            .header("Access-Control-Request-Headers", headers)
            .method("OPTIONS", BodyPublishers.noBody()));
  }

  private static HttpResponse<String> call(Api api, String origin, String key) {
    return api.send(api.request(PATH, key).header("Origin", origin).POST(BodyPublishers.noBody()));
  }
}
