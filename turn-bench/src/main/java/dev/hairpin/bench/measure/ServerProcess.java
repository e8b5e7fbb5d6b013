package dev.hairpin.bench.measure;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.OptionalLong;

/// What a process of this machine spends, as Linux tells it.
public final class ServerProcess {
  private final Path home;

  public ServerProcess(long pid) {
    this(Path.of("/proc", Long.toString(pid)));
  }

  ServerProcess(Path home) {
    this.home = home;
  }

  /// Whether it is there and tells.
  public boolean isReadable() {
    return Files.isReadable(home.resolve("schedstat")) && cpuNanos().isPresent();
  }

  /// CPU time of the threads that live, in nanoseconds (`task/*/schedstat`).
  public OptionalLong cpuNanos() {
    long sum = 0;
    try (DirectoryStream<Path> tasks = Files.newDirectoryStream(home.resolve("task"))) {
      for (var task : tasks) {
        sum += nanosOf(task);
      }
    } catch (IOException _) {
      return OptionalLong.empty();
    }
    return OptionalLong.of(sum);
  }

  private static long nanosOf(Path task) {
    try {
      return Long.parseLong(Files.readString(task.resolve("schedstat")).split(" ", 2)[0]);
    } catch (IOException _) {
      return 0; // it has just ended
    }
  }

  /// Memory that is in RAM, in bytes (`smaps_rollup`, else `status`, which is coarser).
  public OptionalLong residentBytes() {
    var exact = kilobytes("smaps_rollup", "Rss:");
    return exact.isPresent() ? exact : kilobytes("status", "VmRSS:");
  }

  private OptionalLong kilobytes(String file, String label) {
    try {
      for (String line : Files.readAllLines(home.resolve(file))) {
        if (line.startsWith(label)) {
          String number = line.substring(label.length()).toLowerCase(Locale.ROOT);
          return OptionalLong.of(1_024 * Long.parseLong(number.replace("kb", "").strip()));
        }
      }
    } catch (IOException _) {
      // not ours to read
    }
    return OptionalLong.empty();
  }
}
