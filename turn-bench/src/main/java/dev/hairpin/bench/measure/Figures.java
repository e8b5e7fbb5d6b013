package dev.hairpin.bench.measure;

import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;

/// The figures of a run, or their medians; some may be missing.
public final class Figures {
  private static final double NANOS_PER_MICRO = 1e3;

  private final Map<Figure, Double> values = new EnumMap<>(Figure.class);

  /// What a run came to.
  ///
  /// @param cpuNanos of the server meanwhile
  public static Figures of(
      OptionalInt rate, Counts counts, OptionalLong cpuNanos, OptionalLong residentBytes) {
    var figures = new Figures();
    rate.ifPresent(value -> figures.put(Figure.RATE, value));
    figures.put(Figure.SENT, counts.sent);
    figures.put(Figure.RECEIVED, counts.received);
    figures.put(Figure.LOSS, counts.lossPercent());
    figures.put(Figure.DUPLICATES, counts.duplicates);
    figures.put(Figure.REORDERED, counts.reordered);
    figures.put(Figure.CORRUPT, counts.corrupt);
    figures.put(Figure.SENT_BYTES, counts.sentBytes);
    figures.put(Figure.RECEIVED_BYTES, counts.receivedBytes);
    if (counts.received > 0) {
      figures.put(Figure.P50, micros(counts, 50));
      figures.put(Figure.P90, micros(counts, 90));
      figures.put(Figure.P99, micros(counts, 99));
      figures.put(Figure.P999, micros(counts, 99.9));
      figures.put(Figure.MAX, micros(counts, 100));
      cpuNanos.ifPresent(nanos -> figures.put(Figure.CPU, nanos / (double) counts.received));
    }
    residentBytes.ifPresent(bytes -> figures.put(Figure.RESIDENT, bytes));
    return figures;
  }

  private static double micros(Counts counts, double percentile) {
    return counts.latency.getValueAtPercentile(percentile) / NANOS_PER_MICRO;
  }

  /// Of each figure the median of those runs that have it.
  public static Figures median(List<Figures> runs) {
    var medians = new Figures();
    for (var figure : Figure.values()) {
      double[] sorted =
          runs.stream()
              .map(run -> run.values.get(figure))
              .filter(Objects::nonNull)
              .mapToDouble(Double::doubleValue)
              .sorted()
              .toArray();
      if (sorted.length > 0) {
        medians.put(figure, (sorted[(sorted.length - 1) / 2] + sorted[sorted.length / 2]) / 2);
      }
    }
    return medians;
  }

  private void put(Figure figure, long value) {
    values.put(figure, (double) value);
  }

  private void put(Figure figure, double value) {
    values.put(figure, value);
  }

  public OptionalDouble get(Figure figure) {
    var value = values.get(figure);
    return value == null ? OptionalDouble.empty() : OptionalDouble.of(value);
  }

  /// A figure as a part of another's; nothing where one is missing or the other is zero.
  public static OptionalDouble ratio(OptionalDouble of, OptionalDouble to) {
    boolean possible = of.isPresent() && to.isPresent() && to.getAsDouble() != 0;
    return possible
        ? OptionalDouble.of(of.getAsDouble() / to.getAsDouble())
        : OptionalDouble.empty();
  }

  @Override
  public String toString() {
    return Arrays.toString(values.entrySet().toArray());
  }
}
