package dev.hairpin.deploy.browser;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// How the page looks, with all three steps done: narrow, light, dark and without motion.
class PageLookTest {
  /// Lists every visible text whose contrast with its background is below WCAG's 4.5.
  static final String FAINT_TEXTS =
      """
      const channels = (colour) => colour.match(/[\\d.]+/g).map(Number);
      const linear = (part) =>
        part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
      const luminance = (colour) => {
        const [r, g, b] = channels(colour).map((channel) => linear(channel / 255));
        return 0.2126 * r + 0.7152 * g + 0.0722 * b;
      };
      const background = (element) => {
        const colour = getComputedStyle(element).backgroundColor;
        return channels(colour)[3] === 0 ? background(element.parentElement) : colour;
      };
      const texts = [...document.querySelectorAll('body *')].filter((element) =>
        element.checkVisibility() && element.tagName !== 'CANVAS' &&
        [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim()));
      const faint = texts.filter((element) => {
        const a = luminance(getComputedStyle(element).color);
        const b = luminance(background(element));
        return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05) < 4.5;
      });
      const isDark = luminance(background(document.body)) < 0.1;
      return [texts.length > 50 && 'many texts', isDark ? 'dark' : 'light',
        ...faint.map((element) => element.textContent)];
      """;

  /// Whether the upper part of the picture, where the dot runs, is the same 20 frames later.
  private static final String STANDS_STILL =
      """
      const pen = document.getElementById('scene').getContext('2d');
      const look = () => pen.getImageData(0, 0, 480, 200).data.join();
      const before = look();
      for (let i = 0; i < 20; i++) {
        await new Promise(requestAnimationFrame);
      }
      return look() === before;
      """;

  private final Servers servers = Servers.start();
  private final Chromium chromium;
  private final PageSteps page;

  PageLookTest(@TempDir Path directory) {
    chromium = new Chromium(directory);
    page = new PageSteps(chromium);
  }

  @AfterEach
  void close() {
    chromium.close();
    servers.close();
  }

  @Test
  void aPhoneNeedsNoHorizontalScrolling() {
    chromium.becomePhone(360);
    allSteps();
    chromium.screenshot("phone");
    assertEquals(360L, chromium.evaluate("return innerWidth"));
    assertEquals(360L, chromium.evaluate("return document.documentElement.scrollWidth"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"light", "dark"})
  void everyTextStandsOutFromItsBackground(String scheme) {
    chromium.prefer("prefers-color-scheme", scheme);
    allSteps();
    chromium.screenshot("all-steps-" + scheme);
    assertEquals(List.of("many texts", scheme), chromium.evaluate(FAINT_TEXTS));
  }

  @ParameterizedTest
  @CsvSource({"reduce, true", "no-preference, false"})
  void whereMotionIsUnwantedThePictureStandsStillAndYetFlows(String motion, boolean still) {
    chromium.prefer("prefers-reduced-motion", motion);
    allSteps();
    assertEquals(still, chromium.evaluate(STANDS_STILL));
  }

  @Test
  void aStrictContentSecurityPolicyIsInForce() {
    chromium.open(servers);
    var policy = "return (await fetch('/')).headers.get('Content-Security-Policy')";
    assertTrue(String.valueOf(chromium.evaluate(policy)).contains("default-src 'self'"));
  }

  private void allSteps() {
    page.fetchCredentials(servers, Servers.API_KEY);
    assertEquals("done", page.gather());
    assertEquals("connected", page.call());
    assertEquals("done", page.sendBytes());
    chromium.await(() -> Integer.parseInt(chromium.text("#frames")) > 30);
  }
}
