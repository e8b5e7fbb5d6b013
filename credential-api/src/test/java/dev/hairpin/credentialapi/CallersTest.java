package dev.hairpin.credentialapi;

import static dev.hairpin.credentialapi.Api.header;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.http.HttpResponse;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class CallersTest {
  private static final String PATH = "/v1/ice-servers";
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
  void everyKeyIsGood() {
    assertEquals(200, api.get(PATH, Api.KEY).statusCode());
    assertEquals(200, api.get(PATH, Api.OTHER_KEY).statusCode());
  }

  @Test
  void theSchemeIsNamedInAnyCase() {
    var request = api.request(PATH).header("Authorization", "bearer " + Api.KEY);
    assertEquals(200, api.send(request).statusCode());
  }

  @Test
  void aMissingKeyGets401() {
    assertRefused(api.get(PATH));
  }

  @Test
  void anUnknownKeyGets401() {
    assertRefused(api.get(PATH, "an-unknown-api-key-of-the-tests"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "Bearer",
        "Bearer ",
        Api.KEY,
        "Basic " + Api.KEY,
        "Token " + Api.KEY,
        "Digest " + Api.KEY,
        "Bearer  " + Api.KEY,
        "Bearer" + Api.KEY,
        "Bearer " + Api.KEY + "x",
        "Bearer x" + Api.KEY,
        "Bearer " + Api.KEY + "," + Api.KEY,
        "Bearer THE-FIRST-API-KEY-OF-THE-TESTS",
        "Bearer the-first-api-key-of-the-test",
        "Bearer \"" + Api.KEY + "\""
      })
  void anAuthorizationThatIsNotBearerAndAKeyGets401(String authorization) {
    assertRefused(api.send(api.request(PATH).header("Authorization", authorization)));
  }

  @Test
  void aThousandGuessesLetNobodyInAndLockNobodyOut() {
    double before = refusals();
    for (int i = 0; i < 1_000; i++) {
      assertEquals(401, api.get(PATH, "a-guessed-api-key-of-the-tests-" + i).statusCode());
    }
    assertEquals(before + 1_000, refusals());
    assertEquals(200, api.get(PATH, Api.KEY).statusCode());
  }

  private static double refusals() {
    String series = "hairpin_api_refusals_total{status=\"401\"} ";
    return api.get("/metrics")
        .body()
        .lines()
        .filter(line -> line.startsWith(series))
        .mapToDouble(line -> Double.parseDouble(line.substring(series.length())))
        .sum();
  }

  @Test
  void noKeyOfAnyLengthOrFormButTheRightOneIsTaken() {
    for (String wrong :
        List.of(
            "null",
            Api.KEY.substring(1),
            Api.KEY.substring(0, Api.KEY.length() - 1),
            Api.KEY + Api.KEY,
            Api.KEY.toUpperCase(Locale.ROOT),
            Api.SECRET,
            Api.JWT_SECRET,
            "x".repeat(6_000))) {
      assertEquals(401, api.get(PATH, wrong).statusCode(), wrong);
    }
    var oversized = api.get(PATH, "x".repeat(10_000)).statusCode();
    assertTrue(oversized >= 400 && oversized < 500, () -> "status " + oversized);
  }

  @Test
  void twoAuthorizationsGet401() {
    var request = api.request(PATH, Api.KEY).header("Authorization", "Bearer " + Api.KEY);
    assertRefused(api.send(request));
  }

  @Test
  void aKeyInTheQueryOrInACookieGets401() {
    assertRefused(api.get(PATH + "?key=" + Api.KEY));
    assertRefused(api.get(PATH + "?access_token=" + Api.KEY));
    assertRefused(api.send(api.request(PATH).header("Cookie", "JWT=" + Jwt.good("alice"))));
  }

  @Test
  void theSubjectOfATokenIsTheUser() {
    assertTrue(user(api.get(PATH, Jwt.good("@alice:example.org"))).endsWith(":@alice:example.org"));
    assertTrue(user(api.get(PATH + "?user=alice", Jwt.good("alice"))).endsWith(":alice"));
    assertTrue(user(api.post(Jwt.good("alice"), "{\"user\":\"alice\"}")).endsWith(":alice"));
  }

  @Test
  void aTokenByAnySecretIsGood() {
    String token = Jwt.sign(Jwt.HS256, Jwt.claims("alice", 60), "HmacSHA256", Api.OTHER_JWT_SECRET);
    assertEquals(200, api.get(PATH, token).statusCode());
  }

  @Test
  void aTokenForOneUserDoesNotServeAnother() {
    for (String path : List.of(PATH + "?user=bob", PATH + "?user=")) {
      var response = api.get(path, Jwt.good("alice"));
      assertEquals(403, response.statusCode());
      assertEquals("application/problem+json", header(response, "Content-Type"));
      assertEquals(
          Api.problem(403, "Forbidden", "this token is for its subject; leave user out"),
          response.body());
    }
    assertEquals(403, api.post(Jwt.good("alice"), "{\"user\":\"bob\"}").statusCode());
  }

  @Test
  void clocksMayBeHalfAMinuteApart() {
    assertEquals(200, api.get(PATH, signed(Jwt.claims("alice", -29))).statusCode());
    assertEquals(200, api.get(PATH, signed(withNotBefore(30))).statusCode());
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("forgeries")
  void aForgedOrStaleTokenGets401(String what, String token) {
    assertFalse(what.isEmpty());
    assertRefused(api.get(PATH, token));
  }

  static Stream<Arguments> forgeries() {
    String good = Jwt.good("alice");
    String claims = Jwt.claims("alice", 3600);
    String expired = Jwt.claims("alice", -31);
    long exp = Api.NOW.getEpochSecond() + 3600;
    return Stream.of(
        Arguments.of("alg none", Jwt.unsigned("{\"alg\":\"none\"}", claims) + "."),
        Arguments.of("alg nOnE", Jwt.unsigned("{\"alg\":\"nOnE\"}", claims) + "."),
        Arguments.of("alg none, signed", by("{\"alg\":\"none\"}", claims, "HmacSHA256")),
        Arguments.of("no alg", by("{\"typ\":\"JWT\"}", claims, "HmacSHA256")),
        Arguments.of("alg hs256", by("{\"alg\":\"hs256\"}", claims, "HmacSHA256")),
        Arguments.of("HS384", by("{\"alg\":\"HS384\"}", claims, "HmacSHA384")),
        Arguments.of("HS512", by("{\"alg\":\"HS512\"}", claims, "HmacSHA512")),
        Arguments.of("HS512 by HS256", by("{\"alg\":\"HS512\"}", claims, "HmacSHA256")),
        Arguments.of("RS256", by("{\"alg\":\"RS256\"}", claims, "HmacSHA256")),
        Arguments.of("ES256", by("{\"alg\":\"ES256\"}", claims, "HmacSHA256")),
        Arguments.of("crit", by("{\"alg\":\"HS256\",\"crit\":[\"x\"],\"x\":1}", claims)),
        Arguments.of(
            "own key", by("{\"alg\":\"HS256\",\"jwk\":{\"kty\":\"oct\"}}", claims, "HmacMD5")),
        Arguments.of("no signature", good.substring(0, good.lastIndexOf('.') + 1)),
        Arguments.of("no signature, no dot", good.substring(0, good.lastIndexOf('.'))),
        Arguments.of("signature cut", good.substring(0, good.length() - 4)),
        Arguments.of("signature of another", Jwt.unsigned(Jwt.HS256, claims) + signatureOf("bob")),
        Arguments.of("unknown secret", Jwt.sign(Jwt.HS256, claims, "HmacSHA256", "x".repeat(40))),
        Arguments.of("the TURN secret", Jwt.sign(Jwt.HS256, claims, "HmacSHA256", Api.SECRET)),
        Arguments.of("an API key", Jwt.sign(Jwt.HS256, claims, "HmacSHA256", Api.KEY)),
        Arguments.of("expired", signed(expired)),
        Arguments.of("no exp", signed("{\"sub\":\"alice\"}")),
        Arguments.of("exp null", signed("{\"sub\":\"alice\",\"exp\":null}")),
        Arguments.of("exp text", signed("{\"sub\":\"alice\",\"exp\":\"" + exp + "\"}")),
        Arguments.of("exp negative", signed("{\"sub\":\"alice\",\"exp\":-1}")),
        Arguments.of("exp 1e300", signed("{\"sub\":\"alice\",\"exp\":1e300}")),
        Arguments.of("not yet", signed(withNotBefore(31))),
        Arguments.of("no sub", signed("{\"exp\":" + exp + "}")),
        Arguments.of("sub empty", signed(Jwt.claims("", 3600))),
        Arguments.of("sub with a line end", signed(Jwt.claims("a\\nb", 3600))),
        Arguments.of("sub too long", signed(Jwt.claims("a".repeat(256), 3600))),
        Arguments.of("claims no object", signed("[]")),
        Arguments.of("claims no JSON", signed("alice")),
        Arguments.of("header no JSON", by("HS256", claims)),
        Arguments.of("empty parts", ".."),
        Arguments.of("encrypted", "eyJhbGciOiJkaXIiLCJlbmMiOiJBMTI4R0NNIn0..AAAA.AAAA.AAAA"),
        Arguments.of("four parts", good + ".AAAA"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"{\"alg\":\"none\"}", "{\"alg\":\"NONE\"}"})
  void withoutAJwtSecretAnUnsignedTokenGets401(String header) {
    var keysOnly = Api.settings(new Callers(List.of(Api.KEY), List.of()), List.of());
    try (var other = Api.start(keysOnly)) {
      String token = Jwt.unsigned(header, Jwt.claims("alice", 3600)) + ".";
      assertRefused(other.get(PATH, token));
      assertRefused(other.get(PATH, Jwt.good("alice")));
      assertEquals(200, other.get(PATH, Api.KEY).statusCode());
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          "iss":"ours","aud":"turn"             | 200
          "iss":"ours","aud":["mail","turn"]    | 200
          "iss":"ours"                          | 401
          "iss":"ours","aud":"mail"             | 401
          "iss":"ours","aud":["mail"]           | 401
          "iss":"ours","aud":[]                 | 401
          "iss":"ours","aud":"Turn"             | 401
          "iss":"ours","aud":"turn,mail"        | 401
          "aud":"turn"                          | 401
          "iss":"theirs","aud":"turn"           | 401
          "iss":"OURS","aud":"turn"             | 401
          "iss":["ours"],"aud":"turn"           | 401
          "iss":null,"aud":"turn"               | 401
          "x":"ours"                            | 401
          """)
  void aTokenIsOfTheIssuerAndForTheAudienceThatAreAskedFor(String claims, int status) {
    var asking = new Callers(List.of(Api.KEY), List.of(Api.JWT_SECRET), "ours", "turn");
    try (var other = Api.start(Api.settings(asking, List.of()))) {
      String all = Jwt.claims("alice", 3600).replace("}", "," + claims + "}");
      assertEquals(status, other.get(PATH, signed(all)).statusCode());
      assertEquals(200, other.get(PATH, Api.KEY).statusCode());
    }
  }

  @Test
  void whatTokensHaveToSayChangesWithTheCallers() {
    var keys = List.of(Api.KEY);
    var secrets = List.of(Api.JWT_SECRET);
    try (var other = Api.start(Api.settings(new Callers(keys, secrets), List.of()))) {
      assertEquals(200, other.get(PATH, Jwt.good("alice")).statusCode());
      other.apply(new Callers(keys, secrets, "ours", null));
      assertRefused(other.get(PATH, Jwt.good("alice")));
      other.apply(new Callers(keys, secrets));
      assertEquals(200, other.get(PATH, Jwt.good("alice")).statusCode());
    }
  }

  @Test
  void withoutAnApiKeyTokensAreStillGood() {
    var tokensOnly = Api.settings(new Callers(List.of(), List.of(Api.JWT_SECRET)), List.of());
    try (var other = Api.start(tokensOnly)) {
      assertEquals(200, other.get(PATH, Jwt.good("alice")).statusCode());
      assertRefused(other.get(PATH, Api.KEY));
      assertRefused(other.get(PATH, ""));
    }
  }

  @Test
  void withoutAKeyAndWithoutASecretThereIsNoStart() {
    assertThrows(IllegalArgumentException.class, () -> new Callers(List.of(), List.of()));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "short", "fifteen-letters", "with a blank in it", "schlüssel-mit-ü-drin"})
  void aKeyThatIsShortOrCannotTravelIsRefusedWithoutBeingRepeated(String key) {
    var e =
        assertThrows(IllegalArgumentException.class, () -> new Callers(List.of(key), List.of()));
    assertTrue(key.isEmpty() || !String.valueOf(e.getMessage()).contains(key));
  }

  @Test
  void aJwtSecretOfLessThan32BytesIsRefusedWithoutBeingRepeated() {
    String secret = "x".repeat(31);
    var e =
        assertThrows(IllegalArgumentException.class, () -> new Callers(List.of(), List.of(secret)));
    assertFalse(String.valueOf(e.getMessage()).contains(secret));
  }

  private static void assertRefused(HttpResponse<String> response) {
    assertEquals(401, response.statusCode(), response.body());
    assertEquals("Bearer", header(response, "WWW-Authenticate"));
    assertEquals("application/problem+json", header(response, "Content-Type"));
    assertEquals(
        Api.problem(
            401, "Unauthorized", "a valid API key or JWT is needed, as Authorization: Bearer"),
        response.body());
  }

  private static String user(HttpResponse<String> response) {
    String body = response.body();
    int start = body.indexOf("\"username\":\"") + 12;
    return body.substring(start, body.indexOf('"', start));
  }

  private static String withNotBefore(long secondsFromNow) {
    long now = Api.NOW.getEpochSecond();
    return "{\"sub\":\"alice\",\"exp\":%d,\"nbf\":%d}".formatted(now + 3600, now + secondsFromNow);
  }

  private static String signed(String claims) {
    return by(Jwt.HS256, claims, "HmacSHA256");
  }

  private static String by(String header, String claims) {
    return by(header, claims, "HmacSHA256");
  }

  private static String by(String header, String claims, String macAlgorithm) {
    return Jwt.sign(header, claims, macAlgorithm, Api.JWT_SECRET);
  }

  private static String signatureOf(String subject) {
    String token = Jwt.good(subject);
    return token.substring(token.lastIndexOf('.'));
  }
}
