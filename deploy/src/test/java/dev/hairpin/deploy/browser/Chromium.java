package dev.hairpin.deploy.browser;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.BooleanSupplier;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.openqa.selenium.By;
import org.openqa.selenium.Keys;
import org.openqa.selenium.WebElement;
import org.openqa.selenium.WindowType;
import org.openqa.selenium.chrome.ChromeDriver;
import org.openqa.selenium.chrome.ChromeDriverService;
import org.openqa.selenium.chrome.ChromeOptions;
import org.openqa.selenium.interactions.Actions;
import org.openqa.selenium.logging.LogEntry;
import org.openqa.selenium.logging.LogType;
import org.openqa.selenium.logging.LoggingPreferences;
import org.openqa.selenium.support.ui.WebDriverWait;

/// Chromium with the page in it, until closed. It talks to loopback only.
final class Chromium implements AutoCloseable {
  private static final Path SCREENSHOTS = Path.of("target", "screenshots");
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final Duration LOOK_EVERY = Duration.ofMillis(50);

  /// Selenium warns that it has no typed classes for this version's DevTools; none are used.
  private static final Logger SELENIUM = Logger.getLogger("org.openqa.selenium");

  private final ChromeDriver driver;

  /// @param directory where it keeps what is temporary; it does not tidy up
  Chromium(Path directory) {
    this(directory, Map.of(), List.of("--deny-permission-prompts"));
  }

  /// Has a camera and a microphone that need no asking for: a picture that moves, a sound that
  /// beeps.
  static Chromium withDevices(Path directory) {
    return new Chromium(
        directory,
        Map.of(),
        List.of("--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"));
  }

  /// Trusts an authority, as after an import in its settings.
  static Chromium trusting(TestAuthority authority, Path directory) {
    authority.importInto(directory.resolve(".pki/nssdb"));
    return new Chromium(directory, Map.of("HOME", directory.toString()), List.of());
  }

  private Chromium(Path directory, Map<String, String> environment, List<String> more) {
    SELENIUM.setLevel(Level.SEVERE);
    var variables = new HashMap<>(environment);
    variables.put("TMPDIR", directory.toString());
    // With both paths given, Selenium looks nothing up and downloads nothing.
    var service =
        new ChromeDriverService.Builder()
            .usingDriverExecutable(new File("/usr/bin/chromedriver"))
            .usingAnyFreePort()
            .withEnvironment(variables)
            .build();
    driver = new ChromeDriver(service, options(more));
  }

  static ChromeOptions options(List<String> more) {
    var options = new ChromeOptions();
    options.setBinary("/usr/bin/chromium");
    options.setAcceptInsecureCerts(false);
    options.addArguments(
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--hide-scrollbars",
        "--window-size=1100,2400",
        "--host-resolver-rules=MAP localhost 127.0.0.1, MAP localhost. 127.0.0.1," // WebRTC's dot
            + " MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE 10.213.77.2, EXCLUDE 44.0.0.1",
        "--allow-loopback-in-peer-connection");
    options.addArguments(more);
    var logs = new LoggingPreferences();
    logs.enable(LogType.BROWSER, Level.ALL);
    options.setCapability("goog:loggingPrefs", logs);
    return options;
  }

  void open(Servers servers) {
    open(servers.page());
  }

  void open(URI page) {
    driver.get(page.toString());
  }

  /// Opens a further window and goes on in it.
  ///
  /// @return the way back
  String openWindow() {
    return driver.switchTo().newWindow(WindowType.WINDOW).getWindowHandle();
  }

  void goTo(String window) {
    driver.switchTo().window(window);
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

  /// Presses a key where the focus is.
  void key(Keys key) {
    new Actions(driver).sendKeys(key).perform();
  }

  WebElement focused() {
    return driver.switchTo().activeElement();
  }

  void await(BooleanSupplier condition) {
    new WebDriverWait(driver, PATIENCE, LOOK_EVERY).until(_ -> condition.getAsBoolean());
  }

  /// What the body of an asynchronous JavaScript function returns.
  Object evaluate(String body) {
    Object value = driver.executeScript("return (async () => {" + body + "})()");
    return Objects.requireNonNull(value, body);
  }

  /// Lets a media feature have a value, such as `prefers-color-scheme`.
  void prefer(String feature, String value) {
    var features = List.of(Map.of("name", feature, "value", value));
    driver.executeCdpCommand("Emulation.setEmulatedMedia", Map.of("features", features));
  }

  void becomePhone(int width) {
    driver.executeCdpCommand(
        "Emulation.setDeviceMetricsOverride",
        Map.of("width", width, "height", 740, "deviceScaleFactor", 2, "mobile", true));
  }

  void becomeDesktop() {
    driver.executeCdpCommand("Emulation.clearDeviceMetricsOverride", Map.of());
  }

  /// What the console says, breaches of the Content-Security-Policy included.
  List<String> complaints() {
    return driver.manage().logs().get(LogType.BROWSER).getAll().stream()
        .filter(entry -> entry.getLevel().intValue() >= Level.WARNING.intValue())
        .map(LogEntry::getMessage)
        .toList();
  }

  /// Keeps an image of the whole page, for people to look at.
  void screenshot(String name) {
    Object width = evaluate("return document.documentElement.clientWidth");
    Object height = evaluate("return document.body.offsetHeight");
    var clip = Map.of("x", 0, "y", 0, "width", width, "height", height, "scale", 1);
    var answer =
        driver.executeCdpCommand(
            "Page.captureScreenshot", Map.of("captureBeyondViewport", true, "clip", clip));
    byte[] image = Base64.getDecoder().decode(String.valueOf(answer.get("data")));
    try {
      Files.createDirectories(SCREENSHOTS);
      Files.write(SCREENSHOTS.resolve(name + ".png"), image);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    driver.quit();
  }
}
