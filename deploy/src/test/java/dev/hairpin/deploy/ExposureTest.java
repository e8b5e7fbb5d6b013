package dev.hairpin.deploy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// What a running program shows to the machine that it runs on.
@Timeout(120)
class ExposureTest {
  @TempDir Path folder;
  private Distribution distribution = new Distribution(Path.of(""));

  @BeforeEach
  void assemble() throws IOException {
    distribution = Distribution.assemble(folder.resolve("hairpin"));
  }

  @Test
  void theProcessListensWhereItIsToldAndNowhereElse() throws IOException {
    try (var program =
        serve("--listen", "udp://127.0.0.1:0", "--listen", "tcp://127.0.0.1:0", "--api", API)) {
      var expected =
          Set.of(
              "udp " + program.find("udp://127.0.0.1:([0-9]+)"),
              "tcp " + program.find("tcp://127.0.0.1:([0-9]+)"),
              "tcp " + program.find("web page +http://127.0.0.1:([0-9]+)"));
      assertEquals(new TreeSet<>(expected), listeners(program.handle().pid()));
    }
  }

  private static final String API = "http://127.0.0.1:0";

  /// From the kernel's tables, those sockets that the process holds.
  private static Set<String> listeners(long pid) throws IOException {
    Set<String> inodes;
    try (var files = Files.list(Path.of("/proc/" + pid + "/fd"))) {
      inodes =
          files
              .map(ExposureTest::target)
              .filter(target -> target.startsWith("socket:["))
              .map(target -> target.replaceAll("[^0-9]", ""))
              .collect(Collectors.toSet());
    }
    var found = new TreeSet<String>();
    for (String table : List.of("udp", "udp6", "tcp", "tcp6")) {
      for (String row : Files.readAllLines(Path.of("/proc/" + pid + "/net/" + table))) {
        String[] cells = row.strip().split("\\s+", -1);
        boolean open = cells[0].endsWith(":") && (table.startsWith("udp") || cells[3].equals("0A"));
        if (open && inodes.contains(cells[9])) {
          String port = cells[1].substring(cells[1].indexOf(':') + 1);
          found.add(table.substring(0, 3) + " " + Integer.parseInt(port, 16));
        }
      }
    }
    return found;
  }

  private static String target(Path link) {
    try {
      return Files.readSymbolicLink(link).toString();
    } catch (IOException e) {
      return ""; // closed meanwhile
    }
  }

  @Test
  void noSecretStandsInArgumentsOrEnvironmentAndNothingDebugs() throws IOException {
    try (var program = serve("--listen", "udp://127.0.0.1:0", "--api", API)) {
      var process = Path.of("/proc/" + program.handle().pid());
      String shown =
          Files.readString(process.resolve("cmdline"), StandardCharsets.ISO_8859_1)
              + Files.readString(process.resolve("environ"), StandardCharsets.ISO_8859_1);
      for (String name : List.of("turn-secret", "api-key")) {
        String secret = Files.readString(folder.resolve("data/hairpin").resolve(name)).strip();
        assertEquals(43, secret.length());
        assertFalse(shown.contains(secret), name);
      }
      assertFalse(Pattern.compile("jmxremote|jdwp|-agentlib|HeapDump").matcher(shown).find());
    }
  }

  @Test
  void noOptionTakesASecretItself() {
    for (String option : List.of("--secret", "--api-key", "--password", "--static-auth-secret")) {
      var console = Console.run("serve", option, "0f3c5a97e1d24b68ac7e91b35df80246");
      assertEquals(2, console.exitCode());
      assertTrue(console.err().contains("Unknown option"), console.err());
    }
  }

  @Test
  void aTurkishMachineThatWritesLatin1ServesAndReadsAlike() throws IOException {
    var english = Console.run("config", "--effective", "--listen", "tls://127.0.0.1:0");
    assertFalse(english.out().isEmpty() && english.err().isEmpty());
    var config =
        Files.writeString(
            folder.resolve("hairpin.yml"),
            "realm: '\u0130stanbul \u0131\u00fc'\nmode: stun-and-turn\nudp: portable\n"
                + "features: [mobility, classic-stun]\nlisten: ['UDP://127.0.0.1:0'.]\n"
                    .replace("'UDP://127.0.0.1:0'.", "'udp://127.0.0.1:0'"));
    var variables =
        Map.of(
            "XDG_DATA_HOME",
            folder.resolve("data").toString(),
            "HAIRPIN_JAVA_OPTS",
            "-XX:+UseSerialGC -Duser.language=tr -Duser.country=TR -Dfile.encoding=ISO-8859-1"
                + " -Dstdout.encoding=UTF-8");
    var errors = folder.resolve("errors");
    try (var program =
        RunningProgram.serve(
            distribution, variables, errors, "--config", config.toString(), "--api", API)) {
      assertTrue(
          program.out().contains("\u0130stanbul \u0131\u00fc"), program.out() + program.err());
      String api = program.find("web page +(http://[^/]+)");
      String key = program.find("API keys +(\\S+)");
      var check = Console.run("check", "--api", api, "--api-key-file", key);
      assertEquals(0, check.exitCode(), check.out() + check.err());
    }
  }

  private RunningProgram serve(String... options) throws IOException {
    return RunningProgram.serve(distribution, folder.resolve("data"), options);
  }
}
