package dev.hairpin.turnserver.testkit;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/// Runs a program in a network namespace of its own, where every address of 10/8 is local, and a
/// few of fd00::/8: it can come from millions of sources, and nothing leaves the machine.
public final class Namespace {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final String NETWORK =
      "ip link set lo up && ip route add local 10.0.0.0/8 dev lo"
          + " && for a in :: :1:: :1::2: :1:0:1::; do ip addr add fd00${a}1 dev lo nodad; done"
          + " && exec \"$@\"";

  private Namespace() {}

  /// Waits for the end of a program on the Java that runs the test; fails where the program does.
  public static void run(Class<?> program, String... arguments) {
    assumeTrue(exit(List.of("true")).isEmpty(), "no network namespaces here");
    var java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    var command =
        new ArrayList<>(
            List.of(
                java,
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-XX:+UseSerialGC",
                "-cp",
                System.getProperty("java.class.path"),
                program.getName()));
    command.addAll(List.of(arguments));
    var trouble = exit(command);
    Expect.that(trouble.isEmpty(), "it failed:\n", String.join("\n", trouble));
  }

  /// Empty where it ended well, else all that it said.
  private static List<String> exit(List<String> command) {
    var shell = new ArrayList<>(List.of("unshare", "-Urn", "sh", "-c", NETWORK, "sh"));
    shell.addAll(command);
    try (var process = ChildProcess.start(shell)) {
      int exit = process.awaitExit(PATIENCE);
      var trouble = new ArrayList<>(process.output());
      trouble.add("exit " + exit);
      return exit == 0 ? List.of() : trouble;
    }
  }
}
