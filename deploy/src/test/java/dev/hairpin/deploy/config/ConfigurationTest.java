package dev.hairpin.deploy.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.hairpin.turnserver.net.IpPrefix;
import dev.hairpin.turnserver.net.PortRange;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConfigurationTest {
  private static final KeySet KEYS = new KeySet(TurnKeys.ALL);

  @TempDir Path folder;
  private Path file = Path.of("");

  @BeforeEach
  void nameTheFile() {
    file = folder.resolve("hairpin.yml");
  }

  @Test
  void everyKindOfValueIsRead() throws IOException {
    var configuration =
        read(
            """
            realm: turn.example.org
            loops: 2
            relay:
              ports: 50000-50100
            peers:
              allow:
                - 10.0.0.0/8
                - 2001:db8::/32
            allocation: {default-lifetime: 5m, max-lifetime: 24h}
            secret-file: secrets/turn
            """);
    assertEquals("turn.example.org", configuration.one(TurnKeys.REALM));
    assertEquals(2, configuration.one(TurnKeys.LOOPS));
    assertEquals(new PortRange(50000, 50100), configuration.one(TurnKeys.RELAY_PORTS));
    assertEquals(
        List.of(IpPrefix.parse("10.0.0.0/8"), IpPrefix.parse("2001:db8::/32")),
        configuration.all(TurnKeys.PEERS_ALLOW));
    assertEquals(Duration.ofMinutes(5), configuration.one(TurnKeys.DEFAULT_LIFETIME));
    assertEquals(folder.resolve("secrets/turn"), configuration.one(TurnKeys.SECRET_FILE));
    assertEquals(file + ":1", configuration.origin(TurnKeys.REALM).toString());
    assertEquals(file + ":4", configuration.origin(TurnKeys.RELAY_PORTS).toString());
  }

  @Test
  void textStaysTheTextThatWasWritten() throws IOException {
    assertEquals("no", read("realm: no\n").one(TurnKeys.REALM));
    assertEquals("0x1F", read("realm: 0x1F\n").one(TurnKeys.REALM));
    assertEquals("null", read("realm: 'null'\n").one(TurnKeys.REALM));
  }

  @Test
  void aListOfOneEntryMayBeWrittenAsAPlainValue() throws IOException {
    var configuration = read("external-address: 203.0.113.7\n");
    assertEquals(1, configuration.all(TurnKeys.EXTERNAL_ADDRESS).size());
  }

  @Test
  void anEmptyFileLeavesEveryDefault() throws IOException {
    for (String text : List.of("", "# nothing\n", "---\n")) {
      assertFalse(read(text).isSet(TurnKeys.REALM));
      assertEquals("hairpin", read(text).one(TurnKeys.REALM));
    }
  }

  @Test
  void aFlagWinsOverTheFile() throws IOException {
    var configuration = read("realm: file\n").withFlag(TurnKeys.REALM, "--realm", List.of("flag"));
    assertEquals("flag", configuration.one(TurnKeys.REALM));
    assertEquals("--realm", configuration.origin(TurnKeys.REALM).toString());
  }

  @Test
  void aWrongFlagIsNamed() {
    var error =
        assertThrows(
            ConfigException.class,
            () ->
                Configuration.of(KEYS)
                    .withFlag(TurnKeys.RELAY_PORTS, "--relay-ports", List.of("9-1")));
    assertEquals(
        "--relay-ports: a relay port range lies within 1024-65535 and rises, not 9-1;"
            + " write two ports like 49152-65535",
        error.getMessage());
  }

  @Test
  void anUnknownKeyIsNamedWithFileAndLineAndTheLikelyOne() {
    assertRefused("realm: a\nreallm: b\n", 2, "reallm: unknown key; did you mean realm?");
    assertRefused("external_address: ::1\n", 1, "did you mean external-address?");
    assertRefused("peers:\n  alow: []\n", 2, "peers.alow: unknown key; did you mean peers.allow?");
    assertRefused("ports: 1024-2048\n", 1, "did you mean relay.ports?");
    assertRefused("relays:\n  ports: 1024-2048\n", 1, "relays: unknown key; did you mean relay?");
    assertRefused("<<: {realm: a}\n", 1, "<<: unknown key; remove it");
    assertRefused("wholly-different: 1\n", 1, "remove it; docs/configuration.md lists every key");
  }

  @Test
  void aKeyThatStandsTwiceIsRefused() {
    assertRefused("realm: a\nloops: 1\nrealm: b\n", 3, "realm: is written twice");
    assertRefused("peers: {deny: []}\npeers: {allow: []}\n", 2, "peers: is written twice");
    assertRefused("peers:\n  deny: []\n  deny: []\n", 3, "peers.deny: is written twice");
  }

  @Test
  void aValueOfTheWrongKindIsRefused() {
    assertRefused("loops: four\n", 1, "loops: 'four' is not a whole number; write a whole number");
    assertRefused("loops: [1]\n", 1, "loops: takes one value, not a list");
    assertRefused("realm:\n  name: a\n", 2, "realm: takes a value, not a section");
    assertRefused("relay: 49152-65535\n", 1, "relay: is a section");
    assertRefused("relay:\n", 1, "relay: is a section");
    assertRefused("realm:\n", 1, "realm: has no value");
    assertRefused("realm: ~\n", 1, "realm: has no value");
    assertRefused("peers:\n  allow:\n    - a: b\n", 3, "an entry is not a plain value");
    assertRefused("peers:\n  allow:\n    - 10.0.0.0/8\n    -\n", 4, "peers.allow: has no value");
    assertRefused("listen: []\n", 1, "listen: the list is empty; write an entry");
    assertRefused("- realm\n", 1, "the file is not a list of keys");
    assertRefused("just text\n", 1, "the file is not a list of keys");
    assertRefused("? [a]\n: b\n", 1, "a key is a plain word");
    assertRefused(
        "peers:\n  deny:\n    - 10.0.0.0/8\n    - 10.0.0.0/8\n",
        4,
        "peers.deny: 10.0.0.0/8 is listed twice; remove one of the two");
  }

  @Test
  void everyEntryOfAListHasItsOwnLine() {
    assertRefused(
        "peers:\n  allow:\n    - 10.0.0.0/8\n    - 10.0.0.1/8\n",
        4,
        "peers.allow: '10.0.0.1/8' has bits set beyond its length");
  }

  @Test
  void theCleverPartsOfYamlAreRefused() {
    assertRefused("realm: &a x\n", 1, "anchors (&) and aliases (*) are not read");
    assertRefused("peers: &p\n  allow: []\n", 1, "anchors (&) and aliases (*) are not read");
    assertRefused("realm: !!int 5\n", 1, "tags (!) are not read");
    assertRefused("realm: !mine x\n", 1, "tags (!) are not read");
    assertRefused("peers: !!set {allow: []}\n", 1, "tags (!) are not read");
    assertRefused("peers: !!java.util.Date {allow: []}\n", 1, "not YAML: Global tag");
    assertRefused("realm: a\n---\nrealm: b\n", 2, "not YAML");
    assertRefused("realm: a\n\tloops: 1\n", 2, "not YAML");
    assertRefused("realm: 'a\n", 2, "not YAML");
  }

  @Test
  void aFileThatIsDeepOrLargeOrNotTextIsRefused() throws IOException {
    Files.writeString(file, "realm: " + "[".repeat(40) + "]".repeat(40) + "\n");
    assertTrue(refusal().getMessage().contains("not YAML"), refusal().getMessage());
    Files.writeString(file, "#".repeat((1 << 20) + 1));
    assertEquals(file + ": is larger than 1 MB; shorten it", refusal().getMessage());
    Files.write(file, new byte[] {'r', (byte) 0xff, '\n'});
    assertEquals(file + ": is not UTF-8; save it as UTF-8 text", refusal().getMessage());
    Files.write(file, "realm: \u0000\n".getBytes(StandardCharsets.UTF_8));
    assertTrue(refusal().getMessage().startsWith(file + ": not YAML"), refusal().getMessage());
  }

  @Test
  void aFileThatIsNotThereIsNamed() {
    assertEquals(
        file + ": there is no such file; name a configuration file that can be read",
        refusal().getMessage());
  }

  private Configuration read(String text) throws IOException {
    Files.writeString(file, text);
    return Configuration.read(file, KEYS);
  }

  private ConfigException refusal() {
    return assertThrows(ConfigException.class, () -> Configuration.read(file, KEYS));
  }

  private void assertRefused(String text, int line, String words) {
    var error = assertThrows(ConfigException.class, () -> read(text), text);
    String message = error.getMessage();
    assertTrue(message.startsWith(file + ":" + line + ": "), message);
    assertTrue(message.contains(words), message);
  }
}
