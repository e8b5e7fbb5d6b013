package dev.hairpin.deploy.browser;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.hairpin.turnserver.loop.Session;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A call goes on while credentials end and the connection with the server breaks. No allocation
/// outlives its credential here, so every link has to move to another one in time.
class CallEnduresTest {
  /// Notes the longest time between two frames that were shown, and what the page said.
  private static final String WATCH =
      """
      const video = document.querySelector('.tile[data-state] video');
      const watched = window.watched = { start: performance.now(), frames: 0, longest: 0, words: '' };
      let last = watched.start;
      const shown = () => {
        const now = performance.now();
        watched.longest = Math.max(watched.longest, now - last);
        watched.frames++;
        last = now;
        video.requestVideoFrameCallback(shown);
      };
      video.requestVideoFrameCallback(shown);
      new MutationObserver(() => {
        watched.words += document.getElementById('stage-status').textContent + '|';
      }).observe(document.getElementById('stage-status'), { childList: true });
      return 0;
      """;

  @TempDir Path directory;

  @Test
  void aCallOutlivesItsCredentialsAndALostConnection() throws IOException {
    outlive(Duration.ofSeconds(10), 15);
  }

  @Test
  @Tag("nightly")
  void aCallOutlivesCredentialsOfAMinute() throws IOException {
    outlive(Duration.ofSeconds(60), 75);
  }

  private void outlive(Duration ttl, int seconds) throws IOException {
    try (var servers = Servers.whoseCredentialsLast(ttl);
        var proxy = new CuttableProxy(servers.page());
        var chromium = Chromium.withDevices(directory)) {
      var alice = CallPage.inviting(chromium, proxy.page(), "Alice");
      var bob = CallPage.invited(chromium, alice.link(), "Bob");
      var both = List.of(alice, bob);
      both.forEach(page -> page.awaitPictures(1));
      both.forEach(page -> page.here().evaluate(WATCH));
      var first = sessions(servers);

      awaitSecond(alice, 2);
      assertTrue(proxy.cut() >= 2);
      for (int second = 10; second <= seconds; second += 5) {
        awaitSecond(alice, second);
      }
      for (var page : both) {
        page.awaitPictures(1);
        String words = String.valueOf(page.here().evaluate("return watched.words"));
        assertTrue(words.contains("The server is away."), words);
        assertTrue(words.contains("2 of 8 are here."), words);
        assertTrue(!words.contains("Nobody") && !words.contains("came"), words);
        long longest =
            ((Number) chromium.evaluate("return Math.round(watched.longest)")).longValue();
        assertTrue(longest < 1000, () -> "no picture for " + longest + " ms");
        page.assertNoComplaints();
      }
      assertTrue(sessions(servers).stream().noneMatch(first::contains), "all have moved");
    }
  }

  private static List<Long> sessions(Servers servers) {
    return servers.turn().sessions().stream().map(Session::id).toList();
  }

  private static void awaitSecond(CallPage page, int second) {
    String past = "return performance.now() - watched.start > 1000 * " + second;
    page.here().await(() -> Boolean.TRUE.equals(page.chromium().evaluate(past)));
  }
}
