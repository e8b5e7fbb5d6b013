package dev.hairpin.credentialapi;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.math.BigInteger;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// What JWTs say, and what they ask for.
class TokensTest {
  private static final String PATH = "/v1/ice-servers";
  private static final String RSA = "r";
  private static final Tokens.Claims CLAIMS =
      new Tokens.Claims("scope", "org", "turn_ttl", "turn_limits");

  private static Issuer issuer = new Issuer("ours");
  private static Api api = Api.start();

  @BeforeAll
  static void start() {
    api.close();
    issuer
        .with(RSA, "RS256")
        .with("e", "ES256")
        .with("p", "ES384")
        .with("d", "EdDSA")
        .with("w", "weak")
        .with("ps", "PS256", ",\"alg\":\"PS256\"");
    var jwks = new Tokens.Jwks(issuer.url(), Set.copyOf(Tokens.Jwks.ALGORITHMS));
    var tokens = new Tokens(List.of(Api.JWT_SECRET), jwks, "ours", "turn", CLAIMS);
    api = Api.start(Api.settings(new Callers(List.of(Api.KEY), tokens, null), List.of()));
  }

  @AfterAll
  static void stop() {
    api.close();
    issuer.close();
  }

  @Test
  void aPublicKeyIsNoSecret() {
    byte[] der = issuer.publicKey(RSA);
    String pem =
        "-----BEGIN PUBLIC KEY-----\n"
            + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der)
            + "\n-----END PUBLIC KEY-----\n";
    for (String secret : List.of(pem, pem.strip(), new String(der, StandardCharsets.ISO_8859_1))) {
      for (String header : List.of("{\"alg\":\"HS256\"}", "{\"alg\":\"HS256\",\"kid\":\"r\"}")) {
        assertEquals(401, status(Jwt.sign(header, claims(""), "HmacSHA256", secret)));
      }
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          {"alg":"none"}
          {"alg":"nOnE","kid":"r"}
          {"kid":"r"}
          {"alg":"rs256","kid":"r"}
          {"alg":"RS512","kid":"r"}
          {"alg":"ES256","kid":"r"}
          {"alg":"EdDSA","kid":"r"}
          {"alg":["RS256"],"kid":"r"}
          {"alg":"RS256","kid":1}
          {"alg":"RS256","kid":"r","crit":["exp"],"exp":1}
          {"alg":"RS256","kid":"r","crit":["b64"],"b64":true}
          {"alg":"RS256","kid":"r","crit":[]}
          {"alg":"RS256","kid":"r","zip":"DEF"}
          {"alg":"RS256","kid":"r","alg":"RS256"}
          """)
  void aHeaderThatAsksForAnythingElseGets401(String header) {
    assertEquals(401, status(issuer.sign(RSA, header, "RS256", claims(""))));
    assertEquals(200, status(issuer.sign(RSA, "RS256", claims(""))));
  }

  @Test
  void aHeaderThatPointsToKeysIsNotFollowed() {
    try (var evil = new Issuer("other").with(RSA, "RS256")) {
      String own = "{\"kty\":\"RSA\",\"n\":\"AQAB\",\"e\":\"AQAB\"}";
      for (String pointer :
          List.of(
              "\"jku\":\"" + evil.url() + "\"",
              "\"x5u\":\"" + evil.url() + "\"",
              "\"jwk\":" + own,
              "\"x5c\":[\"AAAA\"]")) {
        String header = "{\"alg\":\"RS256\",\"kid\":\"r\"," + pointer + "}";
        assertEquals(401, status(evil.sign(RSA, header, "RS256", claims(""))), pointer);
      }
      assertEquals(0, evil.fetches.get());
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "../../etc/passwd",
        "/dev/null",
        "' OR '1'='1",
        "http://127.0.0.1/",
        "file:///etc/passwd",
        "R",
        "r ",
        "r\\u0000",
        "*",
        ""
      })
  void aKidIsAnIdAndNothingElse(String kid) {
    String header = "{\"alg\":\"RS256\",\"kid\":\"" + kid + "\"}";
    assertEquals(401, status(issuer.sign(RSA, header, "RS256", claims(""))));
    String tooLong = "{\"alg\":\"RS256\",\"kid\":\"" + "r".repeat(129) + "\"}";
    int before = issuer.fetches.get();
    assertEquals(401, status(issuer.sign(RSA, tooLong, "RS256", claims(""))));
    assertEquals(before, issuer.fetches.get());
  }

  @Test
  void signaturesThatProveNothingAreNone() {
    byte[] order =
        new BigInteger("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551", 16)
            .toByteArray();
    byte[] both = new byte[64];
    System.arraycopy(order, 1, both, 0, 32);
    System.arraycopy(order, 1, both, 32, 32);
    for (byte[] signature : List.of(new byte[64], both, new byte[0], new byte[63])) {
      assertEquals(401, status(unsigned("e", "ES256") + "." + Issuer.base64(signature)));
    }
    assertEquals(401, status(unsigned("p", "ES384") + "." + Issuer.base64(new byte[96])));
    assertEquals(401, status(unsigned("d", "EdDSA") + "." + Issuer.base64(new byte[64])));
    assertEquals(401, status(unsigned("d", "EdDSA") + "." + Issuer.base64(new byte[3])));
    assertEquals(401, status(unsigned(RSA, "RS256") + "." + Issuer.base64(new byte[256])));
    assertEquals(401, status(unsigned(RSA, "PS256") + "." + Issuer.base64(new byte[256])));
  }

  @Test
  void aKeyIsForItsOwnAlgorithmAndStrongEnough() {
    assertEquals(401, status(issuer.sign("w", "RS256", claims(""))));
    assertEquals(401, status(issuer.sign("ps", "RS256", claims(""))));
    assertEquals(200, status(issuer.sign("ps", "PS256", claims(""))));
    String header = "{\"alg\":\"ES256\",\"kid\":\"p\"}";
    assertEquals(401, status(issuer.sign("p", header, "ES384", claims(""))));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "http://login.example.org/jwks",
        "ftp://127.0.0.1/jwks",
        "file:///etc/passwd",
        "https:///jwks",
        "https://user:password@login.example.org/jwks",
        "https://login.example.org/jwks#x",
        "http://127.0.0.1.evil.example/jwks",
        "http://localhost.evil.example/jwks",
        "http://169.254.169.254/jwks"
      })
  void aUrlThatIsNotEncryptedOrTellsTooMuchIsRefusedAtTheStart(String url) {
    var algorithms = Set.of("RS256");
    var uri = URI.create(url);
    assertThrows(IllegalArgumentException.class, () -> new Tokens.Jwks(uri, algorithms));
  }

  @Test
  void issuerAndAudienceAreAskedForWhereKeysArePublished() {
    var jwks = new Tokens.Jwks(issuer.url(), Set.of("RS256"));
    var none = Tokens.Claims.NONE;
    List<@Nullable String[]> missing =
        List.of(new @Nullable String[] {null, "a"}, new @Nullable String[] {"i", null});
    for (var pair : missing) {
      assertThrows(
          IllegalArgumentException.class,
          () -> new Tokens(List.of(), jwks, pair[0], pair[1], none));
    }
    String other = claims("").replace("\"aud\":\"turn\"", "\"aud\":\"mail\"");
    assertEquals(401, status(issuer.sign(RSA, "RS256", other)));
    assertEquals(
        401, status(issuer.sign(RSA, "RS256", claims("").replace("\"ours\"", "\"theirs\""))));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          "scope":"openid read"           | 200
          "scope":["read","manage"]       | 200
          "scope":"openid"                | 403
          "scope":"READ"                  | 403
          "scope":""                      | 403
          "scopes":"read"                 | 403
          "scope":1                       | 401
          "scope":null                    | 401
          "scope":[1]                     | 401
          "scope":{"read":true}           | 401
          """)
  void aClaimGivesFurtherScopes(String claim, int status) {
    String token = issuer.sign(RSA, "RS256", claims("," + claim));
    assertEquals(status == 200 ? 501 : status, api.get("/v1/keys", token).statusCode());
    assertEquals(status == 401 ? 401 : 200, status(token));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          "turn_ttl":60                              | :alice                          | 60
          "turn_ttl":999999                          | :alice                          | 21600
          "turn_limits":"allocations=2;relay-only"   | :~relay-only;allocations=2~alice | 21600
          "turn_limits":""                           | :alice                          | 21600
          """)
  void claimsBoundTheCredentials(String claim, String rest, int seconds) {
    var response = api.get(PATH, issuer.sign(RSA, "RS256", claims("," + claim)));
    String username = "\"username\":\"" + (Api.NOW.getEpochSecond() + seconds) + rest + "\"";
    assertTrue(response.body().contains(username), response.body());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\"turn_ttl\":0",
        "\"turn_ttl\":-1",
        "\"turn_ttl\":1.5",
        "\"turn_ttl\":\"60\"",
        "\"turn_ttl\":1e99",
        "\"turn_ttl\":null",
        "\"turn_limits\":\"bytes=0\"",
        "\"turn_limits\":\"tenant=acme\"",
        "\"turn_limits\":[]",
        "\"org\":\"A B\"",
        "\"org\":\"\"",
        "\"org\":1",
        "\"iat\":\"1795230000\"",
        "\"iat\":null",
        "\"iat\":-1",
        "\"iat\":1e300",
        "\"nbf\":\"0\"",
        "\"nbf\":null"
      })
  void aClaimThatIsMalformedGets401(String claim) {
    assertEquals(401, status(issuer.sign(RSA, "RS256", claims("," + claim))));
  }

  @Test
  void aTokenIsGoodForADayAfterItWasMade() {
    long second = Api.NOW.getEpochSecond();
    for (long age : List.of(-30L, 0L, 86_400L, 86_429L)) {
      assertEquals(200, status(hs256(claims(",\"iat\":" + (second - age)))), () -> age + " s");
    }
    for (long age : List.of(-31L, 86_430L)) {
      assertEquals(401, status(hs256(claims(",\"iat\":" + (second - age)))), () -> age + " s");
    }
  }

  @Test
  void aTokenOfATenantIsNotForTheServersOwn() {
    assertEquals(403, status(issuer.sign(RSA, "RS256", claims(",\"org\":\"acme\""))));
  }

  @Test
  void aTokenThatIsTooLongGets401() {
    String claims = claims(",\"x\":\"" + "x".repeat(5_700) + "\"");
    String token = hs256(claims);
    assertTrue(token.length() < 8_000, () -> "" + token.length());
    assertEquals(200, status(token));
    assertTrue(status(hs256(claims(",\"x\":\"" + "x".repeat(6_200) + "\""))) >= 400);
  }

  @Test
  void encryptedAndNestedTokensAreNone() {
    for (String alg : List.of("dir", "RSA-OAEP", "PBES2-HS256+A128KW")) {
      String header = "{\"alg\":\"" + alg + "\",\"enc\":\"A128GCM\",\"zip\":\"DEF\",\"p2c\":1}";
      String part = Issuer.base64(header.getBytes(UTF_8));
      assertEquals(401, status(part + ".AAAA.AAAA.AAAA.AAAA"));
    }
    String nested = "{\"alg\":\"RS256\",\"kid\":\"r\",\"cty\":\"JWT\"}";
    assertEquals(401, status(issuer.sign(RSA, nested, "RS256", "\"eyJ.e30.AAAA\"")));
  }

  private static int status(String token) {
    return api.get(PATH, token).statusCode();
  }

  private static String unsigned(String kid, String algorithm) {
    return Jwt.unsigned("{\"alg\":\"" + algorithm + "\",\"kid\":\"" + kid + "\"}", claims(""));
  }

  private static String hs256(String claims) {
    return Jwt.sign(Jwt.HS256, claims, "HmacSHA256", Api.JWT_SECRET);
  }

  private static String claims(String more) {
    return claims(more, Duration.ofHours(1));
  }

  private static String claims(String more, Duration life) {
    return "{\"sub\":\"alice\",\"iss\":\"ours\",\"aud\":\"turn\",\"exp\":%d%s}"
        .formatted(Api.NOW.plus(life).getEpochSecond(), more);
  }
}
