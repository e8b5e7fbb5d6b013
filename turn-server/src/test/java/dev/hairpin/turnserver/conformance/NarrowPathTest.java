package dev.hairpin.turnserver.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.hairpin.turnserver.testkit.ChildProcess;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/// What happens to datagrams that do not fit into one packet: in a network of its own, whose
/// loopback lets 1500 bytes pass.
class NarrowPathTest {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final String NETWORK = "ip link set lo up mtu 1500";

  @Test
  void whatMayNotBeCutIsLostAndTheRestArrives() {
    assumeTrue(run("true").isEmpty(), "no network namespaces here");
    var java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    var classes = "'" + System.getProperty("java.class.path") + "' ";
    var command = java + " --enable-native-access=ALL-UNNAMED -cp " + classes;
    assertEquals(
        List.of("NATIVE: 1400 DF, 3000, ICMP 3/4 1500", "PORTABLE: 1400 DF, 3000"),
        run(command + NarrowPath.class.getName()));
  }

  private static List<String> run(String command) {
    var shell = NETWORK + " && exec " + command;
    try (var process = ChildProcess.start(List.of("unshare", "-Urn", "sh", "-c", shell))) {
      int exit = process.awaitExit(PATIENCE);
      var said = process.output().stream().filter(line -> line.contains("E: ")).toList();
      return exit == 0 ? said : List.of("exit " + exit, process.output().toString());
    }
  }
}
