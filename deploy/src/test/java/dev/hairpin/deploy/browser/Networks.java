package dev.hairpin.deploy.browser;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/// Networks of this machine's own (namespaces of Linux), with cables between them, until deleted.
final class Networks {
  private final Deque<String> made = new ArrayDeque<>();

  /// Skips the test where they cannot be made.
  static void assumeAllowed() {
    assumeTrue("root".equals(System.getProperty("user.name")), "networks are made by root alone");
  }

  /// A network with a loopback and nothing else.
  String add(String purpose) throws IOException, InterruptedException {
    String name = "hairpin-" + purpose + "-" + ProcessHandle.current().pid();
    run("ip netns add " + name);
    made.push(name);
    inside(name, "ip link set lo up");
    return name;
  }

  /// Runs a command in one of them. No word of it has a blank.
  static void inside(String network, String command) throws IOException, InterruptedException {
    run("ip netns exec " + network + " " + command);
  }

  static void run(String command) throws IOException, InterruptedException {
    var process =
        new ProcessBuilder(List.of(command.split(" ", -1))).redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, process.waitFor(), () -> command + ": " + said);
  }

  /// Starts a program in one of them.
  static ProcessBuilder program(String network, List<String> command) {
    var whole = new ArrayList<>(List.of("ip", "netns", "exec", network));
    whole.addAll(command);
    return new ProcessBuilder(whole);
  }

  void delete() throws IOException, InterruptedException {
    while (!made.isEmpty()) {
      run("ip netns delete " + made.pop()); // cables go with their ends
    }
  }
}
