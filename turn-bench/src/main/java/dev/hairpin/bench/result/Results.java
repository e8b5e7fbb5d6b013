package dev.hairpin.bench.result;

import dev.hairpin.bench.Load;
import dev.hairpin.bench.Target;
import dev.hairpin.bench.measure.Counts;
import dev.hairpin.bench.measure.Figure;
import dev.hairpin.bench.measure.Figures;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/// What a bench found out, in the making.
public final class Results {
  private final String version;
  private final Instant startedAt;
  private final Load load;
  private final List<Outcome> outcomes = new ArrayList<>();

  public Results(String version, Instant startedAt, Load load) {
    this.version = version;
    this.startedAt = startedAt;
    this.load = load;
  }

  /// How the allocations came to be.
  ///
  /// @param latency in nanoseconds
  /// @param cpuNanosEach of the server, for one allocation with its channel
  public record Making(
      long allocations,
      int failed,
      @Nullable String failure,
      double perSecond,
      Histogram latency,
      OptionalDouble cpuNanosEach) {}

  /// One second of a run.
  ///
  /// @param t seconds since its begin
  /// @param span how long it really was, in seconds
  /// @param cpuPercent of one core, of the server
  public record Second(
      double t,
      double span,
      Counts counts,
      OptionalDouble cpuPercent,
      OptionalLong residentBytes) {}

  /// One run.
  ///
  /// @param error why it did not end as it should, or null
  /// @param warning why it says less about the server than it seems, or null
  /// @param isLimited whether the load generator was the limit
  public record Run(
      int round,
      Figures figures,
      List<Second> seconds,
      @Nullable String error,
      @Nullable String warning,
      boolean isLimited) {}

  /// A step of a search.
  public record Step(int rate, Figures figures) {}

  /// All about one server.
  public static final class Outcome {
    private final Target target;
    private final List<Run> runs = new ArrayList<>();
    private final List<Step> steps = new ArrayList<>();
    private @Nullable Making making;
    private @Nullable String software;
    private OptionalInt highestRate = OptionalInt.empty();

    Outcome(Target target) {
      this.target = target;
    }

    public Target target() {
      return target;
    }

    public void made(Making newMaking, @Nullable String newSoftware) {
      making = newMaking;
      software = newSoftware;
    }

    public void add(Run run) {
      runs.add(run);
    }

    public void add(Step step) {
      steps.add(step);
    }

    /// What a search found.
    public void highestRate(int rate) {
      highestRate = OptionalInt.of(rate);
    }

    public List<Run> runs() {
      return runs;
    }

    public List<Step> steps() {
      return steps;
    }

    public @Nullable Making making() {
      return making;
    }

    public @Nullable String software() {
      return software;
    }

    public OptionalInt highestRate() {
      return highestRate;
    }

    public Figures median() {
      return Figures.median(runs.stream().map(Run::figures).toList());
    }

    OptionalDouble setupPerSecond() {
      return making == null ? OptionalDouble.empty() : OptionalDouble.of(making.perSecond());
    }
  }

  public Outcome add(Target target) {
    var outcome = new Outcome(target);
    outcomes.add(outcome);
    return outcome;
  }

  public List<Outcome> outcomes() {
    return List.copyOf(outcomes);
  }

  String version() {
    return version;
  }

  Instant startedAt() {
    return startedAt;
  }

  Load load() {
    return load;
  }

  /// The first server's median as a part of the second's; nothing where there is one alone.
  public OptionalDouble ratio(Figure figure) {
    return outcomes.size() < 2
        ? OptionalDouble.empty()
        : Figures.ratio(
            outcomes.getFirst().median().get(figure), outcomes.getLast().median().get(figure));
  }

  OptionalDouble setupRatio() {
    return outcomes.size() < 2
        ? OptionalDouble.empty()
        : Figures.ratio(outcomes.getFirst().setupPerSecond(), outcomes.getLast().setupPerSecond());
  }
}
