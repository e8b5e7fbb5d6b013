package dev.hairpin.turnserver.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.hairpin.turnserver.testkit.ChildProcess;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// What no client may reach, in a network of its own in which every such address leads to a canary,
/// by UDP, TCP relays and the hairpin, before and after the policy changes. The canaries are shown
/// to sing.
class ForbiddenPeersTest {
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  /// What is reached on this machine, so that a packet that went out would be heard.
  private static final String NETWORK =
      "ip link set lo up; ip link add v0 type veth peer name v1; ip addr add 11.0.1.1/24 dev v0;"
          + " ip link set v0 up; ip link set v1 up; ip -6 addr add 2600::1/128 dev lo nodad;"
          + routes(
              "ip route add local ",
              "0.0.0.0/8 8.8.8.0/24 10.0.0.0/8 11.0.0.0/24 12.0.0.0/8 100.64.0.0/10"
                  + " 168.63.129.16/32 169.254.0.0/16 172.16.0.0/12 192.0.0.0/24 192.0.2.0/24"
                  + " 192.88.99.0/24 192.168.0.0/16 198.18.0.0/15 198.51.100.0/24 203.0.113.0/24"
                  + " 240.0.0.0/8")
          + routes(
              "ip -6 route add local ",
              "::/96 ::ffff:0:0:0/96 64:ff9b::/96 64:ff9b:1::/48 100::/64 2001::/16 2002::/16"
                  + " 2600::/16 2a00::/16 3fff::/16 5f00::/16 fc00::/7 fec0::/10");

  private static String routes(String command, String prefixes) {
    return Stream.of(prefixes.split(" "))
        .map(prefix -> " " + command + prefix + " dev lo;")
        .collect(Collectors.joining());
  }

  @Test
  void noForbiddenAddressHearsAByteBeforeAndAfterAReload() {
    assumeTrue(run("true").isEmpty(), "no network namespaces here");
    var java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    var classes = "'" + System.getProperty("java.class.path") + "' ";
    var command = java + " --enable-native-access=ALL-UNNAMED -Xmx512m -cp " + classes;
    assertEquals(
        List.of("# NATIVE: all is well", "# PORTABLE: all is well"),
        run(command + ForbiddenPeers.class.getName()));
  }

  private static List<String> run(String command) {
    var shell = NETWORK + " exec " + command;
    try (var process = ChildProcess.start(List.of("unshare", "-Urn", "sh", "-ec", shell))) {
      int exit = process.awaitExit(PATIENCE);
      var said = process.output().stream().filter(line -> line.startsWith("# ")).toList();
      return exit == 0 ? said : List.of("exit " + exit, String.join("\n", process.output()));
    }
  }
}
