package dev.hairpin.deploy;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.hairpin.deploy.check.LiveCall;
import dev.hairpin.deploy.config.Configuration;
import dev.hairpin.deploy.serve.HairpinKeys;
import dev.hairpin.deploy.serve.Plan;
import dev.hairpin.deploy.serve.Servers;
import dev.hairpin.turnserver.credential.Credential;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.yaml.snakeyaml.Yaml;

/// What docs/integrations says works: its programs run, its configurations are read, and what comes
/// of them gets an allocation.
class IntegrationsTest {
  private static final Path PAGES = Path.of("..", "docs", "integrations");
  private static final String KEY = "the-api-key-of-the-integrations";
  private static final String SECRET = "vJ0bW2q9ZrK4xT7eN1hYcP6sD3gLmU8a";

  @TempDir static Path folder;
  private static Servers servers;
  private static String turn;

  @BeforeAll
  static void start() throws IOException {
    Files.writeString(folder.resolve("api-key"), KEY);
    Files.writeString(folder.resolve("secret"), SECRET);
    var file =
        Files.writeString(
            folder.resolve("hairpin.yml"),
            """
            listen: [ 'udp://127.0.0.1:0' ]
            secret-file: secret
            api: { listen: 'http://127.0.0.1:0', key-file: api-key }
            """);
    var given = Configuration.read(file, HairpinKeys.ALL);
    servers =
        Servers.start(Plan.of(Plan.fill(given, _ -> Optional.empty(), folder.resolve("data"))));
    turn = servers.turn().orElseThrow().listenAddresses().getFirst().toString();
  }

  @AfterAll
  static void stop() {
    servers.close();
  }

  @ParameterizedTest
  @CsvSource({
    "js, ice-servers.mjs, node",
    "python, ice_servers.py, /usr/bin/python3",
    "go, main.go, go run",
    "java, IceServers.java, JAVA",
  })
  void aServerAsThePageWritesItGetsCredentials(String language, String name, String command)
      throws Exception {
    assertTrue(LiveCall.isServed(turn, credentialIn(run(command, name, language, ""))));
  }

  @Test
  void aPeerInPythonGathersARelayedCandidate() throws Exception {
    var aioice = Path.of("/usr/lib/python3/dist-packages/aioice");
    assumeTrue(Files.exists(aioice), "Debian's python3-aioice is not there");
    String answer = run("/usr/bin/python3", "ice_servers.py", "python", "");
    var peer = blocks("own-servers.md", "python").get(1);
    Files.writeString(folder.resolve("peer.py"), peer);
    String candidates = output(List.of("/usr/bin/python3", "peer.py"), answer);
    assertTrue(candidates.contains("relay 127.0.0.1 "), candidates);
  }

  /// Runs the first block of a language on the page of own servers.
  private static String run(String command, String name, String language, String input)
      throws Exception {
    var program = command.replace("JAVA", System.getProperty("java.home") + "/bin/java");
    var words = new ArrayList<>(List.of(program.split(" ", -1)));
    assumeTrue(isThere(words.getFirst()), words.getFirst() + " is not there");
    words.add(name);
    String url = servers.api().orElseThrow().url().toString();
    String block = blocks("own-servers.md", language).getFirst();
    assertTrue(block.contains("http://127.0.0.1:8080/"), block);
    Files.writeString(folder.resolve(name), patient(block).replace("http://127.0.0.1:8080", url));
    return output(words, input);
  }

  /// With ten times the deadline: a machine that builds may take longer than users would wait.
  private static String patient(String block) {
    var deadline = Pattern.compile("(?<=timeout\\(|timeout=|Timeout: |ofSeconds\\()3");
    assertTrue(deadline.matcher(block).find(), block);
    return deadline.matcher(block).replaceFirst("30");
  }

  private static boolean isThere(String program) {
    return Pattern.compile(":")
        .splitAsStream(System.getenv("PATH"))
        .map(Path::of)
        .anyMatch(place -> Files.isExecutable(place.resolve(program)));
  }

