package dev.hairpin.deploy.serve;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.Appender;
import ch.qos.logback.core.read.ListAppender;
import dev.hairpin.deploy.browser.TestAuthority;
import dev.hairpin.deploy.check.LiveCall;
import dev.hairpin.deploy.config.TurnKeys;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/// The whole product under TRACE: calls are made, refused and ended, the configuration is read
/// again, and no secret stands in what anybody logged.
@Timeout(120)
class SecrecyTest {
  private static final String SECRET = "0f3c5a97e1d24b68ac7e91b35df80246";
  private static final String KEY = "kP9_v3-QzX0pLw7RtB2yNgDdE4sFhJqA";
  private static final String JWT_SECRET = "QzX0pLw7RtB2yNgDdE4sFhJqAkP9_v3-";

  @TempDir Path folder;
  private final Logger root = (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
  private final ListAppender<ILoggingEvent> log = new ListAppender<>();
  private final List<Appender<ILoggingEvent>> others = new ArrayList<>();

  @BeforeEach
  void listen() {
    root.iteratorForAppenders().forEachRemaining(others::add);
    others.forEach(root::detachAppender);
    log.start();
    root.addAppender(log);
    root.setLevel(Level.TRACE);
    ours().setLevel(Level.TRACE);
  }

  @AfterEach
  void stopListening() {
    root.setLevel(Level.WARN);
    ours().setLevel(Level.INFO);
    root.detachAppender(log);
    others.forEach(root::addAppender);
  }

  private static Logger ours() {
    return (Logger) LoggerFactory.getLogger("dev.hairpin");
  }

  @Test
  void noSecretIsLoggedAtAnyLevelAndNoAddressOfAClient() throws Exception {
    var canaries =
        new LinkedHashSet<>(List.of(SECRET, KEY, JWT_SECRET, "wrong-key-0123456789abcdef"));
    var authority = TestAuthority.in(folder);
    var configuration =
        Samples.with(
            folder.resolve("data"),
            TurnKeys.LISTEN,
            "udp://127.0.0.1:0 tls://127.0.0.1:0",
            TurnKeys.SECRET_FILE,
            write("secret", SECRET),
            TurnKeys.TLS_CERTIFICATES,
            authority.chain(),
            TurnKeys.TLS_KEYS,
            authority.key(),
            HairpinKeys.API_LISTEN,
            "http://127.0.0.1:0",
            HairpinKeys.API_KEY_FILE,
            write("key", KEY),
            HairpinKeys.API_JWT_SECRET_FILE,
            write("jwt", JWT_SECRET));
    var plan = Plan.of(configuration);
    String client;
    try (var servers = Servers.start(plan)) {
      var url = servers.api().orElseThrow().url();
      String answer = post(url, KEY);
      canaries.add(find(answer, "\"credential\":\"([^\"]+)\"").replace("\\/", "/"));
      post(url, "wrong-key-0123456789abcdef");
      post(url, "a.b." + "wrong-key-0123456789abcdef");
      String server = servers.turn().orElseThrow().listenAddresses().getFirst().toString();
      try (var call = LiveCall.through(server, SECRET)) {
        call.talk();
        call.refresh();
        canaries.addAll(call.secrets());
        client = call.clientAddress();
      }
      assertFalse(LiveCall.isServed(server, "another-secret-of-somebody-else"));
      new Reload(() -> configuration, plan, servers).request();
    }
    Files.readAllLines(authority.key()).stream()
        .filter(line -> !line.startsWith("-----"))
        .forEach(canaries::add);
    canaries.add(client);
    assertTrue(canaries.size() >= 9, canaries.size() + " canaries");
    assertTrue(log.list.size() > 1_000, "the log was not listened to");
    for (String canary : canaries) {
      assertEquals(
          List.of(),
          List.copyOf(log.list).stream()
              .map(SecrecyTest::textOf)
              .filter(text -> text.contains(canary))
              .toList(),
          canary);
    }
  }

  private Path write(String name, String text) throws Exception {
    var file = Files.writeString(folder.resolve(name), text);
    return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
  }

  private static String post(URI url, String key) throws Exception {
    try (var client = HttpClient.newHttpClient()) {
      var request =
          HttpRequest.newBuilder(URI.create(url + "/v1/ice-servers"))
              .header("Authorization", "Bearer " + key)
              .POST(BodyPublishers.noBody());
      return client.send(request.build(), BodyHandlers.ofString()).body();
    }
  }

  private static String find(String text, String pattern) {
    var matcher = Pattern.compile(pattern).matcher(text);
    assertTrue(matcher.find(), text);
    return matcher.group(1);
  }

  private static String textOf(ILoggingEvent event) {
    var thrown = event.getThrowableProxy();
    return event.getLoggerName()
        + " "
        + event.getFormattedMessage()
        + (thrown == null ? "" : ThrowableProxyUtil.asString(thrown));
  }
}
