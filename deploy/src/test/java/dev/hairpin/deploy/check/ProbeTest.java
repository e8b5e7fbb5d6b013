package dev.hairpin.deploy.check;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.hairpin.turnserver.credential.CredentialIssuer;
import dev.hairpin.turnserver.credential.SharedSecrets;
import dev.hairpin.turnserver.credential.UserId;
import dev.hairpin.turnserver.net.ListenUrl;
import dev.hairpin.turnserver.net.TransportAddress;
import dev.hairpin.turnserver.server.TurnServer;
import dev.hairpin.turnserver.server.TurnSettings;
import dev.hairpin.turnserver.telemetry.Counter;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URI;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.logging.LogManager;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ProbeTest {
  private static final String KEY = "the-api-key-of-the-tests";
  private static final SharedSecrets SECRETS = SharedSecrets.of("the secret of the tests");

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
      assertEquals(
          "credentials, STUN Binding, TURN Allocate, TURN Allocate, relayed data",
          String.join(
              ", ",
              outcome
                  .text()
                  .lines()
                  .filter(line -> line.startsWith("✓"))
                  .map(line -> line.substring(3, 17).strip())
                  .toList()));
      assertTrue(outcome.text().matches("(?s)✓ .* [0-9]+ ms .*"), outcome.text());
      assertFalse(outcome.text().contains(KEY), outcome.text());
      // One payload each way by the server's own account, or more where one was sent again.
      assertTrue(server.telemetry().get(Counter.TO_PEER_PACKETS) >= 2);
      assertTrue(server.telemetry().get(Counter.TO_CLIENT_PACKETS) >= 2);
    }
  }

  @Test
  void aPayloadThatIsChangedOnItsWayFailsAtTheLastStep() throws IOException, InterruptedException {
    try (var server = TurnServer.start(settings());
        var tamperer = new Tamperer(server.listenAddresses().getFirst());
        var api = new MockApi(KEY, answer(tamperer.address(), SECRETS))) {
      assertFailed(probe(api.url(), KEY), "relayed data", "the payload arrived changed");
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
  void aTurnServerThatIsStoppedFailsAtTheBinding() throws IOException, InterruptedException {
    String answer;
    try (var server = TurnServer.start(settings())) {
      answer = answer(server.listenAddresses().getFirst(), SECRETS);
    }
    try (var api = new MockApi(KEY, answer)) {
      assertFailed(probe(api.url(), KEY), "STUN Binding", "no answer from udp://127.0.0.1:");
    }
  }

  @Test
  void aSecretThatIsNotSharedFailsAtTheAllocation() throws IOException, InterruptedException {
    var others = SharedSecrets.of("a secret of somebody else");
    try (var server = TurnServer.start(settings());
        var api = new MockApi(KEY, answer(server.listenAddresses().getFirst(), others))) {
      var outcome = probe(api.url(), KEY);
      assertFailed(outcome, "TURN Allocate", "the server answers 401");
      assertTrue(outcome.text().contains("do API and TURN server share the secret"));
    }
  }

  @Test
  void aTerminalWithoutTicksGetsLetters() throws IOException, InterruptedException {
    try (var api = new MockApi(KEY, "{}")) {
      var outcome = probe(api.url(), KEY, StandardCharsets.US_ASCII);
      assertTrue(outcome.text().startsWith("-- credentials"), outcome.text());
    }
  }

  private static TurnSettings settings() {
    return TurnSettings.of(SECRETS, ListenUrl.parse("udp://127.0.0.1:0"));
  }

  private static String answer(TransportAddress server, SharedSecrets secrets) {
    var credential =
        new CredentialIssuer(secrets)
            .issue(new UserId("tester"), Duration.ofMinutes(5), Instant.now());
    return """
    {"ttl": 300, "more": {"urls": ["turn:192.0.2.1"]}, "iceServers": [
      {"urls": "stun:%1$s"},
      {"urls": ["turns:%1$s", "turn:%1$s?transport=tcp"], "username": "a", "credential": "b"},
      {"urls": ["turn:%1$s?transport=udp"], "username": "%2$s", "credential": "%3$s"}]}
    """
        .formatted(server, credential.username(), credential.password());
  }

  private static Outcome probe(URI api, String key) throws InterruptedException {
    return probe(api, key, StandardCharsets.UTF_8);
  }

  private static Outcome probe(URI api, String key, Charset terminal) throws InterruptedException {
    var text = new StringWriter();
    boolean passed = new Probe(api, key, new PrintWriter(text, true), terminal).run();
    return new Outcome(passed, text.toString());
  }

  private static void assertFailed(Outcome outcome, String step, String problem) {
    assertFalse(outcome.passed(), outcome.text());
    var lines = outcome.text().lines().toList();
    String failed = lines.get(lines.size() - 2);
    assertTrue(failed.startsWith("✗  " + step), outcome.text());
    assertTrue(failed.contains(problem), outcome.text());
  }
}
