package dev.hairpin.deploy.browser;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A call between two browsers, each behind a NAT of its own, that may go any way it finds.
class NatTest {
  /// Another port for each destination: RFC 4787's address and port-dependent mapping.
  private static final String SYMMETRIC = "masquerade fully-random";

  /// The port that the host itself has, whoever is spoken to: endpoint-independent mapping.
  private static final String CONE = "masquerade";

  private static final int FRAMES = 60;

  /// Of so many frames, with sound, towards one browser.
  private static final long LEAST_BYTES = 30_000;

  private static final String JOIN =
      """
      const fill = (id, value) => document.getElementById(id).value = value;
      if (!location.hash) {
        fill('api-key', 'KEY');
        fill('room', 'standup');
      }
      document.getElementById('join').click();
      return '';
      """
          .replace("KEY", NatScene.KEY);
  private static final String CAMERAS =
      "return document.getElementById('camera').options.length > 0";
  private static final String LINK = "return document.getElementById('link').value";
  private static final String SEEN =
      """
      const { state, local, remote, frames } = document.querySelector('.tile[data-state]')?.dataset ?? {};
      return [state, local, remote, frames ?? 0].join(' ');
      """;

  private final NatScene scene;

  NatTest(@TempDir Path folder) {
    scene = new NatScene(folder);
  }

  @AfterEach
  void stop() throws Exception {
    scene.close();
  }

  @Test
  void betweenSymmetricNatsTheCallGoesThroughTheRelay() throws Exception {
    scene.start(SYMMETRIC);
    call();
    var passed = watchBoth();
    assertEquals(List.of("44.1.0.2", "44.2.0.2"), scene.clients());
    assertTrue(passed.isRelayed(), passed::toString);
    assertTrue(passed.relayed() > 2 * LEAST_BYTES, passed::toString);
  }

  @Test
  void betweenConeNatsTheCallIsDirectAndTheRelayCarriesNothingOfIt() throws Exception {
    scene.start(CONE);
    call();
    var passed = watchBoth();
    assertEquals(List.of("44.1.0.2", "44.2.0.2"), scene.clients());
    assertTrue(passed.isDirect(), passed::toString);
    // at most checks of ICE on spare pairs
    assertTrue(passed.relayed() < LEAST_BYTES / 10, passed::toString);
  }

  /// By the call page, which one browser opens with a key and the other by a link.
  private void call() {
    var caller = scene.browsers().getFirst();
    var callee = scene.browsers().getLast();
    join(caller, NatScene.SITE + "/call.html");
    caller.await(() -> caller.evaluate(LINK).toString().contains("#"));
    join(callee, caller.evaluate(LINK).toString());
  }

  private static void join(FarChromium browser, String page) {
    browser.open(page);
    browser.await(() -> browser.evaluate(CAMERAS).equals(true));
    browser.evaluate(JOIN);
  }

  /// What a browser tells of its link.
  ///
  /// @param pair types of the local and the remote candidate that it has chosen
  /// @param frames that it has decoded
  private record Seen(String state, String pair, long frames) {
    static Seen by(FarChromium browser) {
      var words = List.of(browser.evaluate(SEEN).toString().split(" ", -1));
      return new Seen(
          words.get(0), words.get(1) + " " + words.get(2), Long.parseLong(words.get(3)));
    }
  }

  /// What went on while both browsers decoded some frames.
  ///
  /// @param relayed bytes that the server relayed
  private record Passed(List<Seen> seen, long relayed) {
    boolean isRelayed() {
      return seen.stream().allMatch(each -> each.pair().contains("relay"));
    }

    boolean isDirect() {
      return seen.stream().noneMatch(each -> each.pair().contains("relay"));
    }
  }

  private Passed watchBoth() throws Exception {
    scene.browsers().forEach(browser -> watch(browser, FRAMES));
    var before = scene.browsers().stream().map(Seen::by).toList();
    long relayed = scene.relayedBytes();
    for (int i = 0; i < before.size(); i++) {
      watch(scene.browsers().get(i), before.get(i).frames() + FRAMES);
    }
    long now = scene.relayedBytes();
    return new Passed(scene.browsers().stream().map(Seen::by).toList(), now - relayed);
  }

  private static void watch(FarChromium browser, long frames) {
    browser.await(() -> Seen.by(browser).frames() >= frames);
  }
}
