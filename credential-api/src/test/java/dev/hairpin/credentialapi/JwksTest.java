package dev.hairpin.credentialapi;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// JWTs whose keys an issuer publishes.
class JwksTest {
  private static final String PATH = "/v1/ice-servers";
  private static final String RSA = "r";
  private static final Tokens.Claims CLAIMS =
      new Tokens.Claims("scope", "org", "turn_ttl", "turn_limits");

  private volatile Instant now = Api.NOW;
  private final Issuer issuer = new Issuer("ours").with(RSA, "RS256");
  private Api api;

  @BeforeEach
  void start() {
    api = start(Set.copyOf(Tokens.Jwks.ALGORITHMS), List.of(Api.JWT_SECRET));
  }

  @AfterEach
  void stop() {
    api.close();
    issuer.close();
  }

  private Api start(Set<String> algorithms, List<String> secrets) {
    var tokens =
        new Tokens(secrets, new Tokens.Jwks(issuer.url(), algorithms), "ours", "turn", CLAIMS);
    var callers = new Callers(List.of(Api.KEY), tokens, null);
    return Api.start(Api.settings(callers, List.of()), null, () -> now);
  }

  @ParameterizedTest
  @ValueSource(strings = {"RS256", "PS256", "ES256", "ES384", "EdDSA"})
  void aTokenByAPublishedKeyIsGood(String algorithm) {
    issuer.with("k", algorithm);
    assertEquals(200, status(issuer.sign("k", algorithm, claims(""))));
    String header = "{\"alg\":\"" + algorithm + "\"}";
    assertEquals(200, status(issuer.sign("k", header, algorithm, claims(""))));
    assertEquals(1, issuer.fetches.get());
    assertEquals(200, status(hs256(claims(""))));
    assertEquals(200, status(Api.KEY));
  }

  @Test
  void anAlgorithmThatIsNotConfiguredIsNone() {
    issuer.with("e", "ES256");
    try (var other = start(Set.of("RS256"), List.of())) {
      assertEquals(200, other.get(PATH, issuer.sign(RSA, "RS256", claims(""))).statusCode());
      assertEquals(401, other.get(PATH, issuer.sign(RSA, "PS256", claims(""))).statusCode());
      assertEquals(401, other.get(PATH, issuer.sign("e", "ES256", claims(""))).statusCode());
      assertEquals(401, other.get(PATH, hs256(claims(""))).statusCode());
    }
  }

  @Test
  void aNewKeyIsFetchedOnceInTenSecondsHoweverManyAskForIt() {
    assertEquals(200, status(issuer.sign(RSA, "RS256", claims(""))));
    issuer.with("new", "RS256");
    String token = issuer.sign("new", "RS256", claims(""));
    now = Api.NOW.plusSeconds(9);
    for (int i = 0; i < 50; i++) {
      String header = "{\"alg\":\"RS256\",\"kid\":\"storm-" + i + "\"}";
      assertEquals(401, status(issuer.sign(RSA, header, "RS256", claims(""))));
      assertEquals(401, status(token));
    }
    assertEquals(1, issuer.fetches.get());
    now = Api.NOW.plusSeconds(10);
    assertEquals(200, status(token));
    assertEquals(2, issuer.fetches.get());
  }

  @Test
  void callsThatComeTogetherShareOneFetch() {
    String token = issuer.sign(RSA, "RS256", claims(""));
    issuer.answer =
        exchange -> {
          try {
            Thread.sleep(200); // the others come while this one is on its way
          } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
          }
          issuer.publish(exchange);
        };
    var statuses =
        IntStream.range(0, 8).parallel().map(_ -> status(token)).boxed().distinct().toList();
    assertEquals(List.of(200), statuses);
    assertEquals(1, issuer.fetches.get());
  }

  @Test
  void whileTheIssuerIsAwayTheLastKeysAreGoodForADay() {
    String token = issuer.sign(RSA, "RS256", claims("", Duration.ofDays(9)));
    assertEquals(200, status(token));
    issuer.answer = exchange -> Issuer.send(exchange, 503, new byte[0]);
    now = Api.NOW.plus(Duration.ofDays(1)).minusSeconds(1);
    assertEquals(200, status(token));
    assertEquals(2, issuer.fetches.get());
    String unknown = "{\"alg\":\"RS256\",\"kid\":\"other\"}";
    assertEquals(401, status(issuer.sign(RSA, unknown, "RS256", claims(""))));
    now = Api.NOW.plus(Duration.ofDays(1));
    assertEquals(401, status(token));
    issuer.answer = issuer::publish;
    now = now.plusSeconds(10);
    assertEquals(200, status(token));
  }

  @Test
  void aKeyThatIsNoLongerPublishedIsGoodForAQuarterOfAnHourAtMost() {
    issuer.with("old", "RS256");
    String token = issuer.sign("old", "RS256", claims(""));
    assertEquals(200, status(token));
    issuer.forget("old");
    now = Api.NOW.plus(Duration.ofMinutes(15)).minusSeconds(1);
    assertEquals(200, status(token));
    now = Api.NOW.plus(Duration.ofMinutes(15));
    assertEquals(401, status(token));
  }

  @Test
  void whatIsNoSetOfKeysWithinBoundsIsNone() {
    try (var elsewhere = new Issuer("other").with(RSA, "RS256")) {
      for (Issuer.Answer bad :
          List.<Issuer.Answer>of(
              exchange -> Issuer.send(exchange, 200, "no JSON".getBytes(UTF_8)),
              exchange -> Issuer.send(exchange, 200, "{\"keys\":1}".getBytes(UTF_8)),
              exchange -> Issuer.send(exchange, 200, "[".repeat(100_000).getBytes(UTF_8)),
              exchange -> Issuer.send(exchange, 404, new byte[0]),
              exchange -> Issuer.send(exchange, 200, " ".repeat((256 << 10) + 1).getBytes(UTF_8)),
              exchange -> {
                exchange.getResponseHeaders().add("Location", elsewhere.url().toString());
                Issuer.send(exchange, 302, new byte[0]);
              })) {
        issuer.answer = bad;
        now = now.plusSeconds(10);
        assertEquals(401, status(elsewhere.sign(RSA, "RS256", claims(""))));
        assertEquals(401, status(issuer.sign(RSA, "RS256", claims(""))));
      }
      assertEquals(0, elsewhere.fetches.get());
    }
  }

  @Test
  void aSlowIssuerHoldsNobodyUpButItsOwnCallers() {
    var over = new CountDownLatch(1);
    issuer.answer =
        exchange -> {
          exchange.sendResponseHeaders(200, 0);
          try (var body = exchange.getResponseBody()) {
            while (over.getCount() > 0) {
              body.write(' ');
              body.flush();
              Thread.sleep(20);
            }
          } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
          }
        };
    String token = issuer.sign(RSA, "RS256", claims(""));
    long began = System.nanoTime();
    var waiting =
        IntStream.range(0, 4).mapToObj(_ -> Thread.startVirtualThread(() -> status(token)));
    var threads = waiting.toList();
    for (int i = 0; i < 20; i++) {
      assertEquals(200, status(Api.KEY));
    }
    assertTrue(System.nanoTime() - began < 2_000_000_000L, "the loops waited");
    threads.forEach(JwksTest::join);
    long seconds = Duration.ofNanos(System.nanoTime() - began).toSeconds();
    over.countDown();
    assertTrue(seconds >= 3 && seconds < 6, () -> seconds + " s");
  }

  private static void join(Thread thread) {
    try {
      thread.join();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private int status(String token) {
    return api.get(PATH, token).statusCode();
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
