package dev.hairpin.bench;

import dev.hairpin.bench.client.Fleet;
import dev.hairpin.bench.measure.Counts;
import dev.hairpin.bench.measure.Figure;
import dev.hairpin.bench.measure.Figures;
import dev.hairpin.bench.measure.ServerProcess;
import dev.hairpin.bench.result.Progress;
import dev.hairpin.bench.result.Results.Making;
import dev.hairpin.bench.result.Results.Outcome;
import dev.hairpin.bench.result.Results.Run;
import dev.hairpin.bench.result.Results.Second;
import dev.hairpin.bench.result.Results.Step;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/// One server with its clients, from their first request to their last.
final class Lane implements AutoCloseable {
  private static final long SECOND = 1_000_000_000L;
  private static final long STRAGGLERS_NANOS = SECOND;
  private static final int LOOK_MILLIS = 20;
  private static final int QUIET_LOOKS = 10;
  private static final double TOLERATED = 0.01;
  static final double LOSSLESS_PERCENT = 0.1;

  private final Target target;
  private final Load load;
  private final Outcome outcome;
  private final Progress progress;
  private final BooleanSupplier stopped;
  private final @Nullable ServerProcess process;
  private final Fleet fleet;

  Lane(Target target, Bench.Plan plan, Outcome outcome, Progress progress, BooleanSupplier stopped)
      throws BenchException {
    this.target = target;
    this.load = plan.load();
    this.outcome = outcome;
    this.progress = progress;
    this.stopped = stopped;
    this.process = target.pid() > 0 ? new ServerProcess(target.pid()) : null;
    if (process != null && !process.isReadable()) {
      throw new BenchException(
          "nothing is told of process " + target.pid() + "; does it run, and on this machine?");
    }
    this.fleet = new Fleet(target, load, plan.threads(), plan.peerAddress());
  }

  /// Makes the allocations.
  void open() throws BenchException, InterruptedException {
    var cpu = cpuNanos();
    var setup = fleet.open(stopped);
    var spent = since(cpu);
    long made = setup.allocations();
    var each =
        spent.isPresent() && made > 0
            ? OptionalDouble.of(spent.getAsLong() / (double) made)
            : OptionalDouble.empty();
    outcome.made(
        new Making(made, setup.failed(), setup.failure(), setup.perSecond(), setup.latency(), each),
        setup.software());
    progress.tell(
        String.format(
            Locale.ROOT,
            "%s: %,d allocations, %,.0f a second",
            target.name(),
            made,
            setup.perSecond()));
    if (setup.failed() > 0) {
      progress.tell(
          target.name() + ": " + setup.failed() + " clients have none: " + setup.failure());
    }
  }

  /// Finds the highest rate without loss and leaves it in the outcome.
  void search() throws BenchException, InterruptedException {
    int first = load.rate().orElse(load.clients() * load.payload().perClient());
    var found =
        Search.highest(
            first,
            Load.MAX_RATE,
            rate -> {
              if (stopped.getAsBoolean()) {
                return false;
              }
              var run = measure(0, load.at(rate), target.name() + " search");
              outcome.add(new Step(rate, run.figures()));
              boolean lossless = run.figures().get(Figure.LOSS).orElse(0) <= LOSSLESS_PERCENT;
              progress.tell(
                  String.format(
                      Locale.ROOT,
                      "%s: %,d/s %s%s",
                      target.name(),
                      rate,
                      lossless ? "without loss" : "too much",
                      run.warning() == null ? "" : "; " + run.warning()));
              return lossless && !run.isLimited() && run.error() == null;
            });
    if (!stopped.getAsBoolean()) {
      found.ifPresent(outcome::highestRate);
    }
  }

  /// One round; its run goes into the outcome.
  void round(int number, Load rated) throws BenchException, InterruptedException {
    var run = measure(number, rated, target.name() + " round " + number);
    outcome.add(run);
    if (run.error() != null) {
      progress.tell(target.name() + ": " + run.error());
    }
    if (run.warning() != null) {
      progress.tell(target.name() + ": " + run.warning());
    }
  }

