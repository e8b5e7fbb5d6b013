package dev.hairpin.turnserver.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.hairpin.turnserver.testkit.ChildProcess;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/// A machine without IPv6, and an address that goes while the server runs, in a network of the
/// test's own.
class LostAddressTest {
  private static final Duration PATIENCE = Duration.ofSeconds(90);
  private static final String NETWORK =
      "ip link set lo up && echo 1 > /proc/sys/net/ipv6/conf/all/disable_ipv6"
          + " && ip addr add 10.9.9.9/32 dev lo";

  @Test
  void aServerWithoutIpv6SaysSoAndALostAddressIsMissedUntilItIsBack() {
    assumeTrue(run("true").isEmpty(), "no network namespaces here");
    var java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    var classes = "'" + System.getProperty("java.class.path") + "' ";
    var command = java + " --enable-native-access=ALL-UNNAMED -cp " + classes;
    assertEquals(
        List.of("E: NATIVE 0 440 508 0", "E: PORTABLE 0 440 508 0"),
        run(command + LostAddress.class.getName()));
  }

  private static List<String> run(String command) {
    var shell = NETWORK + " && exec " + command;
    try (var process = ChildProcess.start(List.of("unshare", "-Urn", "sh", "-c", shell))) {
      int exit = process.awaitExit(PATIENCE);
      var said = process.output().stream().filter(line -> line.startsWith("E: ")).toList();
      return exit == 0 ? said : List.of("exit " + exit, process.output().toString());
    }
  }
}
