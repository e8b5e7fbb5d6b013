package dev.hairpin.credentialapi;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.hairpin.turnserver.credential.SharedSecrets;
import dev.hairpin.turnserver.net.IpAddress;
import dev.hairpin.turnserver.net.ListenUrl;
import dev.hairpin.turnserver.server.TurnServer;
import dev.hairpin.turnserver.server.TurnSettings;
import java.io.UncheckedIOException;
import java.net.BindException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StartTest {
  @Test
  void theUrlHasThePortThatTheSystemChose() {
    try (var api = Api.start()) {
      assertEquals("127.0.0.1", api.url().getHost());
      assertTrue(api.url().getPort() > 0);
    }
  }

  @Test
  void anIpv6AddressCanBeListenedOn() {
    try (var api = Api.start(listeningOn("http://[::1]:0"))) {
      assertTrue(api.url().toString().startsWith("http://[::1]:"));
      assertEquals(200, api.get("/healthz").statusCode());
    }
  }

  @Test
  void nothingListensOnAnotherAddress() {
    try (var api = Api.start()) {
      int port = api.url().getPort();
      assertThrows(ConnectException.class, () -> new Socket(loopback("127.0.0.2"), port).close());
    }
  }

  @Test
  void aPortThatIsTakenIsNamed() throws Exception {
    try (var taken = new ServerSocket(0, 1, loopback("127.0.0.1"))) {
      var settings = listeningOn("http://127.0.0.1:" + taken.getLocalPort());
      var e = assertThrows(UncheckedIOException.class, () -> Api.start(settings));
      String message = String.valueOf(e.getMessage());
      assertTrue(message.contains("http://127.0.0.1:" + taken.getLocalPort()), message);
      assertTrue(e.getCause() != null && e.getCause().getCause() instanceof BindException);
    }
  }

  @Test
  void aClosedApiListensNoMoreAndLeavesNoThreadBehind() throws Exception {
    var before = Thread.getAllStackTraces().keySet();
    var api = Api.start();
    assertEquals(200, api.get("/v1/ice-servers", Jwt.good("alice")).statusCode());
    api.close();

    int port = api.url().getPort();
    assertThrows(ConnectException.class, () -> new Socket(loopback("127.0.0.1"), port).close());
    for (Thread thread : Thread.getAllStackTraces().keySet()) {
      if (!before.contains(thread) && !thread.isDaemon()) {
        thread.join(Duration.ofSeconds(10));
        assertTrue(!thread.isAlive(), thread.getName());
      }
    }
  }

  @Test
  void noThreadOfTheTurnServerServesACall() {
    var serving = ConcurrentHashMap.<Thread>newKeySet();
    var settings =
        TurnSettings.of(SharedSecrets.of(Api.SECRET), ListenUrl.parse("udp://127.0.0.1:0"));
    try (var turn = TurnServer.start(settings)) {
      var relaying = Thread.getAllStackTraces().keySet();
      InstantSource clock =
          () -> {
            serving.add(Thread.currentThread());
            return Api.NOW;
          };
      try (var api = Api.start(Api.settings(), turn, clock)) {
        serving.clear();
        for (int i = 0; i < 10; i++) {
          assertEquals(200, api.get("/v1/ice-servers", Api.KEY).statusCode());
        }
        assertFalse(serving.isEmpty());
        serving.retainAll(relaying);
        assertEquals(Set.of(), serving);
      }
    }
  }

  @Test
  void twoRunSideBySide() {
    try (var one = Api.start();
        var two = Api.start()) {
      assertEquals(200, one.get("/v1/ice-servers", Api.KEY).statusCode());
      assertEquals(200, two.get("/v1/ice-servers", Api.KEY).statusCode());
    }
  }

  @Test
  void systemPropertiesOfTheFrameworkChangeNothing() {
    System.setProperty("micronaut.server.context-path", "/elsewhere");
    System.setProperty("micronaut.security.enabled", "false");
    try (var api = Api.start()) {
      assertEquals(401, api.get("/v1/ice-servers").statusCode());
    } finally {
      System.clearProperty("micronaut.server.context-path");
      System.clearProperty("micronaut.security.enabled");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "https://127.0.0.1:8080",
        "http://127.0.0.1",
        "http://127.0.0.1:65536",
        "http:8080",
        "http://user@127.0.0.1:8080",
        "http://127.0.0.1:8080/path",
        "http://127.0.0.1:8080?a",
        "http://127.0.0.1:8080/#a",
        "udp://127.0.0.1:8080",
        "/"
      })
  void aUrlThatCannotBeListenedOnIsRefusedWithAnExample(String url) {
    var e = assertThrows(IllegalArgumentException.class, () -> listeningOn(url));
    assertTrue(String.valueOf(e.getMessage()).contains("http://127.0.0.1:8080"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"http://a:1", "stun:a:1", "turn:", "turn://a:1", "turn:a b", ""})
  void aTurnUrlThatABrowserWouldNotTakeIsRefused(String url) {
    assertThrows(IllegalArgumentException.class, () -> handingOut(List.of(), List.of(url)));
  }

  @Test
  void withoutATurnUrlThereIsNothingToHandOut() {
    assertThrows(IllegalArgumentException.class, () -> handingOut(List.of(), List.of()));
    assertThrows(
        IllegalArgumentException.class, () -> handingOut(List.of("turn:a:1"), List.of("turn:a:1")));
  }

  private static InetAddress loopback(String literal) {
    return IpAddress.parse(literal).toInetAddress();
  }

  private static ApiSettings listeningOn(String url) {
    return new ApiSettings(
        URI.create(url),
        Api.settings().callers(),
        TtlRange.DEFAULT,
        List.of(),
        List.of(),
        List.of(Api.TURN_URL));
  }

  private static ApiSettings handingOut(List<String> stunUrls, List<String> turnUrls) {
    return new ApiSettings(
        URI.create("http://127.0.0.1:0"),
        Api.settings().callers(),
        TtlRange.DEFAULT,
        List.of(),
        stunUrls,
        turnUrls);
  }
}
