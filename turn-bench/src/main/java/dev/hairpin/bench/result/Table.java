package dev.hairpin.bench.result;

import dev.hairpin.bench.measure.Figure;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;
import java.util.function.Function;

/// The medians as a table that lines up.
public final class Table {
  private static final String NONE = "-";
  private static final double NANOS_PER_MICRO = 1e3;

  private final List<List<String>> rows = new ArrayList<>();
  private final Results results;

  private Table(Results results) {
    this.results = results;
  }

  public static String of(Results results) {
    var table = new Table(results);
    table.fill();
    return table.text();
  }

  private void fill() {
    boolean versus = results.outcomes().size() > 1;
    var head = new ArrayList<>(List.of("", ""));
    results.outcomes().forEach(outcome -> head.add(outcome.target().name()));
    if (versus) {
      head.add("ratio");
    }
    rows.add(head);
    row("allocations", "", 0, o -> number(o, m -> m.allocations()), OptionalDouble.empty());
    row("set-up", "per s", 0, o -> number(o, m -> m.perSecond()), results.setupRatio());
    row(
        "set-up p50",
        "µs",
        0,
        o -> number(o, m -> m.latency().getValueAtPercentile(50) / NANOS_PER_MICRO),
        OptionalDouble.empty());
    for (var figure : Figure.values()) {
      row(
          figure.words(),
          figure.unit(),
          figure.decimals(),
          outcome -> outcome.median().get(figure),
          results.ratio(figure));
    }
    row(
        "highest rate",
        "packets/s",
        0,
        o -> o.highestRate().stream().asDoubleStream().findFirst(),
        OptionalDouble.empty());
  }

  private static OptionalDouble number(
      Results.Outcome outcome, Function<Results.Making, Number> figure) {
    var making = outcome.making();
    return making == null
        ? OptionalDouble.empty()
        : OptionalDouble.of(figure.apply(making).doubleValue());
  }

  /// A row that nobody has a figure for is left out.
  private void row(
      String words,
      String unit,
      int decimals,
      Function<Results.Outcome, OptionalDouble> figure,
      OptionalDouble ratio) {
    var values = results.outcomes().stream().map(figure).toList();
    if (values.stream().allMatch(OptionalDouble::isEmpty)) {
      return;
    }
    var row = new ArrayList<>(List.of(words, unit));
    values.forEach(value -> row.add(format(value, decimals)));
    if (values.size() > 1) {
      row.add(format(ratio, 2));
    }
    rows.add(row);
  }

  private static String format(OptionalDouble value, int decimals) {
    return value.isEmpty()
        ? NONE
        : String.format(Locale.ROOT, "%,." + decimals + "f", value.getAsDouble());
  }

  /// Words to the left, numbers to the right.
  private String text() {
    int columns = rows.getFirst().size();
    var widths = new int[columns];
    for (var row : rows) {
      for (int i = 0; i < columns; i++) {
        widths[i] = Math.max(widths[i], row.get(i).length());
      }
    }
    var out = new StringBuilder();
    for (var row : rows) {
      var line = new StringBuilder();
      for (int i = 0; i < columns; i++) {
        String pad = " ".repeat(widths[i] - row.get(i).length());
        line.append(i < 2 ? row.get(i) + pad : pad + row.get(i)).append("  ");
      }
      out.append(line.toString().stripTrailing()).append('\n');
    }
    return out.toString();
  }
}
