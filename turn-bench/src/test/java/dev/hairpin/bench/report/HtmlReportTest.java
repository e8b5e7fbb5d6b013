package dev.hairpin.bench.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.openqa.selenium.Keys;
import org.openqa.selenium.json.Json;
import org.openqa.selenium.json.TypeToken;

/// The report as a browser shows it. One browser for all: each test opens a report of its own.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class HtmlReportTest {
  private static final String VERSUS = sample("versus.json");
  private static final String SINGLE = sample("single.json");
  private static final String SEARCH = sample("search.json");

  /// Of every plot: its title, the number of its lines, of the points of each, and of their parts.
  private static final String PLOTS =
      """
      return [...document.querySelectorAll('figure')].map((figure) => {
        const lines = [...figure.querySelectorAll('.series .line')].map((line) => {
          const path = line.getAttribute('d');
          return `${path.match(/[ML]/g).length} in ${path.match(/M/g).length}`;
        });
        return [figure.querySelector('h3').textContent.trim(), lines.length, ...new Set(lines)]
          .join(', ');
      });
      """;

  /// Lists every visible text whose contrast with its background is below WCAG's 4.5.
  private static final String FAINT_TEXTS =
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
        element.checkVisibility() && !['title', 'desc'].includes(element.tagName) &&
        [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim()));
      const faint = texts.filter((element) => {
        const style = getComputedStyle(element);
        const a = luminance(element.tagName === 'text' ? style.fill : style.color);
        const b = luminance(background(element));
        return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05) < 4.5;
      });
      const isDark = luminance(background(document.body)) < 0.1;
      return [texts.length > 100 && 'many texts', isDark ? 'dark' : 'light',
        ...faint.map((element) => element.textContent)];
      """;

  private final Chromium chromium;
  private final Path directory;
  private final AtomicInteger fetched = new AtomicInteger();
  private final HttpServer server;

  HtmlReportTest(@TempDir Path directory) throws IOException {
    this.directory = directory;
    chromium = new Chromium(directory);
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/",
        exchange -> {
          fetched.incrementAndGet();
          exchange.close();
        });
    server.start();
  }

  @BeforeAll
  void light() {
    chromium.prefer("light");
  }

  @AfterEach
  void nothingWasComplainedOfAndNothingFetched() {
    chromium.becomeItselfAgain();
    assertEquals(List.of(), chromium.complaints());
    assertEquals(0L, chromium.evaluate("return performance.getEntriesByType('resource').length"));
    assertEquals(0, fetched.get());
  }

  @AfterAll
  void close() {
    chromium.close();
    server.stop(0);
  }

  @Test
  void everyPlotHasALineForEachSeriesAndAPointForEachSecond() {
    chromium.open(HtmlReport.render(VERSUS));
    assertEquals(
        List.of(
            "Throughput packets/s, 4, 30 in 3",
            "Loss %, 2, 30 in 3",
            "Latency, 8, 30 in 3",
            "CPU of the server %, 2, 30 in 3",
            "Resident memory of the server MB, 2, 30 in 3"),
        chromium.evaluate(PLOTS));
    chromium.screenshot("versus-light");
  }

  @Test
  void theTableSaysWhatTheJsonSays() {
    chromium.open(HtmlReport.render(VERSUS));
    var report = read(VERSUS);
    for (int i = 0; i < 2; i++) {
      var target = map(((List<?>) Objects.requireNonNull(report.get("targets"))).get(i));
      var median = map(target.get("median"));
      var latency = map(median.get("latencyMicros"));
      var setup = map(target.get("setup"));
      assertEquals(number(median.get("sent")), value("Sent", i));
      assertEquals(number(median.get("received")) / 10, value("Throughput", i), 1e-6);
      assertEquals(number(median.get("lossPercent")), value("Loss", i));
      assertEquals(number(latency.get("p50")), value("p50", i));
      assertEquals(number(latency.get("p99")), value("p99", i));
      assertEquals(number(latency.get("max")), value("Highest", i));
      assertEquals(number(median.get("cpuNanosPerPacket")), value("CPU per packet", i));
      assertEquals(number(median.get("residentBytes")), value("Resident memory", i));
      assertEquals(number(setup.get("perSecond")), value("Rate", i));
    }
    assertEquals(
        "CPU per packet µs 9.21 9.14 – 9.30 11.41 11.32 – 11.49 0.81 better",
        row("CPU per packet"));
    assertEquals(
        "Resident memory MB 117.2 115.4 – 119.1 42.9 42.2 – 43.6 2.73 worse",
        row("Resident memory"));
    assertEquals("hairpin used 0.81 of coturn’s CPU per packet.", chromium.text("h1"));
  }

  @Test
  void whatIsNotKnownIsADashAndNoZero() {
    chromium.open(HtmlReport.render(SINGLE));
    for (var label : List.of("CPU per packet", "Resident memory", "CPU per allocation")) {
      assertEquals(label + " –", row(label));
    }
    assertEquals("Failed 0", row("Failed"));
    var plots = List.copyOf((List<?>) chromium.evaluate(PLOTS));
    assertTrue(plots.contains("CPU of the server, 0"), plots.toString());
    assertEquals(2, chromium.elements("figure p").size());
    chromium.screenshot("single-light");
  }

  @Test
  void aLineHasAGapWhereASecondIsNotKnown() {
    var gaps = VERSUS.replaceAll("(\"t\": 4.0,.*?\"lossPercent\":) [0-9.]+", "$1 null");
    chromium.open(HtmlReport.render(gaps));
    var plots = (List<?>) chromium.evaluate(PLOTS);
    assertTrue(plots.contains("Loss %, 2, 27 in 6"), plots.toString());
  }

  @Test
  void stepsOfASearchAreDrawnByRate() {
    chromium.open(HtmlReport.render(SEARCH));
    var plots = (List<?>) chromium.evaluate(PLOTS);
    assertEquals("Loss %, by rate in packets/s, 2, 7 in 1, 8 in 1", plots.get(0));
    assertEquals("p99 latency by rate in packets/s, 2, 7 in 1, 8 in 1", plots.get(1));
    assertEquals(30, chromium.elements("#search circle").size());
    assertEquals(
        "hairpin carried 90,000 packets/s without loss, coturn 60,000 packets/s.",
        chromium.text("h1"));
    chromium.screenshot("search-light");
  }

  @Test
  void thePointerAndTheArrowKeysShowValues() {
    chromium.open(HtmlReport.render(VERSUS));
    chromium.pointAt(chromium.elements(".canvas").get(2));
    assertTrue(chromium.text(".values:not([hidden])").contains("Round 2"));
    chromium.screenshot("values-light");
    chromium.element("figure .canvas").sendKeys(Keys.ARROW_RIGHT, Keys.ARROW_RIGHT);
    assertEquals(
        List.of(
            "Round 1, 2 s",
            "hairpin coturn",
            "received 19,962 packets/s 20,008 packets/s",
            "sent 19,962 packets/s 20,008 packets/s"),
        chromium.text("figure .values").lines().toList());
  }

  @Test
  void stringsOfAServerAreTextAndNeverMarkup() {
    String hostile =
        "</script><!--<script><script src='%s'></script><img src='%s' onerror='document.title=1'>"
                .formatted(elsewhere(), elsewhere())
            + "{data}{script}";
    String json =
        VERSUS
            .replace("Hairpin 0.1.0", hostile)
            .replace("\"coturn\"", '"' + hostile + '"')
            .replaceFirst("\"error\": null", "\"error\": null, \"warning\": \"" + hostile + '"')
            .replace("AMD EPYC", hostile);
    chromium.open(HtmlReport.render(json));
    assertTrue(chromium.text("#about").contains(", " + hostile + ", process 4242"));
    assertEquals("hairpin, round 1: " + hostile, chromium.text("#trouble li"));
    assertEquals(hostile, chromium.text("#figures thead th:nth-child(3)"));
    assertEquals(2L, chromium.evaluate("return document.scripts.length"));
    assertEquals(0L, chromium.evaluate("return document.images.length"));
    assertEquals(5, chromium.elements("figure svg[role=img]").size());
    chromium.becomePhone(390);
    chromium.screenshot("hostile-phone");
    assertNarrow();
  }

  @Test
  void whatIsNotOfThePageDoesNotRunAndFetchesNothing() {
    String foreign =
        "<script>document.body.id = 'hit'</script><img src='%s' onerror='document.body.id = 1'>"
            .formatted(elsewhere());
    chromium.open(HtmlReport.render(VERSUS).replace("</body>", foreign + "</body>"));
    assertEquals("", chromium.evaluate("return document.body.id"));
    var refusals = chromium.complaints();
    assertEquals(3, refusals.size(), refusals.toString());
    assertTrue(refusals.stream().allMatch(line -> line.contains("Content Security Policy")));
    chromium.evaluate(
        "performance.clearResourceTimings(); return 0"); // has those that were refused
  }

  @Test
  void theFiguresCanBeHadAsJson() {
    chromium.open(HtmlReport.render(VERSUS));
    chromium.element("#download").click();
    var file = directory.resolve("bench-2026-11-21-20-00-UTC.json");
    chromium.await(() -> Files.exists(file));
    assertEquals(read(VERSUS), read(content(file)));
  }

  @ParameterizedTest
  @CsvSource({"versus.json, light", "search.json, dark"})
  void aPhoneNeedsNoHorizontalScrolling(String sample, String scheme) {
    chromium.becomePhone(390);
    chromium.prefer(scheme);
    chromium.open(HtmlReport.render(sample(sample)));
    assertNarrow();
    chromium.screenshot("phone-" + scheme);
  }

  @ParameterizedTest
  @CsvSource({"search.json, light", "versus.json, dark"})
  void everyTextStandsOutFromItsBackground(String sample, String scheme) {
    chromium.prefer(scheme);
    chromium.open(HtmlReport.render(sample(sample)));
    assertEquals(List.of("many texts", scheme), chromium.evaluate(FAINT_TEXTS));
    chromium.screenshot("contrast-" + scheme);
  }

  @Test
  void everyPlotHasATitleAndADescription() {
    chromium.open(HtmlReport.render(VERSUS));
    assertEquals(
        "Loss / hairpin, loss: 0 % to 0.012 %, median 0 %. coturn, loss: 0 % to 0.019 %, median 0"
            + " %.",
        chromium.evaluate(
            """
            const plot = document.querySelectorAll('svg[role=img]')[1];
            return plot.getAttribute('aria-labelledby').split(' ')
              .map((id) => document.getElementById(id).textContent).join(' / ').replaceAll('\\u00a0', ' ');
            """));
    assertEquals(0, chromium.elements("th:not([scope])").size());
  }

  private void assertNarrow() {
    assertEquals(390L, chromium.evaluate("return innerWidth"));
    assertEquals(390L, chromium.evaluate("return document.documentElement.scrollWidth"));
  }

  /// Where a page could fetch something, if it were let.
  private String elsewhere() {
    return "http://127.0.0.1:" + server.getAddress().getPort() + "/";
  }

  private double value(String label, int target) {
    var cells = chromium.elements("[data-figure='" + label + "'] [data-value]");
    return Double.parseDouble(String.valueOf(cells.get(target).getDomAttribute("data-value")));
  }

  /// A row of the table as it is read, without what only holds places.
  private String row(String label) {
    return chromium.text("[data-figure='" + label + "']").replaceAll("\\s+", " ").strip();
  }

  private static Map<String, Object> read(String json) {
    return new Json().toType(json, new TypeToken<Map<String, Object>>() {}.getType());
  }

  @SuppressWarnings("unchecked") // objects of JSON
  private static Map<String, Object> map(@Nullable Object value) {
    return (Map<String, Object>) Objects.requireNonNull(value);
  }

  private static double number(@Nullable Object value) {
    return value instanceof Number number ? number.doubleValue() : Double.NaN;
  }

  private static String content(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static String sample(String name) {
    try (var in = Objects.requireNonNull(HtmlReportTest.class.getResourceAsStream(name), name)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }
}
