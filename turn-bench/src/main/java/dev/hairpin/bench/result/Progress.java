package dev.hairpin.bench.result;

import dev.hairpin.bench.measure.Counts;
import java.io.PrintWriter;
import java.util.Locale;

/// What is seen while a bench runs: on a terminal one line that changes, elsewhere a line a second.
public final class Progress {
  private static final double NANOS_PER_MICRO = 1e3;

  private final PrintWriter out;
  private final boolean terminal;
  private int shown;

  public Progress(PrintWriter out, boolean terminal) {
    this.out = out;
    this.terminal = terminal;
  }

  /// Something that stays.
  public void tell(String line) {
    clear();
    out.println(line);
    out.flush();
  }

  /// What a second brought.
  ///
  /// @param what goes on
  public void second(String what, double elapsed, double span, Counts counts) {
    String p99 =
        counts.latency.getTotalCount() == 0
            ? "-"
            : String.format(
                Locale.ROOT, "%,.1f", counts.latency.getValueAtPercentile(99) / NANOS_PER_MICRO);
    String line =
        String.format(
            Locale.ROOT,
            "%s  %5.1f s  sent %,10.0f/s  received %,10.0f/s  loss %7.3f %%  p99 %10s µs",
            what,
            elapsed,
            counts.sent / span,
            counts.received / span,
            counts.lossPercent(),
            p99);
    if (terminal) {
      out.print("\r" + line + " ".repeat(Math.max(shown - line.length(), 0)));
      shown = line.length();
    } else {
      out.println(line);
    }
    out.flush();
  }

  private void clear() {
    if (shown > 0) {
      out.print("\r" + " ".repeat(shown) + "\r");
      shown = 0;
    }
  }
}
