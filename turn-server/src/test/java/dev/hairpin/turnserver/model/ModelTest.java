package dev.hairpin.turnserver.model;

import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// Server and model go the same way whatever comes. `-Dmodel.seed=…` plays one sequence again,
/// `-Dmodel.sequences=…` another number of them.
class ModelTest {
  private static final int STEPS = 50;
  private static final int THREADS = 2;
  private static final int TRIES = 10;

  /// Below the range from which systems give ports to whoever asks for any; reserved ports are
  /// bound in earnest, so two processes need two ranges.
  private static final int FIRST_PORT =
      10_000 + (int) (ProcessHandle.current().pid() % 1_000) * THREADS * World.Setup.PORTS;

  @Test
  void tenThousandSequencesOfFiftySteps() throws InterruptedException {
    play(10_000);
  }

  @Test
  @Tag("nightly")
  void aMillionSequencesOfFiftySteps() throws InterruptedException {
    play(1_000_000);
  }

  private static void play(int usual) throws InterruptedException {
    var only = Long.getLong("model.seed");
    if (only != null) {
      failOn(only, 0);
      return;
    }
    int count = Integer.getInteger("model.sequences", usual);
    long base = System.nanoTime();
    var failing = new AtomicReference<@Nullable Failure>();
    var threads =
        IntStream.range(0, THREADS)
            .mapToObj(
                worker ->
                    Thread.ofPlatform()
                        .start(() -> work(base + worker, count / THREADS, worker, failing)))
            .toList();
    for (var thread : threads) {
      thread.join();
    }
    var failure = failing.get();
    if (failure != null) {
      failOn(failure.seed(), 0);
      throw new AssertionError("seed " + failure.seed() + " failed only once", failure.cause());
    }
  }

  private record Failure(long seed, Throwable cause) {}

  private static void work(
      long base, int count, int worker, AtomicReference<@Nullable Failure> failing) {
    for (long seed = base; seed < base + (long) count * THREADS; seed += THREADS) {
      var cause = failure(seed, worker, steps(seed, worker));
      if (cause != null) {
        failing.set(new Failure(seed, cause));
      }
      if (failing.get() != null) {
        return;
      }
    }
  }

  private static World.Setup setup(long seed, int worker) {
    var random = new SplittableRandom(seed);
    return new World.Setup(
        1 + random.nextInt(2),
        random.nextInt(3) > 0,
        random.nextInt(4) == 0,
        random.nextInt(10) > 0,
        FIRST_PORT + worker * World.Setup.PORTS);
  }

  private static List<Step> steps(long seed, int worker) {
    boolean ipv6 = setup(seed, worker).ipv6();
    return new StepMaker(new SplittableRandom(~seed), ipv6).steps(STEPS);
  }

  private static @Nullable Throwable failure(long seed, int worker, List<Step> steps) {
    try (var play = new Play(setup(seed, worker), new SplittableRandom(seed))) {
      steps.forEach(play::play);
      play.finish(seed % 4 == 0);
      return null;
    } catch (Throwable e) {
      return e;
    }
  }

  /// Which ports the server draws is not ours to say: one that goes wrong may need some luck.
  private static @Nullable Throwable stubbornFailure(long seed, int worker, List<Step> steps) {
    Throwable failure = null;
    for (int i = 0; i < TRIES && failure == null; i++) {
      failure = failure(seed, worker, steps);
    }
    return failure;
  }

  private static void failOn(long seed, int worker) {
    var steps = steps(seed, worker);
    if (stubbornFailure(seed, worker, steps) == null) {
      return;
    }
    var shortest = Shrinker.shrink(steps, tried -> stubbornFailure(seed, worker, tried) != null);
    var cause = stubbornFailure(seed, worker, shortest);
    String told = shortest.stream().map(step -> "\n  " + step).collect(Collectors.joining());
    throw new AssertionError(
        "seed " + seed + ", " + setup(seed, worker) + told + "\n" + cause, cause);
  }
}
