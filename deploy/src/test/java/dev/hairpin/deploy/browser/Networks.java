package dev.hairpin.deploy.browser;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Networks of this machine's own (namespaces of Linux), with cables between them, until deleted.
/// Who makes the first one waits for other processes that have some: ends and addresses on this
/// machine are the same for all.
final class Networks {
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  private static final Path LOCK =
      Path.of(System.getProperty("java.io.tmpdir"), "hairpin-networks.lock");

  private @Nullable FileChannel lock;
  private final Deque<String> made = new ArrayDeque<>();

  /// Skips the test where they cannot be made.
  static void assumeAllowed() {
    assumeTrue("root".equals(System.getProperty("user.name")), "networks are made by root alone");
  }

  /// A network with a loopback and nothing else.
  String add(String purpose) throws IOException, InterruptedException {
    if (lock == null) {
      lock = FileChannel.open(LOCK, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      lock.lock();
    }
    String name = "hairpin-" + purpose + "-" + ProcessHandle.current().pid();
    run("ip netns add " + name);
    made.push(name);
    inside(name, "ip link set lo up");
    return name;
  }

  /// A cable from an interface of one to an interface of another.
  static void cable(String one, String interfaceOfOne, String other, String interfaceOfOther)
      throws IOException, InterruptedException {
    String end = interfaceOfOther + " netns " + other;
    run("ip link add " + interfaceOfOne + " netns " + one + " type veth peer name " + end);
  }

  /// A cable to an interface of this machine.
  static void cableFromHere(String name, String address, String network, String there)
      throws IOException, InterruptedException {
    run("ip link add " + name + " type veth peer name " + there + " netns " + network);
    run("ip address add " + address + " dev " + name);
    run("ip link set " + name + " up");
  }

  /// Gives an interface an address and takes it into use.
  static void up(String network, String name, String address)
      throws IOException, InterruptedException {
    inside(network, "ip address add " + address + " dev " + name);
    inside(network, "ip link set " + name + " up");
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

  /// Returns once somebody answers there.
  static void awaitHttp(URI url) throws InterruptedException {
    long end = System.nanoTime() + PATIENCE.toNanos();
    try (var client = HttpClient.newHttpClient()) {
      var request = HttpRequest.newBuilder(url).timeout(PATIENCE).build();
      while (true) {
        try {
          client.send(request, BodyHandlers.discarding());
          return;
        } catch (IOException e) {
          if (System.nanoTime() - end > 0) {
            throw new AssertionError(url + " does not answer", e);
          }
          Thread.sleep(50);
        }
      }
    }
  }

  void delete() throws IOException, InterruptedException {
    while (!made.isEmpty()) {
      run("ip netns delete " + made.pop()); // cables go with their ends
    }
    if (lock != null) {
      lock.close();
    }
  }
}
