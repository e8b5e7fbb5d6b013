package dev.hairpin.deploy.browser;

import static java.util.Objects.requireNonNull;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.openqa.selenium.By;
import org.openqa.selenium.remote.RemoteWebDriver;
import org.openqa.selenium.support.ui.WebDriverWait;

/// Chromium in another network, which is told what to do over a link that it does not use itself.
final class FarChromium {
  private static final int PORT = 9515;
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final Duration LOOK_EVERY = Duration.ofMillis(50);

  private final Process chromedriver;
  private final RemoteWebDriver driver;

  /// @param here this machine's end of the link
  /// @param there the other end
  /// @param more options of Chromium
  FarChromium(String network, String here, String there, Path directory, List<String> more)
      throws Exception {
    var builder =
        Networks.program(
                network,
                List.of("/usr/bin/chromedriver", "--port=" + PORT, "--allowed-ips=" + here))
            .redirectErrorStream(true)
            .redirectOutput(directory.resolve("chromedriver.log").toFile());
    builder.environment().put("TMPDIR", directory.toString());
    chromedriver = builder.start();
    try {
      var url = URI.create("http://" + there + ":" + PORT);
      Networks.awaitHttp(url.resolve("/status"));
      driver = new RemoteWebDriver(url.toURL(), Chromium.options(more), false);
    } catch (RuntimeException | AssertionError e) {
      chromedriver.destroy();
      throw e;
    }
  }

  void open(String page) {
    driver.get(page);
  }

  /// What the body of a function returns.
  Object evaluate(String body) {
    return requireNonNull(driver.executeScript(body), body);
  }

  void await(BooleanSupplier condition) {
    new WebDriverWait(driver, PATIENCE, LOOK_EVERY)
        .withMessage(() -> driver.findElement(By.tagName("body")).getText())
        .until(_ -> condition.getAsBoolean());
  }

  void close() throws InterruptedException {
    driver.quit();
    chromedriver.destroy();
    chromedriver.waitFor(10, TimeUnit.SECONDS);
  }
}