  private static String output(List<String> command, String input) throws Exception {
    var builder = new ProcessBuilder(command).directory(folder.toFile());
    builder.environment().put("HAIRPIN_API_KEY", KEY);
    var compiled = Path.of("target", "go-build").toAbsolutePath();
    builder.environment().put("GOCACHE", compiled.toString());
    var errors = folder.resolve("errors");
    var process = builder.redirectError(errors.toFile()).start();
    try (var in = process.outputWriter(UTF_8)) {
      in.write(input);
    }
    String output = new String(process.getInputStream().readAllBytes(), UTF_8);
    assertEquals(0, process.waitFor(), () -> String.join(" ", command) + read(errors));
    return output;
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      return e.toString();
    }
  }

  private static List<String> blocks(String page, String language) throws IOException {
    var pattern =
        Pattern.compile("^```" + language + "\n(.*?)^```$", Pattern.MULTILINE | Pattern.DOTALL);
    var blocks =
        pattern.matcher(Files.readString(PAGES.resolve(page))).results().map(b -> b.group(1));
    return blocks.toList();
  }

  @ParameterizedTest
  @CsvSource({
    "Prosody, ''",
    "Synapse, :@alice:example.org",
    "Nextcloud Talk, :q0+Zs/81nV7yKxWb",
    "LiveKit, :PA_h5ymVgJTQpCi",
    "BigBlueButton, :w_kq3ptyvsnx1f",
  })
  void credentialsAsTheyAreMadeElsewhereAreServed(String maker, String user) throws Exception {
    String username = Instant.now().plusSeconds(86_400).getEpochSecond() + user;
    var mac = Mac.getInstance("HmacSHA1");
    mac.init(new SecretKeySpec(SECRET.getBytes(UTF_8), "HmacSHA1"));
    String password = Base64.getEncoder().encodeToString(mac.doFinal(username.getBytes(UTF_8)));
    assertTrue(LiveCall.isServed(turn, new Credential(username, password, Instant.MAX)), maker);
    var forged = new Credential(username + "0", password, Instant.MAX);
    assertFalse(LiveCall.isServed(turn, forged), maker);
  }

  @Test
  void whatProsodyHandsOutIsServed() throws Exception {
    assumeTrue(isThere("prosody"), "Debian's prosody is not there");
    int port = freePort();
    var configuration =
        """
        run_as_root = true;
        data_path = "%s";
        log = { info = "*console" };
        interfaces = { "127.0.0.1" };
        c2s_ports = { %d };
        c2s_require_encryption = false;
        modules_enabled = { "saslauth", "external_services" };
        modules_disabled = { "s2s" };
        %s
        VirtualHost "localhost"
          authentication = "anonymous"
        """
            .formatted(
                Files.createDirectory(folder.resolve("prosody")),
                port,
                blocks("jitsi.md", "lua").getFirst().replace("HAIRPIN-SECRET", SECRET));
    var file = Files.writeString(folder.resolve("prosody.cfg.lua"), configuration);
    var prosody =
        new ProcessBuilder("prosody", "--config", file.toString(), "-F")
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("prosody.log").toFile())
            .start();
    try (var client = XmppClient.connect(port)) {
      String services = client.externalServices();
      var handed = Pattern.compile("<service [^>]*type='turns?'[^>]*>").matcher(services).results();
      var entries = handed.map(match -> match.group()).toList();
      assertEquals(3, entries.size(), services);
      for (String entry : entries) {
        var credential =
            new Credential(attribute(entry, "username"), attribute(entry, "password"), Instant.MAX);
        assertTrue(LiveCall.isServed(turn, credential), entry);
      }
    } finally {
      prosody.destroy();
      prosody.waitFor(10, TimeUnit.SECONDS);
    }
  }

  private static int freePort() throws IOException {
    try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  private static String attribute(String element, String name) {
    return find(element, " " + name + "='([^']*)'");
  }

  private static Credential credentialIn(String json) {
    return new Credential(
        find(json, "\"username\": ?\"([^\"]+)\""),
        find(json, "\"credential\": ?\"([^\"]+)\"").replace("\\/", "/"),
        Instant.MAX);
  }

  private static String find(String text, String pattern) {
    var matcher = Pattern.compile(pattern).matcher(text);
    assertTrue(matcher.find(), text);
    return matcher.group(1);
  }

  @ParameterizedTest
  @CsvSource({"README.md", "janus.md"})
  void theLinesForHairpinAreUnderstood(String page) throws IOException {
    var blocks = blocks(page, "yaml");
    assertFalse(blocks.isEmpty());
    for (String block : blocks) {
      var file = Files.writeString(folder.resolve(page + ".yml"), block);
      Configuration.read(file, HairpinKeys.ALL);
    }
  }

  @ParameterizedTest
  @CsvSource({"synapse.md", "livekit.md"})
  void theLinesForOthersAreYaml(String page) throws IOException {
    for (String block : blocks(page, "yaml")) {
      assertTrue(new Yaml().load(block) instanceof Map<?, ?>, block);
    }
  }

  @Test
  void theLinesForBigBlueButtonAreXml() throws Exception {
    String block = blocks("bigbluebutton.md", "xml").getFirst();
    var document =
        DocumentBuilderFactory.newInstance()
            .newDocumentBuilder()
            .parse(new ByteArrayInputStream(block.getBytes(UTF_8)));
    assertEquals(4, document.getElementsByTagName("bean").getLength());
  }
}