  private Run measure(int number, Load rated, String what)
      throws BenchException, InterruptedException {
    double rate = rated.rate().orElse(0);
    if (rated.warmUp().isPositive()) {
      fleet.begin(rate, rated.warmUp().toNanos());
      sleepUntil(System.nanoTime() + rated.warmUp().toNanos());
    }
    long drops = fleet.dropsHere();
    fleet.begin(rate, rated.duration().toNanos());
    var cpu = cpuNanos();
    var seconds = seconds(rated.duration(), what);
    var rest = stragglers(seconds);
    var total = new Counts();
    seconds.getLast().counts().add(rest);
    seconds.forEach(second -> total.add(second.counts()));
    var resident = process == null ? OptionalLong.empty() : process.residentBytes();
    var figures = Figures.of(rated.rate(), total, since(cpu), resident);
    long lostHere = fleet.dropsHere() - drops;
    String limit = ownLimit(total, lostHere);
    String warning = limit == null ? lateness(total) : limit;
    return new Run(number, figures, seconds, fleet.losses(), warning, limit != null);
  }

  private List<Second> seconds(Duration duration, String what)
      throws BenchException, InterruptedException {
    var seconds = new ArrayList<Second>();
    long began = System.nanoTime();
    long end = began + duration.toNanos();
    long last = began;
    var cpu = cpuNanos();
    while (last < end && (seconds.isEmpty() || !stopped.getAsBoolean())) {
      sleepUntil(Math.min(last + SECOND, end));
      var counts = fleet.cut();
      long now = System.nanoTime();
      double span = (now - last) / (double) SECOND;
      var spent = since(cpu);
      cpu = cpuNanos();
      var percent =
          spent.isPresent()
              ? OptionalDouble.of(100.0 * spent.getAsLong() / (now - last))
              : OptionalDouble.empty();
      var resident = process == null ? OptionalLong.empty() : process.residentBytes();
      double elapsed = (now - began) / (double) SECOND;
      seconds.add(new Second(elapsed, span, counts, percent, resident));
      progress.second(what, elapsed, span, counts);
      last = now;
    }
    fleet.stop();
    return seconds;
  }

  /// Waits for what is on its way.
  private Counts stragglers(List<Second> seconds) throws BenchException, InterruptedException {
    var rest = new Counts();
    long missing = 0;
    for (var second : seconds) {
      missing += second.counts().sent - second.counts().received - second.counts().corrupt;
    }
    long end = System.nanoTime() + STRAGGLERS_NANOS;
    int quiet = 0;
    while (quiet < QUIET_LOOKS && System.nanoTime() < end) {
      TimeUnit.MILLISECONDS.sleep(LOOK_MILLIS);
      var late = fleet.cut();
      rest.add(late);
      missing += late.sent - late.received - late.corrupt;
      quiet = late.received == 0 ? quiet + 1 : 0;
      if (missing <= 0 && quiet > 1) {
        break;
      }
    }
    return rest;
  }

  /// Why a run says more about the load generator than about the server, or null.
  private static @Nullable String ownLimit(Counts total, long lostHere) {
    double all = Math.max(total.sent + total.owed, 1);
    if (total.owed > all * TOLERATED) {
      return String.format(
          Locale.ROOT,
          "the load generator did not keep up: it left out %.1f %% of the packets (more --threads,"
              + " or fewer packets)",
          100.0 * total.owed / all);
    }
    if (lostHere > all * LOSSLESS_PERCENT / 100) {
      return String.format(
          Locale.ROOT,
          "%,d packets that the server delivered were lost at the load generator's own sockets",
          lostHere);
    }
    return null;
  }

  private static @Nullable String lateness(Counts total) {
    return total.late <= total.sent * TOLERATED
        ? null
        : String.format(
            Locale.ROOT,
            "the load generator fell behind: %.1f %% of the packets left over 1 ms late; the"
                + " latency is its own too",
            100.0 * total.late / total.sent);
  }

  private void sleepUntil(long time) throws InterruptedException {
    for (long left = time - System.nanoTime();
        left > 0 && !stopped.getAsBoolean();
        left = time - System.nanoTime()) {
      TimeUnit.NANOSECONDS.sleep(Math.min(left, LOOK_MILLIS * 1_000_000L));
    }
  }

  private OptionalLong cpuNanos() {
    return process == null ? OptionalLong.empty() : process.cpuNanos();
  }

  private OptionalLong since(OptionalLong before) {
    var now = cpuNanos();
    return before.isPresent() && now.isPresent()
        ? OptionalLong.of(Math.max(now.getAsLong() - before.getAsLong(), 0))
        : OptionalLong.empty();
  }

  @Override
  public void close() {
    fleet.close();
  }
}
