package dev.hairpin.deploy.serve;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.hairpin.deploy.browser.TestAuthority;
import dev.hairpin.deploy.check.LiveCall;
import dev.hairpin.deploy.config.Configuration;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/// The configuration is read again while calls go on.
@Timeout(120)
class ReloadTest {
  private static final String SECRET = "0f3c5a97e1d24b68ac7e91b35df80246";
  private static final String NEXT_SECRET = "46b0c2d9f17e83a5d04c6f92ae1b7d38";
  private static final String KEY = "kP9_v3-QzX0pLw7RtB2yNgDdE4sFhJqA";
  private static final String NEXT_KEY = "QzX0pLw7RtB2yNgDdE4sFhJqAkP9_v3-";
  private static final String GOOD =
      """
      realm: example.org
      listen: [ 'udp://127.0.0.1:0', 'tls://127.0.0.1:0' ]
      secret-file: secret
      tls:
        certificate: chain.pem
        key: key.pem
      api:
        listen: http://127.0.0.1:0
        key-file: key
        public-host: localhost
      """;

  @TempDir Path folder;
  private final Logger logger = (Logger) LoggerFactory.getLogger(Reload.class);
  private final ListAppender<ILoggingEvent> log = new ListAppender<>();

  @BeforeEach
  void write() throws IOException {
    TestAuthority.in(folder);
    write("hairpin.yml", GOOD);
    write("secret", SECRET);
    write("key", KEY);
    log.start();
    logger.addAppender(log);
  }

  @AfterEach
  void stopListening() {
    logger.detachAppender(log);
  }

  @Test
  void fiftyBadConfigurationsChangeNothingAndNoPacketIsLost() throws Exception {
    var bad = badConfigurations();
    assertTrue(bad.size() >= 50, bad.size() + " configurations");
    try (var servers = start();
        var call = LiveCall.through(server(servers), SECRET)) {
      var reload = reload(servers);
      for (String text : bad) {
        write("hairpin.yml", text);
        log.list.clear();
        reload.request();
        assertEquals(1, log.list.size(), text);
        String line = log.list.getFirst().getFormattedMessage();
        assertTrue(
            line.matches("the former configuration stays in force: .*hairpin\\.yml:[0-9]+: .*; .*"),
            line);
        call.talk();
      }
      assertMetrics(servers, "hairpin_reload_last_success 0.0");
      assertMetrics(servers, "hairpin_reloads_total{outcome=\"failure\"} " + bad.size() + ".0");
      assertTrue(LiveCall.isServed(server(servers), SECRET));
      assertEquals(200, status(servers, KEY));
      write("hairpin.yml", GOOD);
      reload.request();
      call.talk();
      assertMetrics(servers, "hairpin_reload_last_success 1.0");
      assertMetrics(servers, "hairpin_reloads_total{outcome=\"success\"} 1.0");
    }
  }

