package dev.hairpin.turnserver.foreign;

import dev.hairpin.turnserver.testkit.ChildProcess;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/// What one run of coturn's load generator `turnutils_uclient` came to.
///
/// @param sent messages that it sent through the server
/// @param received messages that came back to it
/// @param lost messages that it misses by its own reckoning; -1 where it gave up before
record Uclient(int exitCode, long sent, long received, long lost, List<String> output) {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final Pattern TOTALS =
      Pattern.compile(".*start_mclient: tot_send_msgs=(\\d+), tot_recv_msgs=(\\d+)");
  private static final Pattern LOST = Pattern.compile(".*Total lost packets (\\d+) .*");

  /// Runs it as a user with a time-limited credential that it makes itself from the secret.
  static Uclient run(InetSocketAddress server, String secret, String... options) {
    var command = new ArrayList<>(List.of("turnutils_uclient", "-u", "alice", "-W", secret));
    command.addAll(List.of("-p", Integer.toString(server.getPort())));
    command.addAll(List.of(options));
    command.add(server.getAddress().getHostAddress());
    try (var process = ChildProcess.start(command)) {
      int exitCode = process.awaitExit(PATIENCE);
      var output = process.output();
      return new Uclient(
          exitCode,
          number(output, TOTALS, 1),
          number(output, TOTALS, 2),
          number(output, LOST, 1),
          output);
    }
  }

  /// Whether it did what it was to do without any loss.
  boolean isFlawless() {
    return exitCode == 0 && lost == 0 && sent > 0 && received == sent;
  }

  private static long number(List<String> output, Pattern pattern, int group) {
    return output.stream()
        .map(pattern::matcher)
        .filter(matcher -> matcher.matches())
        .mapToLong(matcher -> Long.parseLong(matcher.group(group)))
        .findFirst()
        .orElse(-1);
  }

  @Override
  public String toString() {
    return String.join("\n", output);
  }
}
