package dev.hairpin.deploy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class HairpinTest {
  @TempDir Path folder;
  private Path config = Path.of("");

  @BeforeEach
  void nameTheFile() {
    config = folder.resolve("hairpin.yml");
  }

  @Test
  void anUnknownKeyStopsTheStartWithFileLineAndRemedy() throws IOException {
    Files.writeString(config, "realm: a\napi:\n  cors-origin: https://a.example\n");
    assertRefused(
        config + ":3: api.cors-origin: unknown key; did you mean api.cors-origins?",
        "serve",
        "--config",
        config.toString());
  }

  @Test
  void aBadPortRangeStopsTheStartWithFileLineAndRemedy() throws IOException {
    Files.writeString(config, "relay:\n  ports: 65535-49152\n");
    assertRefused(
        config
            + ":2: relay.ports: a relay port range lies within 1024-65535 and rises, not"
            + " 65535-49152; write two ports like 49152-65535",
        "serve",
        "--config",
        config.toString());
  }

  @CsvSource({
    "allow, 10.0.0.0/33",
    "deny, 10.0.0.0/33",
    "deny, 10.0.0.0/-1",
    "deny, 10.0.0.0/",
    "deny, 10.0.0.0/8/8",
    "deny, 10.0.0.0/255.0.0.0",
    "deny, 10.0.0.1/8",
    "deny, 10.0.0",
    "deny, 10",
    "deny, 10.0.0.0.0",
    "deny, 10.*",
    "deny, 256.0.0.1",
    "deny, '\"10.0.0.0/8 \"'",
    "deny, '\" 10.0.0.0/8\"'",
    "deny, '10.0.0.0/8,11.0.0.0/8'",
    "deny, 10.0.0.0-10.0.0.9",
    "deny, 10.0.0.0-9.0.0.0",
    "deny, １0.0.0.0/8",
    "deny, 010.0.0.1",
    "deny, 0x7f.1",
    "deny, 2130706433",
    "deny, localhost",
    "deny, redis.example.org",
    "deny, ::/129",
    "deny, '2001:db8::1/32'",
    "deny, 'fe80::1%eth0'",
    "deny, \"[::1]/128\"",
    "deny, ':::/8'",
    "back-ends, redis.example.org",
    "back-ends, 10.0.0.0/8",
    "unsafe-allow-metadata, 10.0.0.1",
    "unsafe-allow-metadata, 169.254.0.0/16",
    "nat64-prefixes, 64:ff9b::/97",
    "nat64-prefixes, 10.0.0.0/8",
    "deny-ports, 65536",
    "deny-ports, 80-79",
    "deny-ports, -1",
    "deny-ports, http",
  })
  @ParameterizedTest // last, where the register of attacks looks for it
  void aMalformedRuleForPeersStopsTheStartWithFileAndLine(String key, String value)
      throws IOException {
    Files.writeString(config, "realm: a\npeers:\n  " + key + ": " + value + "\n");
    var console = Console.run("serve", "--config", config.toString());
    assertEquals(2, console.exitCode());
    assertTrue(console.err().startsWith(config + ":3: peers." + key + ": "), console.err());
    assertEquals(1, console.err().lines().count(), console.err());
  }

  @Test
  void anUnreadableSecretFileStopsTheStartWithFileLineAndRemedy() throws IOException {
    Files.writeString(config, "\n\nsecret-file: nowhere\n");
    assertRefused(
        config
            + ":3: secret-file: cannot read "
            + folder.resolve("nowhere")
            + ": there is no such file; name a file that this user can read",
        "serve",
        "--config",
        config.toString());
  }

  @Test
  void aConfigurationThatIsNotThereStopsTheStart() {
    assertRefused(
        config + ": there is no such file; name a configuration file that can be read",
        "serve",
        "--config",
        config.toString());
  }

  @ParameterizedTest
  @CsvSource({
    "--listen,        127.0.0.1:3478",
    "--external-address, 1.2.3",
    "--relay-ports,   80-90",
    "--allow-peer,    10.0.0.1/8",
    "--api,           http://localhost:8080",
    "--realm,         ''",
    "--secret-file,   /nowhere/secret",
    "--api-key-file,  /nowhere/key"
  })
  void aWrongFlagIsNamed(String flag, String value) {
    var console =
        Console.run("serve", "--data-dir", folder.resolve("data").toString(), flag, value);
    assertEquals(2, console.exitCode());
    assertTrue(console.err().startsWith(flag + ": "), console.err());
    assertEquals(1, console.err().lines().count(), console.err());
    assertEquals("", console.out());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "serve --port 1",
        "dance",
        "",
        "config",
        "check --api x",
        "check --api http://127.0.0.1:99999",
        "serve -x"
      })
  void aWrongCommandLineGets2AndNoStackTrace(String line) {
    var console = Console.run(line.isEmpty() ? new String[0] : line.split(" ", -1));
    assertEquals(2, console.exitCode());
    assertFalse(console.err().contains("\tat "), console.err());
    assertTrue(console.err().lines().count() <= 2, console.err());
  }

  @Test
  void aKeyThatNoHeaderCanHoldIsNotPrinted() throws IOException {
    var key = Files.writeString(folder.resolve("key"), "\ufeffkP9_v3-QzX0pLw7RtB2yNgDdE4sFhJqA\n");
    var console =
        Console.run("check", "--api", "http://127.0.0.1:9", "--api-key-file", key.toString());
    assertEquals(1, console.exitCode());
    assertTrue(console.out().contains("the API key has characters"), console.out());
    assertFalse((console.out() + console.err()).contains("kP9_v3"), console.err());
  }

  @Test
  void everyCommandHasHelpAndVersion() {
    for (String command : List.of("serve", "credential", "check", "config")) {
      var help = Console.run(command, "--help");
      assertEquals(0, help.exitCode());
      assertTrue(help.out().startsWith("Usage: hairpin " + command), help.out());
      assertEquals(0, Console.run(command, "--version").exitCode());
    }
    var version = Console.run("--version");
    assertTrue(
        version.out().matches("hairpin \\d+\\.\\d+\\.\\d+\\S* \\(Java .*\\)\n"), version.out());
  }

  @Test
  void theEffectiveConfigurationShowsOriginsAndNoSecret() throws IOException {
    String secret = "a-secret-of-the-operators";
    Files.writeString(folder.resolve("turn-secret"), secret);
    Files.writeString(folder.resolve("api-key"), "a-key-of-the-operators\nand-an-older-one-too\n");
    Files.writeString(config, "realm: example.org\nsecret-file: turn-secret\n");
    var console =
        Console.run(
            "config",
            "--effective",
            "--config",
            config.toString(),
            "--api-key-file",
            folder.resolve("api-key").toString(),
            "--listen",
            "udp://127.0.0.1:3478");
    assertEquals(0, console.exitCode(), console.err());
    String out = console.out();
    assertTrue(out.contains("realm: example.org  # " + config + ":1\n"), out);
    assertTrue(out.contains("listen:  # --listen\n  - udp://127.0.0.1:3478\n"), out);
    assertTrue(out.contains("  max-lifetime: 1h  # default\n"), out);
    assertTrue(out.contains("turn-secret  # " + config + ":2; holds 1 line, ********"), out);
    assertTrue(out.contains("api-key  # --api-key-file; holds 2 lines, ********"), out);
    assertFalse(out.contains(secret), out);
    assertFalse(out.contains("a-key-of"), out);
    assertFalse(out.contains("an-older"), out);
  }

  @Test
  void theEffectiveConfigurationMakesNothing() {
    var data = folder.resolve("data");
    var console = Console.run("config", "--effective", "--data-dir", data.toString());
    assertTrue(console.out().contains(data.resolve("api-key").toString()), console.out());
    assertTrue(console.out().contains("made at the first start"), console.out());
    assertFalse(Files.exists(data));
  }

  private static void assertRefused(String message, String... args) {
    var console = Console.run(args);
    assertEquals(2, console.exitCode());
    assertEquals(message + "\n", console.err());
    assertEquals("", console.out());
  }
}
