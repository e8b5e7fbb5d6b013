package dev.hairpin.bench.measure;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.BitSet;
import java.util.List;

/// What the kernel threw away because this process did not read its UDP sockets fast enough.
public final class OwnSockets {
  private static final List<Path> TABLES =
      List.of(Path.of("/proc/net/udp"), Path.of("/proc/net/udp6"));
  private static final int DROPS_COLUMN = 12;
  private static final int HEX = 16;

  private OwnSockets() {}

  /// Datagrams that were lost at these local ports since their sockets were opened; 0 where the
  /// system does not tell.
  public static long drops(BitSet ports) {
    long sum = 0;
    for (var table : TABLES) {
      try (var lines = Files.lines(table)) {
        sum += lines.skip(1).mapToLong(line -> drops(line, ports)).sum();
      } catch (IOException _) {
        // another system
      }
    }
    return sum;
  }

  private static long drops(String line, BitSet ports) {
    var columns = line.strip().split("\\s+", -1);
    String local = columns[1];
    int port = Integer.parseInt(local.substring(local.indexOf(':') + 1), HEX);
    return ports.get(port) ? Long.parseLong(columns[DROPS_COLUMN]) : 0;
  }
}
