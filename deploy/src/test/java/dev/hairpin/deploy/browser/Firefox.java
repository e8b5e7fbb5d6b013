package dev.hairpin.deploy.browser;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.openqa.selenium.json.Json;

/// Firefox with the page in it, until closed; driven by WebDriver BiDi, which needs no driver
/// program. It talks to loopback only.
final class Firefox implements AutoCloseable {
  private static final int PATIENCE_SECONDS = 60;
  private static final String ANNOUNCEMENT = "WebDriver BiDi listening on ";
  private static final String PREFERENCES =
      """
      user_pref("media.peerconnection.ice.loopback", true);
      user_pref("media.peerconnection.ice.obfuscate_host_addresses", false);
      user_pref("media.navigator.permission.disabled", true);
      user_pref("media.navigator.streams.fake", true);
      """;

  private final Json json = new Json();
  private final BlockingQueue<Map<String, Object>> answers = new LinkedBlockingQueue<>();
  private final Process process;
  private final HttpClient http = HttpClient.newHttpClient();
  private final WebSocket socket;
  private final String tab;
  private long lastId;

  /// @param profile an empty directory
  Firefox(Path profile) throws Exception {
    Files.writeString(profile.resolve("user.js"), PREFERENCES);
    process =
        new ProcessBuilder(
                "/usr/bin/firefox-esr",
                "--headless",
                "--no-remote",
                "--remote-debugging-port=0",
                "--profile",
                profile.toString())
            .redirectErrorStream(true)
            .start();
    URI url = URI.create(announcedUrl() + "/session");
    socket = http.newWebSocketBuilder().buildAsync(url, new Answers()).join();
    call("session.new", Map.of("capabilities", Map.of()));
    tab = String.valueOf(call("browsingContext.create", Map.of("type", "tab")).get("context"));
  }

  /// Trusts an authority, as after an import in its settings.
  static Firefox trusting(TestAuthority authority, Path profile) throws Exception {
    authority.importInto(profile);
    return new Firefox(profile);
  }

  void open(Servers servers) {
    open(servers.page());
  }

  void open(URI page) {
    var params = Map.of("context", tab, "url", page.toString(), "wait", "complete");
    call("browsingContext.navigate", params);
  }

  /// The value of a JavaScript expression, awaited where it is a promise.
  @Nullable Object evaluate(String expression) {
    var answer =
        call(
            "script.evaluate",
            Map.of(
                "expression", expression, "target", Map.of("context", tab), "awaitPromise", true));
    if (!(answer.get("result") instanceof Map<?, ?> result)) {
      throw new AssertionError(expression + " failed: " + answer);
    }
    return result.get("value");
  }

  void await(String condition) {
    evaluate(
        "new Promise((resolve) => { const look = () => (%s) ? resolve() : setTimeout(look, 50); look(); })"
            .formatted(condition));
  }

  @Override
  public void close() {
    socket.abort();
    http.close();
    process.destroy();
    process.onExit().join();
  }

  private Map<?, ?> call(String method, Map<String, ?> params) {
    lastId += 1;
    String message = json.toJson(Map.of("id", lastId, "method", method, "params", params));
    socket.sendText(message, true).join();
    try {
      var answer = answers.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
      if (answer == null || !"success".equals(answer.get("type"))) {
        throw new AssertionError(method + " failed: " + answer);
      }
      return (Map<?, ?>) Objects.requireNonNull(answer.get("result"));
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  /// Reads what the process prints, to its end, so that it never blocks.
  private String announcedUrl() throws Exception {
    var announced = new CompletableFuture<String>();
    Thread.ofVirtual()
        .start(
            () -> {
              try (var output = process.inputReader()) {
                output
                    .lines()
                    .filter(line -> line.startsWith(ANNOUNCEMENT))
                    .forEach(line -> announced.complete(line.substring(ANNOUNCEMENT.length())));
              } catch (IOException | UncheckedIOException e) {
                announced.completeExceptionally(e);
              }
            });
    return announced.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
  }

  /// Collects the answers to commands; no event is subscribed to.
  private final class Answers implements WebSocket.Listener {
    private final StringBuilder text = new StringBuilder();

    @Override
    public @Nullable CompletionStage<?> onText(WebSocket from, CharSequence part, boolean last) {
      text.append(part);
      if (last) {
        answers.add(json.toType(text.toString(), Json.MAP_TYPE));
        text.setLength(0);
      }
      from.request(1);
      return null;
    }
  }
}
