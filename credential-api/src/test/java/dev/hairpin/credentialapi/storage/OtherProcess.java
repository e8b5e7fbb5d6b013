package dev.hairpin.credentialapi.storage;

import dev.hairpin.credentialapi.usage.Usage;
import dev.hairpin.credentialapi.usage.UsageBatch;
import dev.hairpin.credentialapi.usage.UsageKey;
import dev.hairpin.credentialapi.usage.UsageRow;
import dev.hairpin.turnserver.testkit.ChildProcess;
import java.nio.file.Path;
import java.util.List;

/// A process that stores batch after batch in H2, and says the number of each that is stored.
final class OtherProcess {
  static final String NODE = "other";

  private OtherProcess() {}

  static ChildProcess start(Path folder) {
    return ChildProcess.start(
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-cp",
            System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
            OtherProcess.class.getName(),
            folder.toString()));
  }

  /// The last number that it has said.
  static long last(ChildProcess process) {
    return process.output().stream()
        .filter(line -> line.matches("[0-9]+"))
        .mapToLong(Long::parseLong)
        .max()
        .orElse(0);
  }

  @SuppressWarnings("SystemOut")
  public static void main(String[] arguments) {
    var store = new Storage(new Database.Embedded(Path.of(arguments[0]))).get();
    var row = new UsageRow(new UsageKey(0, "", "bob"), new Usage(1, 0, 0, 0, 0, 0));
    for (long sequence = 1; ; sequence++) {
      store.add(new UsageBatch(NODE, sequence, List.of(row)));
      System.out.println(sequence);
    }
  }
}
