package dev.hairpin.deploy.browser;

import static java.util.Objects.requireNonNull;

import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.openqa.selenium.json.Json;
import org.openqa.selenium.remote.RemoteWebDriver;

/// Chromium in another network, which is told what to do over a link that it does not use itself.
final class FarChromium {
  private static final int PORT = 9515;

  private final Process chromedriver;
  private final RemoteWebDriver driver;

  /// @param here this machine's end of the link
  /// @param there the other end
  FarChromium(String network, String here, String there, Path directory) throws Exception {
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
      driver = new RemoteWebDriver(url.toURL(), Chromium.options(), false);
    } catch (RuntimeException | AssertionError e) {
      chromedriver.destroy();
      throw e;
    }
  }

  /// What the body of an asynchronous function returns, which has [CallScript].
  Map<String, Object> run(String body) {
    String script = "return (async () => {" + CallScript.LIBRARY + body + "})()";
    Object json = requireNonNull(driver.executeScript(script), body);
    return new Json().toType(json.toString(), Json.MAP_TYPE);
  }

  void close() throws InterruptedException {
    driver.quit();
    chromedriver.destroy();
    chromedriver.waitFor(10, TimeUnit.SECONDS);
  }
}
