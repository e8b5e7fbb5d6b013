package dev.hairpin.deploy.check;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.hairpin.deploy.browser.TestAuthority;
import dev.hairpin.turnserver.credential.CredentialIssuer;
import dev.hairpin.turnserver.credential.SharedSecrets;
import dev.hairpin.turnserver.credential.UserId;
import dev.hairpin.turnserver.net.ListenUrl;
import dev.hairpin.turnserver.net.TransportAddress;
import dev.hairpin.turnserver.server.TurnServer;
import dev.hairpin.turnserver.server.TurnSettings;
import dev.hairpin.turnserver.telemetry.Counter;
import dev.hairpin.turnserver.transport.StreamSettings.CertificateFiles;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URI;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.logging.LogManager;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ProbeTest {
  private static final String KEY = "the-api-key-of-the-tests";
  private static final SharedSecrets SECRETS = SharedSecrets.of("the secret of the tests");

  @TempDir Path folder;

  /// What a probe printed, and whether it was content.
  private record Outcome(boolean passed, String text) {}

  @BeforeAll
  static void silenceTheClientLibrary() {
    LogManager.getLogManager().reset();
  }

  @ParameterizedTest
  @ValueSource(strings = {"udp://127.0.0.1:0", "udp://[::1]:0"})
  void aServerThatWorksPassesEveryStep(String listener) throws IOException, InterruptedException {
    try (var server = TurnServer.start(TurnSettings.of(SECRETS, ListenUrl.parse(listener)));
        var api = new MockApi(KEY, answer(server.listenAddresses().getFirst(), SECRETS))) {
      var outcome = probe(api.url(), KEY);
      assertTrue(outcome.passed(), outcome.text());
      var address = server.listenAddresses().getFirst();
      assertEquals(
          List.of("credentials", "stun:" + address, "turn:" + address + "?transport=udp"),
          passedSteps(outcome));
      assertTrue(outcome.text().matches("(?s)✓ .* [0-9]+ ms .*"), outcome.text());
      assertFalse(outcome.text().contains(KEY), outcome.text());
      // One payload each way by the server's own account, or more where one was sent again.
      assertTrue(server.telemetry().get(Counter.TO_PEER_PACKETS) >= 2);
      assertTrue(server.telemetry().get(Counter.TO_CLIENT_PACKETS) >= 2);
    }
  }

  @Test
  void everyTransportIsCheckedAndTheTableLinesUp() throws IOException, InterruptedException {
    var authority = TestAuthority.in(folder);
    var settings = everyTransport(authority);
    try (var server = TurnServer.start(settings);
        var api = new MockApi(KEY, answer(urls(server), SECRETS))) {
      var outcome = probe(api.url(), KEY, authority.root());
      assertTrue(outcome.passed(), outcome.text());
      assertEquals(5, passedSteps(outcome).size(), outcome.text());
      assertTrue(outcome.text().contains(", TLSv1.3"), outcome.text());
      assertTrue(outcome.text().contains("– "), outcome.text());
      var columns =
          outcome
              .text()
              .lines()
              .filter(line -> line.contains(" ms  "))
              .map(line -> line.indexOf(" ms  "))
              .distinct();
      assertEquals(1, columns.count(), outcome.text());
      // two clients by TCP, two by TLS
      assertEquals(4, server.telemetry().get(Counter.CONNECTIONS_OPENED), outcome.text());
    }
  }

  @Test
  void aCertificateThatIsNotTrustedFailsAtItsUrlAlone() throws IOException, InterruptedException {
    try (var server = TurnServer.start(everyTransport(TestAuthority.in(folder)));
        var api = new MockApi(KEY, answer(urls(server), SECRETS))) {
      var outcome = probe(api.url(), KEY);
      assertFalse(outcome.passed(), outcome.text());
      assertEquals(4, passedSteps(outcome).size(), outcome.text());
      assertTrue(outcome.text().matches("(?s).*✗  turns:\\S+ .* TLS fails: .*"), outcome.text());
    }
  }

  @Test
  void anApiWhoseCertificateIsNotTrustedIsToldWithWhatHelps()
      throws IOException, InterruptedException {
    try (var server = TurnServer.start(everyTransport(TestAuthority.in(folder)))) {
      var url = URI.create("https://127.0.0.1:" + server.listenAddresses().get(2).port());
      var outcome = probe(url, KEY);
      assertFalse(outcome.passed(), outcome.text());
      assertTrue(outcome.text().contains("TLS fails: nobody known vouches"), outcome.text());
      assertTrue(outcome.text().contains("name it by --trust"), outcome.text());
    }
  }

  @Test
  void aCertificateForAnotherNameFails() throws IOException, InterruptedException {
    var authority = TestAuthority.in(folder);
    try (var server = TurnServer.start(everyTransport(authority))) {
      var other =
          urls(server).stream()
              .map(url -> url.replace("turns:127.0.0.1", "turns:127.0.0.2"))
              .toList();
      try (var api = new MockApi(KEY, answer(other, SECRETS))) {
        var outcome = probe(api.url(), KEY, authority.root());
        assertTrue(
            outcome.text().matches("(?s).*✗  turns:127.0.0.2.* TLS fails: .*127.0.0.2.*"),
            outcome.text());
      }
    }
  }

  @Test
  void aPayloadThatIsChangedOnItsWayFailsAtTheLastStep() throws IOException, InterruptedException {
    try (var server = TurnServer.start(settings());
        var tamperer = new Tamperer(server.listenAddresses().getFirst());
        var api = new MockApi(KEY, answer(tamperer.address(), SECRETS))) {
      assertFailed(probe(api.url(), KEY), "turn:", "the payload arrived changed");
    }
  }

  @Test
  void aWrongKeyFailsAtTheFirstStep() throws IOException, InterruptedException {
    try (var api = new MockApi(KEY, "{}")) {
      var outcome = probe(api.url(), "some-other-key-of-mine");
      assertFailed(outcome, "credentials", "answers 401: the API key is not accepted");
      assertFalse(outcome.text().contains("some-other-key"), outcome.text());
    }
  }

  @Test
  void anApiThatIsNotThereFailsAtTheFirstStep() throws IOException, InterruptedException {
    URI url;
    try (var api = new MockApi(KEY, "{}")) {
      url = api.url();
    }
    assertFailed(probe(url, KEY), "credentials", "nothing answers at " + url);
  }

  @Test
  void anAnswerThatIsNoneFailsAtTheFirstStepAndIsNotShown()
      throws IOException, InterruptedException {
    for (String answer : new String[] {"<html>secret</html>", "{\"iceServers\":[]}", "[]", ""}) {
      try (var api = new MockApi(KEY, answer)) {
        var outcome = probe(api.url(), KEY);
        assertFailed(outcome, "credentials", "the answer ");
        assertFalse(outcome.text().contains("secret"), outcome.text());
      }
    }
  }

  @Test
  void aTurnServerThatIsStoppedFailsAtEveryUrl() throws IOException, InterruptedException {
    String answer;
    try (var server = TurnServer.start(settings())) {
      answer = answer(server.listenAddresses().getFirst(), SECRETS);
    }
    try (var api = new MockApi(KEY, answer)) {
      var outcome = probe(api.url(), KEY);
      assertFailed(outcome, "turn:", "no answer from turn:127.0.0.1:");
      assertTrue(outcome.text().contains("no answer from stun:127.0.0.1:"), outcome.text());
    }
  }

  @Test
  void aSecretThatIsNotSharedFailsAtTheAllocation() throws IOException, InterruptedException {
    var others = SharedSecrets.of("a secret of somebody else");
    try (var server = TurnServer.start(settings());
        var api = new MockApi(KEY, answer(server.listenAddresses().getFirst(), others))) {
      var outcome = probe(api.url(), KEY);
      assertFailed(outcome, "turn:", "the server answers 401");
      assertTrue(outcome.text().contains("do API and TURN server share the secret"));
    }
  }

  @Test
  void aTerminalWithoutTicksGetsLetters() throws IOException, InterruptedException {
    try (var api = new MockApi(KEY, "{}")) {
      var outcome = probe(api.url(), KEY, null, StandardCharsets.US_ASCII);
      assertTrue(outcome.text().startsWith("-- credentials"), outcome.text());
    }
  }

  private static TurnSettings settings() {
    return TurnSettings.of(SECRETS, ListenUrl.parse("udp://127.0.0.1:0"));
  }

  private static String answer(TransportAddress server, SharedSecrets secrets) {
    return answer(List.of("stun:" + server, "turn:" + server + "?transport=udp"), secrets);
  }

  /// The URLs of a server that has one listener of each transport.
  private static List<String> urls(TurnServer server) {
    var addresses = server.listenAddresses();
    return List.of(
        "stun:" + addresses.get(0),
        "turn:" + addresses.get(0),
        "turn:" + addresses.get(1) + "?transport=tcp",
        "turns:127.0.0.1:" + addresses.get(2).port(),
        "turns:" + addresses.get(3) + "?transport=udp");
  }

  private static TurnSettings everyTransport(TestAuthority authority) {
    var certificate = new CertificateFiles(authority.chain(), authority.key());
    return settings()
        .but(
            d -> {
              d.listeners =
                  Stream.of(
                          "udp://127.0.0.1:0",
                          "tcp://127.0.0.1:0",
                          "tls://0.0.0.0:0",
                          "dtls://127.0.0.1:0")
                      .map(ListenUrl::parse)
                      .toList();
              d.streams = d.streams.withCertificates(List.of(certificate));
            });
  }

  private static String answer(List<String> urls, SharedSecrets secrets) {
    var credential =
        new CredentialIssuer(secrets)
            .issue(new UserId("tester"), Duration.ofMinutes(5), Instant.now());
    String turn = String.join("\", \"", urls.subList(1, urls.size()));
    return """
    {"ttl": 300, "more": {"urls": ["turn:192.0.2.1"]}, "iceServers": [
      {"urls": "%s"}, {"urls": ["%s"], "username": "%s", "credential": "%s"}]}
    """
        .formatted(urls.getFirst(), turn, credential.username(), credential.password());
  }

  private static Outcome probe(URI api, String key) throws InterruptedException {
    return probe(api, key, null, StandardCharsets.UTF_8);
  }

  private static Outcome probe(URI api, String key, Path trusted) throws InterruptedException {
    return probe(api, key, trusted, StandardCharsets.UTF_8);
  }

  private static Outcome probe(URI api, String key, @Nullable Path trusted, Charset terminal)
      throws InterruptedException {
    var text = new StringWriter();
    try {
      var out = new PrintWriter(text, true);
      boolean passed = new Probe(api, key, Trust.of(trusted), out, terminal).run();
      return new Outcome(passed, text.toString());
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static List<String> passedSteps(Outcome outcome) {
    return outcome
        .text()
        .lines()
        .filter(line -> line.startsWith("✓"))
        .map(line -> line.substring(3).split(" ", 2)[0])
        .toList();
  }

  private static void assertFailed(Outcome outcome, String step, String problem) {
    assertFalse(outcome.passed(), outcome.text());
    var failed = outcome.text().lines().filter(line -> line.startsWith("✗")).toList();
    assertTrue(failed.getLast().startsWith("✗  " + step), outcome.text());
    assertTrue(failed.getLast().contains(problem), outcome.text());
  }
}
