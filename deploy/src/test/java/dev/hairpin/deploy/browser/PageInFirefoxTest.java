package dev.hairpin.deploy.browser;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What the page does in Firefox.
class PageInFirefoxTest {
  @TempDir Path profile;

  @Test
  void theTwoEndsOfASelfCallMeetAtTheRelay() throws Exception {
    try (var servers = Servers.start();
        var firefox = new Firefox(profile)) {
      fetchCredentials(firefox, servers);
      firefox.evaluate("document.getElementById('call').click()");
      assertEquals("connected", outcome(firefox, "selfcall"));
      firefox.evaluate("document.getElementById('send').click()");
      assertEquals("done", outcome(firefox, "transfer-status"));
      assertTrue(text(firefox, "transfer-status").contains("SHA-256 matches"));
      firefox.await("Number(document.getElementById('frames').textContent) > 30");
      assertEquals(
          "relay relay relay relay",
          firefox.evaluate(
              """
              [...document.querySelectorAll('#pair-rows tr')]
                .map(({ dataset }) => dataset.local + ' ' + dataset.remote).join(' ')\
              """));
    }
  }

  @Test
  void aWrongCredentialIsA401AmongTheCandidates() throws Exception {
    try (var servers = Servers.withUnequalSecrets();
        var firefox = new Firefox(profile)) {
      fetchCredentials(firefox, servers);
      firefox.evaluate("document.getElementById('gather').click()");
      assertEquals("failed", outcome(firefox, "candidates"));
      assertTrue(text(firefox, "verdicts").contains("wrong or expired credential: 401"));
    }
  }

  private static void fetchCredentials(Firefox firefox, Servers servers) {
    firefox.open(servers);
    firefox.evaluate("document.getElementById('api-key').value = '" + Servers.API_KEY + "'");
    firefox.evaluate("document.getElementById('fetch').click()");
    assertEquals("done", outcome(firefox, "credentials"));
  }

  private static String outcome(Firefox firefox, String step) {
    String state = "document.getElementById('" + step + "').dataset.state";
    firefox.await("!['idle', 'busy', 'connecting'].includes(" + state + ")");
    return String.valueOf(firefox.evaluate(state));
  }

  private static String text(Firefox firefox, String id) {
    return String.valueOf(firefox.evaluate("document.getElementById('" + id + "').innerText"));
  }
}
