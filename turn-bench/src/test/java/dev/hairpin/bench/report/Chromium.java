package dev.hairpin.bench.report;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.BooleanSupplier;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.openqa.selenium.By;
import org.openqa.selenium.WebElement;
import org.openqa.selenium.chrome.ChromeDriver;
import org.openqa.selenium.chrome.ChromeDriverService;
import org.openqa.selenium.chrome.ChromeOptions;
import org.openqa.selenium.interactions.Actions;
import org.openqa.selenium.logging.LogEntry;
import org.openqa.selenium.logging.LogType;
import org.openqa.selenium.logging.LoggingPreferences;
import org.openqa.selenium.support.ui.WebDriverWait;

/// Chromium with a report in it, which it reads from a file.
final class Chromium implements AutoCloseable {
  private static final Path SCREENSHOTS = Path.of("target", "screenshots");
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final Duration LOOK_EVERY = Duration.ofMillis(50);

  /// Selenium warns that it has no typed classes for this version's DevTools; none are used.
  private static final Logger SELENIUM = Logger.getLogger("org.openqa.selenium");

  private final ChromeDriver driver;
  private final Path directory;

  /// @param directory where it keeps what is temporary, and what it downloads
  Chromium(Path directory) {
    SELENIUM.setLevel(Level.SEVERE);
    this.directory = directory;
    var options = new ChromeOptions();
    options.setBinary("/usr/bin/chromium");
    options.addArguments(
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--hide-scrollbars",
        "--window-size=1100,2400",
        "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1");
    var logs = new LoggingPreferences();
    logs.enable(LogType.BROWSER, Level.ALL);
    options.setCapability("goog:loggingPrefs", logs);
    // With both paths given, Selenium looks nothing up and downloads nothing.
    var service =
        new ChromeDriverService.Builder()
            .usingDriverExecutable(new File("/usr/bin/chromedriver"))
            .usingAnyFreePort()
            .withEnvironment(Map.of("TMPDIR", directory.toString()))
            .build();
    driver = new ChromeDriver(service, options);
    driver.executeCdpCommand(
        "Browser.setDownloadBehavior",
        Map.of("behavior", "allow", "downloadPath", directory.toString()));
  }

  /// Opens a report, and waits until its plots are drawn.
  void open(String html) {
    var file = directory.resolve("report.html");
    try {
      Files.writeString(file, html);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    driver.get(file.toUri().toString());
    await(() -> elements(".canvas").size() == elements(".canvas > svg").size());
  }

  WebElement element(String selector) {
    return driver.findElement(By.cssSelector(selector));
  }

  List<WebElement> elements(String selector) {
    return driver.findElements(By.cssSelector(selector));
  }

  String text(String selector) {
    return element(selector).getText();
  }

  /// Moves the pointer to the middle of an element.
  void pointAt(WebElement element) {
    new Actions(driver).moveToElement(element).perform();
  }

  void await(BooleanSupplier condition) {
    new WebDriverWait(driver, PATIENCE, LOOK_EVERY).until(_ -> condition.getAsBoolean());
  }

  /// What the body of a JavaScript function returns.
  Object evaluate(String body) {
    return Objects.requireNonNull(driver.executeScript(body), body);
  }

  /// Lets the reader like light or dark pages.
  void prefer(String scheme) {
    var features = List.of(Map.of("name", "prefers-color-scheme", "value", scheme));
    driver.executeCdpCommand("Emulation.setEmulatedMedia", Map.of("features", features));
  }

  void becomePhone(int width) {
    driver.executeCdpCommand(
        "Emulation.setDeviceMetricsOverride",
        Map.of("width", width, "height", 740, "deviceScaleFactor", 2, "mobile", true));
  }

  /// A desktop again, and light.
  void becomeItselfAgain() {
    driver.executeCdpCommand("Emulation.clearDeviceMetricsOverride", Map.of());
    prefer("light");
  }

  /// What the console says, breaches of the Content-Security-Policy included.
  List<String> complaints() {
    return driver.manage().logs().get(LogType.BROWSER).getAll().stream()
        .map(LogEntry::getMessage)
        .toList();
  }

  /// Keeps an image of the whole page, for people to look at.
  void screenshot(String name) {
    Object width = evaluate("return document.documentElement.clientWidth");
    Object height = evaluate("return document.documentElement.scrollHeight");
    var clip = Map.of("x", 0, "y", 0, "width", width, "height", height, "scale", 1);
    var answer =
        driver.executeCdpCommand(
            "Page.captureScreenshot", Map.of("captureBeyondViewport", true, "clip", clip));
    try {
      Files.createDirectories(SCREENSHOTS);
      Files.write(
          SCREENSHOTS.resolve(name + ".png"),
          Base64.getDecoder().decode(String.valueOf(answer.get("data"))));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    driver.quit();
  }
}
