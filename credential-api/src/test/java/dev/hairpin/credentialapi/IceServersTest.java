package dev.hairpin.credentialapi;

import static dev.hairpin.credentialapi.Api.KEY;
import static dev.hairpin.credentialapi.Api.header;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.net.URI;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class IceServersTest {
  private static Api api;

  @BeforeAll
  static void start() {
    api = Api.start();
  }

  @AfterAll
  static void stop() {
    api.close();
  }

  @Test
  void theAnswerIsWhatAPeerConnectionTakes() {
    var response = api.post(KEY, "{\"user\":\"alice\",\"ttl\":3600}");

    assertEquals(200, response.statusCode());
    assertEquals(answer("1795233600:alice", 3600, "2026-11-21T04:00:00Z"), response.body());
    assertEquals("application/json", header(response, "Content-Type"));
    assertEquals("no-store", header(response, "Cache-Control"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "peers | is a list of addresses and prefixes, such as 203.0.113.0/24"
            + " | 5 null true {} [] '10.0.0.0/8' [5] [null] [[]] [''] ['a'] ['10.0.0.1/8']"
            + " ['10.0.0.0/33'] ['10.0.0.0/8;bytes=1'] ['10.0.0.1','b'] ['10.0.0.1~']"
            + " ['10.0.0.1,10.0.0.2']",
        "transports | is a list of udp, tcp, tls and dtls, each once at most"
            + " | 5 null 'udp' [] ['udp','udp'] ['UDP'] ['udp,tcp'] ['quic'] [''] [6] {'udp':1}",
        "relayOnly | is true or false | 1 null 'true' [] [true] {}",
        "allocations | is a whole number, 1 to 999999999"
            + " | 0 -1 1.0 1e3 '1' null true [1] {} 1000000000 18446744073709551617",
        "bytesPerSecond | is a whole number, 1000 to 999999999"
            + " | 0 -1 999 1000.0 1e3 '1000' null [1000] 1000000000",
        "bytes | is a whole number, 1 to 1000000000000000"
            + " | 0 -0 -1 1.0 1e3 '1' null [1] 1000000000000001 99999999999999999999999999"
      })
  void aLimitThatIsNotUnderstoodGets400AndIsNamed(String field, String detail, String values) {
    for (String value : values.split(" ", -1)) {
      var response = api.post(KEY, "{'%s':%s}".formatted(field, value).replace('\'', '"'));
      assertMalformed(response);
      assertEquals(Api.problem(400, "Bad Request", field + " " + detail), response.body(), value);
    }
  }

  @Test
  void whatIsTooLongForAUsernameGets400AndIsToldHowLong() {
    String peers = String.join("\",\"", Collections.nCopies(28, "255.255.255.0/24"));
    String user = "u".repeat(508 - 19 - 28 * 17 + 1);
    String body = "{\"peers\":[\"" + peers + "\"],\"user\":\"";
    assertEquals(200, api.post(KEY, body + user + "\"}").statusCode());
    var response = api.post(KEY, body + user + "ä\"}");
    assertMalformed(response);
    assertEquals(
        Api.problem(
            400,
            "Bad Request",
            "user and limits make a username of 510 bytes, and 508 is the most"),
        response.body());
  }

  @Test
  void anEmptyBodyAsksForTheDefaultLifetimeAndNoUser() {
    String expected = answer("1795251600", 21600, "2026-11-21T09:00:00Z");

    assertEquals(expected, api.post(KEY, "").body());
    assertEquals(expected, api.post(KEY, "{}").body());
    var bare = api.request("/v1/ice-servers", KEY).POST(BodyPublishers.noBody());
    assertEquals(expected, api.send(bare).body());
  }

  @Test
  void getAnswersLikePost() {
    assertEquals(
        answer("1795233600:@a:b", 3600, "2026-11-21T04:00:00Z"),
        api.get("/v1/ice-servers?user=%40a%3Ab&ttl=3600", KEY).body());
    assertEquals(
        answer("1795251600", 21600, "2026-11-21T09:00:00Z"),
        api.get("/v1/ice-servers", KEY).body());
  }

  @ParameterizedTest
  @CsvSource({
    "1, 60, 2026-11-21T03:01:00Z",
    "60, 60, 2026-11-21T03:01:00Z",
    "61, 61, 2026-11-21T03:01:01Z",
    "86400, 86400, 2026-11-22T03:00:00Z",
    "86401, 86400, 2026-11-22T03:00:00Z",
    "999999999, 86400, 2026-11-22T03:00:00Z"
  })
  void theLifetimeIsClampedAndTheAnswerSaysSo(int wish, int granted, String end) {
    long expiry = Api.NOW.getEpochSecond() + granted;
    assertEquals(
        answer(Long.toString(expiry), granted, end),
        api.post(KEY, "{\"ttl\":" + wish + "}").body());
  }

  @Test
  void manyUrlsShareOneEntryAndWithoutStunUrlsThereIsNoEntryForThem() {
    var settings = Api.settings();
    var withoutStun =
        new ApiSettings(
            URI.create("http://127.0.0.1:0"),
            settings.callers(),
            settings.ttl(),
            List.of(),
            List.of(),
            List.of("turn:192.0.2.1:3478?transport=udp", "turn:[2001:db8::1]:3478?transport=udp"));
    try (var other = Api.start(withoutStun)) {
      String body = other.post(KEY, "{}").body();
      assertEquals(
          "{\"iceServers\":[{\"urls\":[\"turn:192.0.2.1:3478?transport=udp\","
              + "\"turn:[2001:db8::1]:3478?transport=udp\"],\"username\":",
          body.substring(0, body.indexOf("\"1795")));
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "[]",
        "5",
        "\"alice\"",
        "null",
        "{",
        "{}{}",
        "{} x",
        "{\"user\":\"a\",\"user\":\"b\"}",
        "{\"user\":5}",
        "{\"user\":true}",
        "{\"user\":null}",
        "{\"user\":[\"a\"]}",
        "{\"user\":{\"a\":1}}",
        "{\"user\":\"a\\nb\"}",
        "{\"user\":\"\\ud800\"}",
        "{\"user\":\"\\u202e\"}",
        "{\"user\":\"\\u0000\"}",
        "{\"ttl\":\"60\"}",
        "{\"ttl\":60.0}",
        "{\"ttl\":6e1}",
        "{\"ttl\":0}",
        "{\"ttl\":-1}",
        "{\"ttl\":-0}",
        "{\"ttl\":1000000000}",
        "{\"ttl\":99999999999999999999999}",
        "{\"ttl\":true}",
        "{\"ttl\":null}",
        "{\"ttl\":NaN}",
        "{\"ttl\":060}",
        "{\"TTL\":60}",
        "{\"lifetime\":60}",
        "{\"relay-only\":true}",
        "{\"bytes-per-second\":1000}",
        "{\"bytes\":1,\"bytes\":1}",
        "{\"peers\":[\"10.0.0.1\"",
        "{\"relayOnly\":",
        "{\"user\":\"a\",}",
        "{'user':'a'}",
        "{user:\"a\"}",
        "{\"user\":\"a\"/**/}",
        "[[[[[[[[[[[[[[[[[[[[[[[[[["
      })
  void aBodyThatIsNotUnderstoodGets400(String json) {
    assertMalformed(api.post(KEY, json));
  }

  @Test
  void aUserOf255BytesIsTheLongest() {
    String longest = "ä".repeat(127) + "a";
    assertEquals(200, api.post(KEY, "{\"user\":\"" + longest + "\"}").statusCode());
    assertMalformed(api.post(KEY, "{\"user\":\"" + longest + "a\"}"));
  }

  @Test
  void brokenUtf8Gets400() {
    byte[] broken = "{\"user\":\"a?\"}".getBytes(StandardCharsets.US_ASCII);
    broken[10] = (byte) 0xff;
    assertMalformed(
        api.send(
            api.request("/v1/ice-servers", KEY)
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofByteArray(broken))));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "ttl=0",
        "ttl=-1",
        "ttl=+1",
        "ttl=",
        "ttl=1.0",
        "ttl=%2060",
        "ttl=60&ttl=61",
        "user=a&user=a",
        "user=%00",
        "user=%0d%0a",
        "user=%ff",
        "key=" + KEY,
        "service=turn",
        "TTL=60",
        "bytes=1",
        "peers=10.0.0.1",
        "relayOnly=true",
        "ttl=60&x"
      })
  void aQueryThatIsNotUnderstoodGets400(String query) {
    assertMalformed(api.get("/v1/ice-servers?" + query, KEY));
  }

  @Test
  void wishesInTheQueryOfAPostAreRefusedRatherThanIgnored() {
    var request = api.request("/v1/ice-servers?ttl=60", KEY).POST(BodyPublishers.noBody());
    assertMalformed(api.send(request));
  }

  private static void assertMalformed(HttpResponse<String> response) {
    assertEquals(400, response.statusCode(), response.body());
    assertEquals("application/problem+json", header(response, "Content-Type"));
    assertEquals("no-store", header(response, "Cache-Control"));
  }

  private static String answer(String username, long ttl, String expiresAt) {
    return """
    {"iceServers":[{"urls":["%s"]},{"urls":["%s"],"username":"%s","credential":"%s"}],"ttl":%d,"expiresAt":"%s"}\
    """
        .formatted(Api.STUN_URL, Api.TURN_URL, username, Api.password(username), ttl, expiresAt);
  }
}
