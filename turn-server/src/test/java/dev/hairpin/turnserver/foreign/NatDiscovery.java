package dev.hairpin.turnserver.foreign;

import dev.hairpin.turnserver.testkit.ChildProcess;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/// What one run of coturn's `turnutils_natdiscovery` found out. Its exit code is 0 whatever it
/// finds.
///
/// @param answers the answers of a server that has two addresses, in their order
/// @param findings what it concludes from them
record NatDiscovery(List<Answer> answers, List<String> findings, List<String> output) {
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final String RULE = "========================================";
  private static final Pattern ANSWER = Pattern.compile("RFC 5780 response \\d+");
  private static final Pattern ORIGIN = Pattern.compile(".*Response origin: : (\\S+)");
  private static final Pattern OTHER = Pattern.compile(".*Other addr: : (\\S+)");
  private static final Pattern MAPPED = Pattern.compile(".*UDP reflexive addr: (\\S+)");

  /// The addresses of one Binding response, as `ip:port`.
  record Answer(String origin, String other, String mapped) {}

  static NatDiscovery run(InetSocketAddress server, String... options) {
    String ip = server.getAddress().getHostAddress();
    var command = new ArrayList<>(List.of("turnutils_natdiscovery", "-L", ip));
    command.addAll(List.of("-p", Integer.toString(server.getPort())));
    command.addAll(List.of(options));
    command.add(ip);
    try (var process = ChildProcess.start(command)) {
      process.awaitExit(PATIENCE);
      var output = process.output();
      return new NatDiscovery(answers(output), findings(output), output);
    }
  }

  private static List<Answer> answers(List<String> output) {
    var answers = new ArrayList<Answer>();
    for (int i = 0; i < output.size(); i++) {
      if (ANSWER.matcher(output.get(i)).matches()) {
        var rest = output.subList(i + 1, output.size());
        answers.add(new Answer(first(rest, ORIGIN), first(rest, OTHER), first(rest, MAPPED)));
      }
    }
    return answers;
  }

  private static String first(List<String> lines, Pattern pattern) {
    return lines.stream()
        .map(pattern::matcher)
        .filter(matcher -> matcher.matches())
        .map(matcher -> matcher.group(1))
        .findFirst()
        .orElse("");
  }

  /// It sets each of them between two rules, but an answer under one, with an empty line before.
  private static List<String> findings(List<String> output) {
    var findings = new ArrayList<String>();
    for (int i = 0; i + 2 < output.size(); i++) {
      var between = output.get(i + 1);
      if (output.get(i).equals(RULE) && !between.isEmpty() && output.get(i + 2).equals(RULE)) {
        findings.add(between);
      }
    }
    return findings;
  }

  @Override
  public String toString() {
    return String.join("\n", output);
  }
}
