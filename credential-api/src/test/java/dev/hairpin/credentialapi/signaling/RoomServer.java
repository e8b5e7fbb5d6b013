package dev.hairpin.credentialapi.signaling;

import dev.hairpin.credentialapi.Api;
import dev.hairpin.turnserver.testkit.ChildProcess;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;

/// A process with an API that says what memory it has.
final class RoomServer {
  private RoomServer() {}

  /// Starts one with the options that `hairpin` is started with.
  static ChildProcess start() {
    return ChildProcess.start(
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-XX:+UseSerialGC",
            "-Xms32m",
            "-Xmn16m",
            "-XX:MetaspaceSize=128m",
            "-XX:MaxTenuringThreshold=2",
            "-cp",
            System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
            RoomServer.class.getName()));
  }

  /// The number behind a word, in the last line that has it.
  static long last(ChildProcess process, String word) {
    return process.output().stream()
        .filter(line -> line.startsWith(word + " "))
        .mapToLong(line -> Long.parseLong(line.substring(word.length() + 1)))
        .reduce(-1, (_, next) -> next);
  }

  /// Bytes of heap that is in use, and of memory beside it.
  ///
  /// @param name of the measurement
  static void measure(ChildProcess process, String name) {
    process.tell(name);
    process.awaitLine(name, Duration.ofSeconds(30));
  }

  @SuppressWarnings("SystemOut")
  public static void main(String[] arguments) throws IOException {
    try (var api = Api.start(Api.settings(), null, InstantSource.system());
        var in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
      System.out.println("port " + api.url().getPort());
      for (String line = in.readLine(); line != null; line = in.readLine()) {
        long least = Long.MAX_VALUE;
        for (int i = 0; i < 5; i++) {
          System.gc();
          var heap = ManagementFactory.getMemoryMXBean().getHeapMemoryUsage();
          least = Math.min(least, heap.getUsed());
        }
        long direct =
            ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class).stream()
                .mapToLong(BufferPoolMXBean::getMemoryUsed)
                .sum();
        System.out.println("bytes " + (least + direct));
        System.out.println("resident " + residentBytes());
        System.out.println(line);
      }
    }
  }

  private static long residentBytes() throws IOException {
    for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
      if (line.startsWith("VmRSS:")) {
        return Long.parseLong(line.replaceAll("[^0-9]", "")) << 10;
      }
    }
    throw new IOException("nobody says what is resident");
  }
}
