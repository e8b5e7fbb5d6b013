package dev.hairpin.deploy.browser;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The pages hold nothing that axe finds serious or critical, in any of their states and looks.
class AccessibilityTest {
  private static final String FIND =
      """
      const { violations } = await axe.run(document);
      return violations
        .filter(({ impact }) => impact === 'serious' || impact === 'critical')
        .flatMap(({ id, nodes }) => nodes.map(({ target }) => id + ' ' + target.join(' ')));
      """;

  private static final String AXE = script();

  private final Servers servers = Servers.start();
  private final Chromium chromium;

  AccessibilityTest(@TempDir Path directory) {
    chromium = Chromium.withDevices(directory);
  }

  @AfterEach
  void close() {
    chromium.close();
    servers.close();
  }

  @Test
  void theTestPage() {
    var page = new PageSteps(chromium);
    chromium.open(servers);
    assertAccessible("index-before");
    page.fetchCredentials(servers, Servers.API_KEY);
    assertEquals("done", page.gather());
    assertEquals("connected", page.call());
    assertEquals("done", page.sendBytes());
    assertAccessible("index");
  }

  @Test
  void theReference() {
    chromium.open(servers.page().resolve("/reference.html"));
    chromium.await(
        () -> !"busy".equals(chromium.element("#reference").getDomAttribute("data-state")));
    assertAccessible("reference");
  }

  @Test
  void theCallPage() {
    var alice = CallPage.atTheDoor(chromium, servers.page());
    assertAccessible("call-door");
    alice.identify(Servers.API_KEY);
    alice.join("Alice");
    assertAccessible("call-alone");
    var bob = CallPage.invited(chromium, alice.link(), "Bob");
    alice.awaitPictures(1);
    bob.say("Good morning");
    alice.awaitText("#talk-log", "Good morning");
    chromium.element("summary").click();
    assertAccessible("call-two");
    alice.here().element("#leave").click();
    alice.awaitText("#entry-status", "You left.");
    assertAccessible("call-left");
  }

  /// In light and dark, wide and as on a phone, with a picture of each for people to look at.
  private void assertAccessible(String name) {
    for (String scheme : List.of("light", "dark")) {
      chromium.prefer("prefers-color-scheme", scheme);
      chromium.evaluate(AXE + "; return 0");
      assertEquals(List.of(), chromium.evaluate(FIND), () -> name + ", " + scheme);
      chromium.screenshot(name + "-" + scheme);
    }
    chromium.becomePhone(360);
    assertEquals(360L, chromium.evaluate("return document.documentElement.scrollWidth"), name);
    assertEquals(List.of(), chromium.evaluate(FIND), () -> name + " on a phone");
    chromium.screenshot(name + "-phone");
    chromium.becomeDesktop();
  }

  private static String script() {
    try (var script = AccessibilityTest.class.getResourceAsStream("/axe.min.js")) {
      return new String(Objects.requireNonNull(script).readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
