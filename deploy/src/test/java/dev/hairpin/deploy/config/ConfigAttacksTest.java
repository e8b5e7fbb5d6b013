package dev.hairpin.deploy.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.hairpin.deploy.serve.HairpinKeys;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Files that are wrong by accident or by malice: every one is refused, with its line, and none
/// takes long.
class ConfigAttacksTest {
  @TempDir Path folder;

  /// A file with every key, one a line.
  private record Line(Key<?> key, String value) {
    String text() {
      return "  ".repeat(key.path().split("\\.", -1).length - 1) + key.name() + ": " + value;
    }
  }

  private static List<Line> lines() {
    return HairpinKeys.ALL.all().stream().map(key -> new Line(key, sample(key))).toList();
  }

  private static <T> String sample(Key<T> key) {
    return "'" + key.texts(key.shown()).getFirst() + "'";
  }

  /// A file that holds one key, below the names of its sections.
  private static String file(Key<?> key, String line) {
    var text = new StringBuilder();
    String[] names = key.path().split("\\.", -1);
    for (int i = 0; i < names.length - 1; i++) {
      text.append("  ".repeat(i)).append(names[i]).append(":\n");
    }
    return text + line + "\n";
  }

  @Test
  void everyKeyOfTheReferenceIsReadAndTwoHundredMutationsOfItAreRefusedWithTheirLine()
      throws IOException {
    int mutations = 0;
    for (var line : lines()) {
      int number = line.key().path().split("\\.", -1).length;
      var _ = read(file(line.key(), line.text()));
      String indent = line.text().substring(0, line.text().indexOf(line.key().name()));
      String name = line.key().name();
      var mutants =
          List.of(
              indent + name + "x: " + line.value(),
              indent + swapped(name) + ": " + line.value(),
              line.text() + "\n" + line.text(),
              indent + name + ":\n" + indent + "  a: b",
              indent + name + ":",
              indent + name + ": [[" + line.value() + "]]",
              indent + name + ": &a " + line.value());
      for (String mutant : mutants) {
        var error =
            assertThrows(ConfigException.class, () -> read(file(line.key(), mutant)), mutant);
        assertTrue(
            error.getMessage().matches("(?s)\\Q" + path() + "\\E:[0-9]+: .*; .*"),
            error.getMessage());
        int blamed =
            Integer.parseInt(error.getMessage().replaceAll("(?s).*?\\.yml:([0-9]+):.*", "$1"));
        assertTrue(blamed >= number && blamed <= number + 1, error.getMessage());
        mutations++;
      }
    }
    assertTrue(mutations >= 200, mutations + " mutations");
  }

  private static String swapped(String name) {
    return name.charAt(1) == name.charAt(0)
        ? name + "-"
        : "" + name.charAt(1) + name.charAt(0) + name.substring(2);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "65536",
        "65537",
        "99999",
        "131072",
        "4294967296",
        "18446744073709551616",
        "-1",
        "+80",
        " 80",
        "80 ",
        "0x50",
        "8e1",
        "80.0",
        "1_000",
        "\u0661\u0662\u0663",
        "\uff18\uff10",
        "",
        "no"
      })
  void noPortIsTakenThatIsNone(String port) {
    for (String line :
        List.of(
            "listen: 'udp://127.0.0.1:" + port + "'",
            "alternate-servers: '192.0.2.1:" + port + "'",
            "relay: {ports: '" + port + "-65535'}",
            "relay: {ports: '1024-" + port + "'}",
            "api: {listen: 'http://127.0.0.1:" + port + "'}")) {
      assertThrows(ConfigException.class, () -> read(line + "\n"), line);
    }
  }

  private static List<String> attacks() {
    var laughs = new StringBuilder("a0: &a0 [x, x]\n");
    for (int i = 1; i < 30; i++) {
      laughs.append("a%d: &a%d [*a%d, *a%d]\n".formatted(i, i, i - 1, i - 1));
    }
    var many = new StringBuilder();
    for (int i = 0; i < 50_000; i++) {
      many.append("k").append(i).append(": 1\n");
    }
    var attacks = new ArrayList<String>();
    attacks.add(laughs.toString());
    attacks.add(many.toString());
    for (String[] nested : new String[][] {{"[", "]"}, {"{a: ", "}"}, {"- ", ""}, {"? ", ""}}) {
      for (int depth : new int[] {40, 1_000, 100_000}) {
        attacks.add("realm: " + nested[0].repeat(depth) + nested[1].repeat(depth) + "\n");
      }
    }
    attacks.addAll(
        List.of(
            "realm: &a [*a]\n",
            "realm: *nobody\n",
            "? &a a\n: *a\n",
            "<<: {realm: a}\n",
            "realm: !!javax.script.ScriptEngineManager [!!java.net.URLClassLoader [[]]]\n",
            "!!java.util.HashMap {realm: a}\n",
            "realm: !!binary aGFpcnBpbg==\n",
            "realm: !<tag:yaml.org,2002:python/object/apply:os.system> [true]\n",
            "%YAML 9.9\n---\nrealm: a\n",
            "%TAG ! tag:example.org,2000:\n---\nrealm: !x a\n",
            "realm: a\n...\nrealm: b\n",
            "realm: \"\\x",
            "realm: \"" + "a".repeat(200_000) + "\n",
            "x".repeat(200_000) + ": 1\n",
            "realm: |\n" + "  a\n".repeat(100_000) + "loops: x\n",
            "\u0000\n",
            "{".repeat(500_000),
            "realm: " + "'".repeat(99_999)));
    return attacks;
  }

  @Test
  void whatIsMeantToHarmTheParserIsRefusedAtOnce() {
    for (String attack : attacks()) {
      String head = attack.substring(0, Math.min(60, attack.length()));
      var error =
          assertTimeoutPreemptively(
              Duration.ofSeconds(10),
              () -> assertThrows(ConfigException.class, () -> read(attack), head),
              head);
      assertTrue(error.getMessage().startsWith(path().toString()), error.getMessage());
      assertTrue(error.getMessage().length() < 210_000, head);
    }
  }

  @Test
  void otherEncodingsThanUtf8AreRefused() throws IOException {
    for (var charset : List.of(StandardCharsets.UTF_16, StandardCharsets.ISO_8859_1)) {
      Files.write(path(), "realm: \u00fc\n".getBytes(charset));
      assertThrows(
          ConfigException.class, () -> Configuration.read(path(), HairpinKeys.ALL), charset.name());
    }
    assertEquals("\u00fc", read("realm: \u00fc\n").one(TurnKeys.REALM));
  }

  private Path path() {
    return folder.resolve("hairpin.yml");
  }

  private Configuration read(String text) throws IOException {
    Files.writeString(path(), text);
    return Configuration.read(path(), HairpinKeys.ALL);
  }
}
