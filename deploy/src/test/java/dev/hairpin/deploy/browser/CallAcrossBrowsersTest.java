package dev.hairpin.deploy.browser;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A call between Chromium and Firefox.
class CallAcrossBrowsersTest {
  private final Path folder;

  CallAcrossBrowsersTest(@TempDir Path folder) {
    this.folder = folder;
  }

  @Test
  void chromiumAndFirefoxSeeEachOtherOverTheRelayAndMoveToAnotherNetwork() throws Exception {
    try (var servers = Servers.start();
        var chromium = Chromium.withDevices(subfolder("chromium"));
        var firefox = new Firefox(subfolder("firefox"))) {
      var alice = meet(servers, chromium, firefox);
      alice.sendFile(randomFile(300_000));
      firefox.await("document.getElementById('talk-log').innerText.includes('SHA-256 matches')");
      assertEquals("photo.bin", firefox.evaluate("document.querySelector('#talk-log a').download"));
      alice.awaitText("#talk-log", "SHA-256 matches");

      String anotherNetwork = "dispatchEvent(new Event('online'))";
      int before = servers.turn().sessions().size();
      chromium.evaluate(anotherNetwork + "; return 0");
      chromium.await(() -> servers.turn().sessions().size() > before);
      awaitFrames(firefox, 20);
      firefox.evaluate(anotherNetwork);
      awaitFrames(firefox, 20);
      alice.awaitPictures(1);
      alice.assertNoComplaints();
    }
  }

  /// Firefox takes no address that lasts for 10 seconds or less: a quarter of the time is more.
  @Test
  @Tag("nightly")
  void theirCallOutlivesItsCredentials() throws Exception {
    try (var servers = Servers.whoseCredentialsLast(Duration.ofSeconds(60));
        var chromium = Chromium.withDevices(subfolder("chromium"));
        var firefox = new Firefox(subfolder("firefox"))) {
      var alice = meet(servers, chromium, firefox);
      firefox.evaluate("window.start = performance.now()");
      for (int seconds = 40; seconds <= 120; seconds += 40) {
        firefox.await("performance.now() - start > 1000 * " + seconds);
        alice.awaitPictures(1);
        awaitFrames(firefox, 10);
      }
      alice.assertNoComplaints();
    }
  }

  private static void awaitFrames(Firefox firefox, int count) {
    String frames = "Number(document.querySelector('.tile[data-state]').dataset.frames)";
    firefox.evaluate("window.before = " + frames);
    firefox.await(frames + " > before + " + count);
  }

  /// Ends when each sees the other.
  private static CallPage meet(Servers servers, Chromium chromium, Firefox firefox) {
    var alice = CallPage.inviting(chromium, servers.page(), "Alice");
    firefox.open(URI.create(alice.link()));
    firefox.evaluate("document.querySelector('[name=policy][value=relay]').click()");
    firefox.evaluate("document.getElementById('join').click()");
    alice.awaitPictures(1);
    String tile = "document.querySelector('.tile[data-state]')";
    firefox.await("Number(" + tile + "?.dataset.frames) > 30");
    assertEquals(
        "connected relay",
        firefox.evaluate(
            "(({ state, local }) => [state, local].join(' '))(%s.dataset)".formatted(tile)));
    return alice;
  }

  private Path randomFile(int size) throws IOException {
    byte[] bytes = new byte[size];
    new Random(1).nextBytes(bytes);
    return Files.write(folder.resolve("photo.bin"), bytes);
  }

  private Path subfolder(String name) throws IOException {
    return Files.createDirectory(folder.resolve(name));
  }
}
