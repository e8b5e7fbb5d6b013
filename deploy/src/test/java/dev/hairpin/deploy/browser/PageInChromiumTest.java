package dev.hairpin.deploy.browser;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.hairpin.turnserver.telemetry.Counter;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.openqa.selenium.Keys;

/// What the page does in Chromium, with both servers in this process and their default policy.
class PageInChromiumTest {
  private final Servers servers = Servers.start();
  private final Chromium chromium;
  private final PageSteps page;

  PageInChromiumTest(@TempDir Path directory) {
    chromium = new Chromium(directory);
    page = new PageSteps(chromium);
  }

  @AfterEach
  void close() {
    chromium.close();
    servers.close();
  }

  @Test
  void theTwoEndsOfASelfCallMeetAtTheRelay() {
    page.fetchCredentials(servers, Servers.API_KEY);
    assertEquals("connected", page.call());
    assertEquals("done", page.sendBytes());
    assertTrue(chromium.text("#transfer-status").contains("SHA-256 matches"));
    chromium.await(() -> Integer.parseInt(chromium.text("#frames")) > 30);
    for (String end : List.of("caller", "callee")) {
      var pair = chromium.element("#pair-rows [data-end=" + end + "]");
      assertEquals("relay", pair.getDomAttribute("data-local"), end);
      assertEquals("relay", pair.getDomAttribute("data-remote"), end);
    }
    assertTrue(servers.turn().telemetry().get(Counter.CLIENT_BYTES_IN) > 1_000_000);
    chromium.screenshot("self-call");

    chromium.element("#call").click();
    assertEquals("Hung up.", chromium.text("#selfcall-status"));
    chromium.await(() -> servers.turn().telemetry().liveAllocations() == 0);
    assertEquals(List.of(), chromium.complaints());
  }

  @Test
  void anIpv6AddressStandsInOnePairOfBrackets() {
    page.fetchCredentials(servers, Servers.API_KEY); // any page of the server would do
    Object written =
        chromium.evaluate(
            """
            const { hostPort } = await import('/candidates.js');
            return ['::1', '[::1]', '127.0.0.1', null].map((host) => hostPort(host, 5)).join(' ');
            """);
    assertEquals("[::1]:5 [::1]:5 127.0.0.1:5 –", written);
  }

  @Test
  void withoutTheTurnServerTheCallFails() {
    page.fetchCredentials(servers, Servers.API_KEY);
    servers.turn().close();
    assertEquals("failed", page.call());
    String words = chromium.text("#selfcall-status");
    assertTrue(words.contains("no relay candidate, the TURN server does not answer"), words);
    chromium.screenshot("no-turn-server");
  }

  @Test
  void aServerThatEndsDuringACallIsNoticed() {
    page.fetchCredentials(servers, Servers.API_KEY);
    assertEquals("connected", page.call());
    servers.turn().close();
    chromium.await(() -> chromium.text("#selfcall-status").startsWith("Nothing comes through"));
  }

  @Test
  void aWrongCredentialIsA401AmongTheCandidates() {
    try (var unequal = Servers.withUnequalSecrets()) {
      page.fetchCredentials(unequal, Servers.API_KEY);
      assertEquals("failed", page.gather());
      assertFalse(
          chromium.elements("#candidate-rows [data-kind=error][data-code='401']").isEmpty());
      assertTrue(chromium.elements("#candidate-rows [data-type=relay]").isEmpty());
      String verdict = chromium.text("#verdicts [data-url^='turn:']");
      assertTrue(verdict.contains("wrong or expired credential: 401"), verdict);
      assertEquals("failed", page.call());
      assertTrue(chromium.text("#selfcall-status").contains("401"));
      chromium.screenshot("wrong-credential");
      assertEquals(List.of(), chromium.complaints());
    }
  }

  @Test
  void aWrongApiKeyShowsTheProblem() {
    assertEquals("failed", page.fetchCredentials(servers, "no such key"));
    String words = chromium.text("#credentials-status");
    assertTrue(words.matches("401 \\w.*: \\w.*"), words);
    assertFalse(chromium.element("#gather").isEnabled());
    assertFalse(chromium.element("#call").isEnabled());
    chromium.screenshot("wrong-key");
  }

  @Test
  void theCredentialIsMaskedAndTheKeyStaysInItsField() {
    page.fetchCredentials(servers, Servers.API_KEY);
    assertTrue(chromium.text("#ice-servers").contains("Credential\n••••"));
    assertEquals(-1L, chromium.evaluate("return document.body.innerHTML.indexOf('key-of')"));
    assertEquals(servers.page().toString(), chromium.evaluate("return location.href"));
    assertEquals(0L, chromium.evaluate("return localStorage.length + sessionStorage.length"));
  }

  @Test
  void aUserAndALifetimeMayBeWishedFor() {
    chromium.open(servers);
    chromium.element("#user").sendKeys("alice");
    chromium.element("#ttl").sendKeys("600");
    chromium.element("#api-key").sendKeys(Servers.API_KEY, Keys.ENTER);
    assertEquals("done", page.outcome("credentials"));
    assertTrue(chromium.text("#ice-servers").contains(":alice"));
    assertTrue(chromium.text("#expiry").startsWith("for 10 min, until"));
  }

  @Test
  void theLinksOfTheFooterLeadSomewhere() {
    chromium.open(servers);
    var statuses =
        """
        const links = [...document.querySelectorAll('footer a')];
        return Promise.all(links.map(async ({ href }) => (await fetch(href)).status));
        """;
    assertEquals(List.of(200L, 200L), chromium.evaluate(statuses));
  }

  @Test
  void theCandidatesAreListedWithTheirTimes() {
    page.fetchCredentials(servers, Servers.API_KEY);
    assertEquals("done", page.gather());
    for (String type : List.of("host", "srflx", "relay")) {
      String row = chromium.text("#candidate-rows [data-type=" + type + "]");
      assertTrue(row.matches("(?s)\\d+ ms\\s" + type + "\\sudp\\s\\S+:\\d+\\s.*"), row);
    }
    assertTrue(chromium.text("#verdicts [data-url^='stun:']").startsWith("STUN works"));
    assertTrue(chromium.text("#verdicts [data-url^='turn:']").startsWith("TURN over UDP works"));
    assertEquals(List.of(), chromium.complaints());
  }

  @Test
  void thePolicyRelayOnlyLeavesRelayedCandidatesAlone() {
    page.fetchCredentials(servers, Servers.API_KEY);
    chromium.element("[name=policy][value=relay]").click();
    assertEquals("done", page.gather());
    assertFalse(chromium.elements("#candidate-rows [data-type=relay]").isEmpty());
    assertTrue(chromium.elements("#candidate-rows tr:not([data-type=relay])").isEmpty());
  }

  @Test
  void theKeyboardAloneIsEnough() {
    chromium.open(servers);
    page.tabTo("#api-key");
    chromium.focused().sendKeys(Servers.API_KEY, Keys.ENTER);
    assertEquals("done", page.outcome("credentials"));
    page.tabTo("#gather");
    chromium.key(Keys.ENTER);
    assertEquals("done", page.outcome("candidates"));
    page.tabTo("#call");
    chromium.key(Keys.ENTER);
    assertEquals("connected", page.outcome("selfcall"));
    page.tabTo("#send");
    chromium.key(Keys.ENTER);
    assertEquals("done", page.outcome("transfer-status"));
    page.tabTo("footer a:last-child");
  }
}