  private List<String> badConfigurations() throws IOException {
    write("empty", "");
    write("weak", "north");
    write("broken.pem", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n");
    var other = TestAuthority.in(Files.createDirectory(folder.resolve("other")));
    var bad = new ArrayList<String>();
    for (String line :
        List.of(
            "reallm: x",
            "realm: y",
            "realm: [a]",
            "mode: no",
            "mode: stun-only",
            "features: quic",
            "loops: -1",
            "loops: 257",
            "loops: four",
            "udp: raw",
            "roles: none",
            "roles: []",
            "unsafe: everything",
            "drain-timeout: 5",
            "drain-timeout: -1s",
            "drain-timeout: 2d",
            "relay: {ports: 80-90}",
            "relay: {ports: 50000-49999}",
            "relay: {ports: 65536-65537}",
            "relay: {addresses: localhost}",
            "relay: {addresses: []}",
            "peers: {allow: 10.0.0.1/8}",
            "peers: {allow: 10.0.0.0/33}",
            "peers: {deny: everything}",
            "peers: {deny: [10.0.0.0/8, 10.0.0.0/8]}",
            "peers: {alow: 10.0.0.0/8}",
            "allocation: {max-lifetime: 25h}",
            "allocation: {default-lifetime: 1s}",
            "auth: {nonce-lifetime: 0s}",
            "auth: {max-credential-ttl: 366d}",
            "auth: {max-credential-ttl: 1h}",
            "connections: {backlog-bytes: 1}",
            "connections: {idle-timeout: 1}",
            "external-address: 203.0.113.7/10.9.9.9",
            "alternate-servers: example.org:3478",
            "alternate-domain: -x-",
            "nat-discovery: 127.0.0.2:3479",
            "proxy-protocol: {from: 10.0.0.0}x}",
            "data-dir: ~",
            "x: &a 1",
            "? [a]",
            "realm2: !!java.util.Date 1",
            "\t",
            "- a")) {
      bad.add(GOOD + line + "\n");
    }
    for (String[] change :
        new String[][] {
          {"secret-file: secret", "secret-file: nowhere"},
          {"secret-file: secret", "secret-file: empty"},
          {"key: key.pem", "key: broken.pem"},
          {"key: key.pem", "key: " + other.key()},
          {"key: key.pem", "key: [key.pem, " + other.key() + "]"},
          {"certificate: chain.pem", "certificate: nowhere"},
          {"certificate: chain.pem", "certificate: key.pem"},
          {"key-file: key", "key-file: empty"},
          {"key-file: key", "key-file: weak"},
          {"key-file: key", "jwt-secret-file: weak"},
          {"udp://127.0.0.1:0", "udp://0.0.0.0:0', 'tcp://127.0.0.1:65536"}
        }) {
      bad.add(GOOD.replace(change[0], change[1]));
    }
    return bad;
  }

  @Test
  void reloadingEvery100MillisecondsStopsNoCall() throws Exception {
    reloadWhileCallsGoOn(Duration.ofSeconds(3));
  }

  @Test
  @Tag("nightly")
  void reloadingForHalfAMinuteStopsNoCall() throws Exception {
    reloadWhileCallsGoOn(Duration.ofSeconds(30));
  }

  private void reloadWhileCallsGoOn(Duration time) throws Exception {
    try (var servers = start();
        var call = LiveCall.through(server(servers), SECRET)) {
      var reload = reload(servers);
      var storm =
          Thread.ofPlatform()
              .start(
                  () -> {
                    for (int i = 0; i < time.toMillis() / 100; i++) {
                      reload.request();
                      pause();
                    }
                  });
      while (storm.isAlive()) {
        call.talk();
        call.permitAgain();
      }
      assertTrue(call.sent() > 10, call.sent() + " packets");
      assertEquals(
          List.of(),
          log.list.stream()
              .map(ILoggingEvent::getFormattedMessage)
              .filter(line -> !line.startsWith("the configuration has been read again"))
              .toList());
    }
  }

  private static void pause() {
    try {
      Thread.sleep(100);
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void otherSecretsAndRevocationsAreInForceAtOnceAndCallsGoOn() throws Exception {
    try (var servers = start();
        var call = LiveCall.through(server(servers), SECRET)) {
      var reload = reload(servers);
      write("secret", NEXT_SECRET + "\n" + SECRET);
      reload.request();
      assertTrue(LiveCall.isServed(server(servers), SECRET));
      assertTrue(LiveCall.isServed(server(servers), NEXT_SECRET));
      write("secret", NEXT_SECRET);
      reload.request();
      assertFalse(LiveCall.isServed(server(servers), SECRET));
      assertTrue(LiveCall.isServed(server(servers), NEXT_SECRET));
      call.talk();
      call.refresh();
      write("revoked", "*:caller\n");
      write("hairpin.yml", GOOD + "revoked-file: revoked\n");
      reload.request();
      assertFalse(LiveCall.isServed(server(servers), NEXT_SECRET));
      write("revoked", "*:somebody else\n");
      reload.request();
      assertTrue(LiveCall.isServed(server(servers), NEXT_SECRET));
    }
  }

  @Test
  void otherRulesForPeersAreInForceAtOnce() throws Exception {
    try (var servers = start();
        var call = LiveCall.through(server(servers), SECRET)) {
      var reload = reload(servers);
      assertFalse(call.mayReachLoopback());
      write("hairpin.yml", GOOD + "peers: {allow: 127.0.0.0/8}\n");
      reload.request();
      assertTrue(call.mayReachLoopback());
      write("hairpin.yml", GOOD);
      reload.request();
      assertFalse(call.mayReachLoopback());
      call.talk();
    }
  }

  @Test
  void otherKeysOfTheApiAreInForceAtOnce() throws Exception {
    try (var servers = start()) {
      assertEquals(200, status(servers, KEY));
      write("key", NEXT_KEY + "\n");
      reload(servers).request();
      assertEquals(401, status(servers, KEY));
      assertEquals(200, status(servers, NEXT_KEY));
    }
  }

  @Test
  void anotherCertificateIsInForceAtOnce() throws Exception {
    try (var servers = start()) {
      long first = servers.turn().orElseThrow().certificatesEndSeconds();
      Files.move(folder.resolve("chain.pem"), folder.resolve("old.pem"));
      Files.move(folder.resolve("key.pem"), folder.resolve("old-key.pem"));
      var longer = TestAuthority.in(folder, 9);
      write("hairpin.yml", GOOD.replace("chain.pem", longer.chain().getFileName().toString()));
      reload(servers).request();
      long second = servers.turn().orElseThrow().certificatesEndSeconds();
      assertTrue(second > first + 7 * 86_400, first + " then " + second);
      assertMetrics(servers, "hairpin_tls_certificate_not_after_seconds ");
    }
  }

  @Test
  void whatCannotChangeIsNamedInOneWarningAndTheRestIsInForce() throws Exception {
    try (var servers = start()) {
      write(
          "hairpin.yml",
          GOOD.replace("example.org", "example.net").replace("tls://127", "tcp://127")
              + "relay: {ports: 50000-50100}\n");
      write("key", NEXT_KEY);
      reload(servers).request();
      assertEquals(
          List.of(
              "changed, and in force only after the next start: realm, listen, relay.ports",
              "the configuration has been read again and is in force"),
          log.list.stream().map(ILoggingEvent::getFormattedMessage).toList());
      assertEquals(200, status(servers, NEXT_KEY));
    }
  }

  @Test
  void rulesForPeersThatDoNotGoWithWhatStaysChangeNothing() throws Exception {
    write("hairpin.yml", GOOD + "nat-discovery: 127.0.0.2:0\npeers: {allow: 127.0.0.0/8}\n");
    var started = plan();
    try (var servers = Servers.start(started)) {
      write("hairpin.yml", GOOD);
      write("secret", NEXT_SECRET);
      new Reload(this::read, started, servers).request();
      assertTrue(LiveCall.isServed(server(servers), SECRET));
      assertFalse(LiveCall.isServed(server(servers), NEXT_SECRET));
      assertEquals(1, log.list.size(), log.list.toString());
      String line = log.list.getFirst().getFormattedMessage();
      assertTrue(line.contains("stays in force: nat-discovery: NAT discovery would tell"), line);
    }
  }

  @Test
  void whatTenantsHaveFromTheServerWaitsForTheNextStartAsItDoes() throws Exception {
    Files.createDirectory(folder.resolve("tenants"));
    write("tenants/acme.secret", NEXT_SECRET);
    write("tenants/acme.yml", "secret-file: acme.secret\n");
    String tenants = "tenants-dir: tenants\n";
    write("hairpin.yml", tenants + GOOD);
    var started = plan();
    try (var servers = Servers.start(started)) {
      var reload = new Reload(this::read, started, servers);
      String more = "auth: {max-credential-ttl: 7d}\nquotas: {user: 3}\n";
      write(
          "hairpin.yml",
          more + tenants + GOOD.replace("localhost", "other.example\n  ttl: {max: 5d}"));
      assertEquals(
          List.of("quotas.user", "auth.max-credential-ttl", "api.ttl.max", "api.public-host"),
          reload.reload());
      String acme = get(servers, "/v1/tenants/acme", KEY).body();
      assertTrue(acme.contains("\"max\":86400"), acme);
      assertTrue(acme.contains("\"quotas\":{\"user\":256,"), acme);
      assertTrue(acme.contains("\"stun:localhost:"), acme);

      write("tenants/acme.yml", "secret-file: acme.secret\nttl: {max: 6d}\n");
      log.list.clear();
      reload.request();
      String line = log.list.getFirst().getFormattedMessage();
      assertTrue(line.matches(".* stays in force: .*acme.yml:2: ttl.max: .* start anew, .*"), line);
      assertEquals(1, log.list.size(), log.list.toString());
    }
  }

  @Test
  void secretsThatAreReadAtTheStartAloneAreNamedWhereTheyHaveChanged() throws Exception {
    write("hook", SECRET);
    write("password", SECRET);
    write(
        "hairpin.yml",
        """
        storage: {url: 'jdbc:postgresql://127.0.0.1:9/x', user: x, password-file: password}
        """
            + GOOD
            + "  webhooks: http://127.0.0.1:9/x\n  webhook-secret-file: hook\n");
    var started = plan();
    try (var servers = Servers.start(started)) {
      var reload = new Reload(this::read, started, servers);
      assertEquals(List.of(), reload.reload());
      write("hook", NEXT_SECRET + "\n" + SECRET);
      write("password", NEXT_SECRET);
      assertEquals(List.of("api.webhook-secret-file", "storage.password-file"), reload.reload());
    }
  }

  @Test
  void aListenerThatACertificateWouldOpenAtTheNextStartIsNamed() throws Exception {
    String tls = "tls:\n  certificate: chain.pem\n  key: key.pem\n";
    String unlistened = GOOD.replaceFirst("listen: .*\n", "");
    try (var servers = start()) {
      write("hairpin.yml", unlistened.replace(tls, ""));
      var reload = new Reload(this::read, plan(), servers);
      assertEquals(List.of(), reload.reload());
      write("hairpin.yml", unlistened);
      assertEquals(List.of("listen"), reload.reload());
    }
  }

  @Test
  void aSecretFileThatHasGoneIsMissedAndNotMadeAnew() throws Exception {
    var data = folder.resolve("data");
    var text = GOOD.replace("secret-file: secret\n", "");
    write("hairpin.yml", text);
    try (var servers = Servers.start(plan())) {
      Files.delete(data.resolve("turn-secret"));
      reload(servers).request();
      assertFalse(Files.exists(data.resolve("turn-secret")));
      assertMetrics(servers, "hairpin_reload_last_success 0.0");
    }
  }

  private Servers start() {
    return Servers.start(plan());
  }

  private Plan plan() {
    return Plan.of(read());
  }

  private Reload reload(Servers servers) throws IOException {
    String now = Files.readString(folder.resolve("hairpin.yml"));
    write("hairpin.yml", GOOD);
    var started = plan();
    write("hairpin.yml", now);
    return new Reload(this::read, started, servers);
  }

  private Configuration read() {
    var file = Configuration.read(folder.resolve("hairpin.yml"), HairpinKeys.ALL);
    return Plan.fill(file, Samples.LOCAL, folder.resolve("data"));
  }

  private void write(String name, String text) throws IOException {
    var file = Files.writeString(folder.resolve(name), text);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
  }

  private static String server(Servers servers) {
    return servers.turn().orElseThrow().listenAddresses().getFirst().toString();
  }

  private static void assertMetrics(Servers servers, String line) {
    String all = servers.api().orElseThrow().metrics().scrape();
    assertTrue(all.contains("\n" + line), all);
  }

  private static int status(Servers servers, String key) throws Exception {
    return get(servers, "/v1/ice-servers", key).statusCode();
  }

  private static HttpResponse<String> get(Servers servers, String path, String key)
      throws Exception {
    var url = URI.create(servers.api().orElseThrow().url() + path);
    try (var client = HttpClient.newHttpClient()) {
      var request = HttpRequest.newBuilder(url).header("Authorization", "Bearer " + key);
      return client.send(request.build(), BodyHandlers.ofString());
    }
  }
}
