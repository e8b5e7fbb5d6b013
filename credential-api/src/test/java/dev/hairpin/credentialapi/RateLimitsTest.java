package dev.hairpin.credentialapi;

import static dev.hairpin.credentialapi.Api.header;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.hairpin.turnserver.net.IpPrefix;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RateLimitsTest {
  private static final String PATH = "/v1/ice-servers";
  private static final String ORIGIN = "https://app.example.org";
  private static final String PROBLEM =
      Api.problem(
          429, "Too Many Requests", "too many calls; the header Retry-After says when to go on");

  @TempDir private Path folder;
  private volatile Instant now = Api.NOW;
  private Api api;

  @BeforeEach
  void start() {
    api = start(List.of(IpPrefix.parse("127.0.0.1/32"), IpPrefix.parse("10.0.0.0/8")));
  }

  private Api start(List<IpPrefix> proxies) {
    var traffic =
        new Traffic(new Rate(1, 4), new Rate(1, 3), new Rate(1, 2), new Rate(1, 2), proxies);
    var settings = Api.speaking(Compatibility.TURN_REST, Api.callers(folder));
    return Api.start(settings.withTraffic(traffic), null, () -> now);
  }

  @AfterEach
  void stop() {
    api.close();
  }

  @Test
  void aKeyThatCallsTooOftenIsToldWhenToGoOn() {
    for (int left = 3; left >= 0; left--) {
      var good = api.get(PATH, Api.KEY);
      assertEquals(200, good.statusCode());
      assertEquals("\"key\";q=4;w=4", header(good, "RateLimit-Policy"));
      assertTrue(header(good, "RateLimit").startsWith("\"key\";r=" + left + ";t="));
      assertEquals("", header(good, "Retry-After"));
    }
    var refused = api.get(PATH, Api.KEY);
    assertEquals(429, refused.statusCode());
    assertEquals(PROBLEM, refused.body());
    assertEquals("application/problem+json", header(refused, "Content-Type"));
    assertEquals("1", header(refused, "Retry-After"));
    assertEquals("\"key\";r=0;t=1", header(refused, "RateLimit"));
    assertEquals(200, api.get(PATH, Jwt.good("alice")).statusCode());
    now = Api.NOW.plusSeconds(1);
    assertEquals(200, api.get(PATH, Api.KEY).statusCode());
    assertEquals(429, api.get(PATH, Api.KEY).statusCode());
  }

  @Test
  void eachKeyOfTheFileHasItsOwnLimit() {
    var no = new Rate(0, 0);
    var traffic = new Traffic(new Rate(1, 1), no, no, no, List.of());
    try (var two = Api.start(Api.settings().withTraffic(traffic))) {
      for (String key : List.of(Api.KEY, Api.OTHER_KEY)) {
        assertEquals(200, two.get(PATH, key).statusCode());
        assertEquals(429, two.get(PATH, key).statusCode());
      }
    }
  }

  @Test
  void otherShapesAreLimitedTooButSayLess() {
    for (int i = 0; i < 4; i++) {
      assertEquals(200, api.get("/turn?service=turn&key=" + Api.KEY).statusCode());
    }
    var refused = api.get("/turn?service=turn&key=" + Api.KEY);
    assertEquals(429, refused.statusCode());
    assertEquals("1", header(refused, "Retry-After"));
    assertEquals("", header(refused, "RateLimit"));
  }

  @Test
  void eachSubjectHasItsOwnLimit() {
    for (int i = 0; i < 3; i++) {
      assertEquals(200, api.get(PATH, Jwt.good("alice")).statusCode());
    }
    assertEquals(429, api.get(PATH, Jwt.good("alice")).statusCode());
    assertEquals(200, api.get(PATH, Jwt.good("bob")).statusCode());
  }

  @Test
  void aPageHasALimitForEachAddress() {
    String key = pageKey();
    for (int i = 0; i < 2; i++) {
      assertEquals(200, page(key, "203.0.113.5").statusCode());
    }
    var refused = page(key, "203.0.113.5");
    assertEquals(429, refused.statusCode());
    assertEquals(ORIGIN, header(refused, "Access-Control-Allow-Origin"));
    assertTrue(header(refused, "Access-Control-Expose-Headers").contains("Retry-After"));
    assertEquals(200, page(key, "203.0.113.6").statusCode());
  }

  @Test
  void anIpv6CustomerIsOneAddress() {
    String key = pageKey();
    assertEquals(200, page(key, "2001:db8::1").statusCode());
    assertEquals(200, page(key, "2001:db8::ffff:2").statusCode());
    assertEquals(429, page(key, "2001:db8:0:0:1::3").statusCode());
    assertEquals(200, page(key, "2001:db8:0:1::1").statusCode());
  }

  @Test
  void whoeverGuessesIsStoppedAndStopsNobodyElse() {
    for (int i = 0; i < 2; i++) {
      assertEquals(401, from("203.0.113.5", "a-guessed-api-key-of-the-tests").statusCode());
    }
    var refused = from("203.0.113.5", "a-guessed-api-key-of-the-tests");
    assertEquals(429, refused.statusCode());
    assertEquals("\"failures\";r=0;t=1", header(refused, "RateLimit"));
    assertEquals(401, from("203.0.113.6", "a-guessed-api-key-of-the-tests").statusCode());
    assertEquals(200, from("203.0.113.5", Api.KEY).statusCode());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          203.0.113.5                               | yes
          198.51.100.1, 203.0.113.5                 | yes
          203.0.113.5, 10.1.2.3                     | yes
          1.1.1.1,203.0.113.5,10.1.2.3,127.0.0.1    | yes
          garbage, 203.0.113.5                      | yes
          ::ffff:203.0.113.5                        | yes
          203.0.113.5, 198.51.100.1                 | no
          203.0.113.5, garbage                      | no
          203.0.113.5, garbage, 10.1.2.3            | no
          203.0.113.5:1234                          | no
          203.0.113.5,                              | no
          10.1.2.3                                  | no
          """)
  void theClientIsTheLastThatATrustedProxyNames(String chain, String isIt) {
    for (int i = 0; i < 3; i++) {
      from("203.0.113.5", "a-guessed-api-key-of-the-tests");
    }
    int status = from(chain.strip(), "a-guessed-api-key-of-the-tests").statusCode();
    assertEquals(isIt.equals("yes") ? 429 : 401, status);
  }

  @Test
  void severalHeadersAreOneChain() {
    for (int i = 0; i < 2; i++) {
      from("203.0.113.5", "a-guessed-api-key-of-the-tests");
    }
    var request =
        api.request(PATH, "a-guessed-api-key-of-the-tests")
            .header("X-Forwarded-For", "198.51.100.7")
            .header("X-Forwarded-For", "203.0.113.5")
            .header("X-Forwarded-For", "10.0.0.1");
    assertEquals(429, api.send(request).statusCode());
  }

  @Test
  void nobodyElsesWordIsTakenForWhoCalls() {
    try (var open = start(List.of(IpPrefix.parse("192.0.2.0/24")))) {
      for (int i = 0; i < 50; i++) {
        var request = open.request(PATH, "x".repeat(20)).header("X-Forwarded-For", "203.0.113.5");
        assertEquals(401, open.send(request).statusCode());
      }
    }
    var forwarded = api.request(PATH, "x".repeat(20)).header("Forwarded", "for=203.0.113.5");
    for (int i = 0; i < 5; i++) {
      assertEquals(401, api.send(forwarded).statusCode());
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "a",
        "0f-A.z_9",
        "x234567890123456789012345678901234567890123456789012345678901234"
      })
  void aCallKeepsTheNameThatItsCallerGaveIt(String id) {
    assertEquals(id, id(api.request("/healthz").header("X-Request-Id", id)));
    assertEquals(id, id(api.request("/nothing").header("X-Request-Id", id)));
    assertEquals(id, id(api.request(PATH).header("X-Request-Id", id)));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "a b",
        "a,b",
        "<x>",
        "x2345678901234567890123456789012345678901234567890123456789012345"
      })
  void anotherNameIsReplaced(String id) {
    var request = api.request("/healthz").header("X-Request-Id", id);
    assertTrue(id(request).matches("[0-9a-f]{16}"));
    assertNotEquals(id(request), id(request));
  }

  private String id(HttpRequest.Builder request) {
    return header(api.send(request), "X-Request-Id");
  }

  private HttpResponse<String> from(String chain, String token) {
    return api.send(api.request(PATH, token).header("X-Forwarded-For", chain));
  }

  private HttpResponse<String> page(String key, String address) {
    return api.send(
        api.request(PATH, key).header("Origin", ORIGIN).header("X-Forwarded-For", address));
  }

  private String pageKey() {
    var made =
        api.post("/v1/keys", Api.KEY, "{\"name\":\"page\",\"origins\":[\"" + ORIGIN + "\"]}");
    return made.body().replaceFirst(".*\"key\":\"([^\"]+)\".*", "$1");
  }
}
