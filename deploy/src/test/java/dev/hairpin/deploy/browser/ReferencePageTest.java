package dev.hairpin.deploy.browser;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.openqa.selenium.Keys;

/// The reference of the API that the server makes of its own description.
class ReferencePageTest {
  private final Servers servers = Servers.start();
  private final Chromium chromium;

  ReferencePageTest(@TempDir Path directory) {
    chromium = new Chromium(directory);
  }

  @AfterEach
  void close() {
    chromium.close();
    servers.close();
  }

  private void open(String fragment) {
    chromium.open(servers.api().url().resolve("/reference.html" + fragment));
    chromium.await(
        () -> !"busy".equals(chromium.element("#reference").getDomAttribute("data-state")));
    assertEquals("done", chromium.element("#reference").getDomAttribute("data-state"));
  }

  @Test
  void everyOperationIsShownWithItsCallAndItsRefusals() {
    open("");
    Object missing =
        chromium.evaluate(
            """
            const { paths } = await (await fetch('openapi.json')).json();
            const ids = Object.values(paths).flatMap((path) =>
              Object.values(path).map(({ operationId }) => operationId));
            const lacks = (id) => !document.querySelector(`#${id} pre`)?.textContent
              .startsWith('curl ') || !document.querySelector(`#${id} dl`);
            return [ids.length > 20 && 'many', ...ids.filter(lacks)];
            """);
    assertEquals(List.of("many"), missing);
    String page = chromium.text("main");
    for (String slip : List.of("undefined", "null", "[object")) {
      assertTrue(!page.contains(slip), slip);
    }
    assertEquals(List.of(), chromium.complaints());
    chromium.screenshot("reference");
  }

  @Test
  void theLineForAShellDoesWhatItSays() throws IOException, InterruptedException {
    open("#createIceServers");
    String line = chromium.text("#createIceServers pre");
    var builder = new ProcessBuilder("sh", "-c", line.replace("curl ", "curl -sS "));
    builder.environment().put("HAIRPIN_API_KEY", Servers.API_KEY);
    var process = builder.redirectErrorStream(true).start();
    String answer = new String(process.getInputStream().readAllBytes());
    assertEquals(0, process.waitFor(), answer);
    assertTrue(answer.startsWith("{\"iceServers\":["), answer);
    assertTrue(answer.contains(":alice\""), answer);
  }

  @Test
  void aLinkOfTheListLeadsToItsOperationByKeyboard() {
    open("");
    new PageSteps(chromium).tabTo("nav a[href='#revokeCredentials']");
    chromium.key(Keys.ENTER);
    chromium.await(
        () ->
            Boolean.TRUE.equals(
                chromium.evaluate(
                    "const { top } = revokeCredentials.getBoundingClientRect();"
                        + "return top >= 0 && top < innerHeight")));
  }

  @Test
  void aPhoneNeedsNoHorizontalScrolling() {
    chromium.becomePhone(360);
    open("");
    chromium.screenshot("reference-phone");
    assertEquals(360L, chromium.evaluate("return document.documentElement.scrollWidth"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"light", "dark"})
  void everyTextStandsOutFromItsBackground(String scheme) {
    chromium.prefer("prefers-color-scheme", scheme);
    open("");
    chromium.evaluate(
        "document.querySelectorAll('details').forEach((it) => it.open = true); return 1");
    assertEquals(List.of("many texts", scheme), chromium.evaluate(PageLookTest.FAINT_TEXTS));
    chromium.screenshot("reference-" + scheme);
  }
}
