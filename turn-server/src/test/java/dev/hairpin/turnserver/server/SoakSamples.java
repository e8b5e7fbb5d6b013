package dev.hairpin.turnserver.server;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/// What is left when nobody is there, over the number of allocations that there have been.
final class SoakSamples {
  private static final int COLLECTIONS = 3;
  private static final int WINDOW = 3;

  private final List<Sample> samples = new ArrayList<>();

  /// @param held ports and units of quotas
  record Sample(long allocations, long heapBytes, long descriptors, int threads, int held) {}

  void add(long allocations, int held) {
    samples.add(
        new Sample(
            allocations,
            heapBytes(),
            descriptors(),
            ManagementFactory.getThreadMXBean().getThreadCount(),
            held));
  }

  /// What collections leave, when some in a row find nothing more to take.
  private static long heapBytes() {
    long least = Long.MAX_VALUE;
    for (int vain = 0; vain < COLLECTIONS; vain++) {
      System.gc();
      long used = ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
      if (used < least) {
        least = used;
        vain = 0;
      }
    }
    return least;
  }

  private static long descriptors() {
    try (var open = Files.list(Path.of("/proc/self/fd"))) {
      return open.count();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// The second half: by then classes are loaded and buffers have grown.
  List<Sample> measured() {
    return samples.subList(samples.size() / 2, samples.size());
  }

  /// Of every few samples the one with the least heap: what is held for a moment does not count.
  private List<Sample> least() {
    var least = new ArrayList<Sample>();
    var all = measured();
    for (int i = 0; i + WINDOW <= all.size(); i += WINDOW) {
      least.add(
          all.subList(i, i + WINDOW).stream()
              .min(Comparator.comparingLong(Sample::heapBytes))
              .orElseThrow());
    }
    return least;
  }

  Sample first() {
    return measured().getFirst();
  }

  /// The slope of the heap by least squares.
  double bytesPerThousand() {
    var points = least();
    double meanX = points.stream().mapToLong(Sample::allocations).average().orElseThrow();
    double meanY = points.stream().mapToLong(Sample::heapBytes).average().orElseThrow();
    double covariance = 0;
    double variance = 0;
    for (var point : points) {
      double x = point.allocations() - meanX;
      covariance += x * (point.heapBytes() - meanY);
      variance += x * x;
    }
    return 1_000 * covariance / variance;
  }

  @Override
  public String toString() {
    return "%d allocations, %.0f bytes of heap per 1,000, from %s to %s"
        .formatted(samples.getLast().allocations(), bytesPerThousand(), first(), samples.getLast());
  }
}
