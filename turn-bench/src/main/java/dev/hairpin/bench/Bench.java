package dev.hairpin.bench;

import dev.hairpin.bench.client.Fleet;
import dev.hairpin.bench.result.Progress;
import dev.hairpin.bench.result.Results;
import dev.hairpin.turnserver.net.IpAddress;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Puts a load on one server, or on two in turns, and tells what came of it.
public final class Bench {
  private static final int REHEARSED = 100;

  private final Plan plan;
  private final Progress progress;
  private volatile boolean stopped;

  /// What is to be done.
  ///
  /// @param targets one server, or two to compare
  /// @param search whether the highest rate without loss is looked for first
  /// @param threads of the load generator for each server
  /// @param peerAddress where the peer listens; null for the address from which the server is
  ///   reached
  /// @param version of this program
  public record Plan(
      List<Target> targets,
      Load load,
      boolean search,
      int threads,
      @Nullable IpAddress peerAddress,
      String version) {
    public static final int MAX_THREADS = 64;

    public Plan {
      targets = List.copyOf(targets);
      if (targets.isEmpty() || targets.size() > 2) {
        throw new IllegalArgumentException("one server, or two to compare");
      }
      if (threads < 1 || threads > MAX_THREADS) {
        throw new IllegalArgumentException("1 to " + MAX_THREADS + " threads can be asked for");
      }
    }

    /// Why somebody should think twice: such a load could harm a network of others.
    public Optional<String> objection() {
      boolean heavy = search || load.isHeavy();
      return targets.stream()
          .filter(target -> heavy && !target.isNear())
          .findFirst()
          .map(
              target ->
                  target.url()
                      + " is neither on this machine nor in a private network, and so much load"
                      + " can look like an attack there and on the way; --yes if it is yours");
    }
  }

  public Bench(Plan plan, Progress progress) {
    this.plan = plan;
    this.progress = progress;
  }

  /// Ends it early, from any thread: what there is counts.
  public void stop() {
    stopped = true;
  }

  /// Runs. Every allocation has been given back when it returns or throws.
  ///
  /// @throws BenchException where a server gives no client an allocation
  public Results run() throws BenchException, InterruptedException {
    var results = new Results(plan.version(), Instant.now(), plan.load());
    var lanes = new ArrayList<Lane>();
    try {
      if (plan.load().warmUp().isPositive()) {
        rehearse();
      }
      for (var target : plan.targets()) {
        var lane = new Lane(target, plan, results.add(target), progress, () -> stopped);
        lanes.add(lane);
        lane.open();
      }
      var load = plan.search() ? search(lanes, results) : plan.load();
      for (int round = 1; round <= load.rounds(); round++) {
        for (var lane : lanes) {
          if (!stopped) {
            lane.round(round, load);
          }
        }
      }
    } finally {
      lanes.forEach(Lane::close);
    }
    return results;
  }

  /// Makes some allocations and gives them back, so that the first server's are not those that this
  /// program learns by.
  private void rehearse() throws BenchException, InterruptedException {
    var load = plan.load().ofAtMost(REHEARSED);
    for (var target : plan.targets()) {
      if (!stopped) {
        try (var fleet = new Fleet(target, load, plan.threads(), plan.peerAddress())) {
          fleet.open(() -> stopped);
        }
      }
    }
  }

  /// The rounds go at the highest rate that every server carries.
  private Load search(List<Lane> lanes, Results results)
      throws BenchException, InterruptedException {
    for (var lane : lanes) {
      lane.search();
    }
    var rate = results.outcomes().stream().flatMapToInt(o -> o.highestRate().stream()).min();
    return rate.isPresent() ? plan.load().at(rate.getAsInt()) : plan.load();
  }
}
