package dev.hairpin.turnserver.fuzz;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.HexFormat;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Ten million inputs that were sound before chance had its way with them: nothing is thrown, no
/// rule of a target is broken, and none takes longer than a millisecond. The seed stands in the
/// output; `-Dfuzz.seed=` brings a run back.
class MutatedInputsTest {
  private static final long SEED = Long.getLong("fuzz.seed", 8656);
  private static final long MAX_NANOS = TimeUnit.MILLISECONDS.toNanos(1);
  private static final int REPEATS = 5;
  private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();
  private static final int BATCH = 500;
  private static final int WARM_UP = 5_000;

  /// Ten million in all.
  private static int inputs(Targets target) {
    return switch (target) {
      case MESSAGE -> 8_920_000;
      case USERNAME -> 700_000;
      case SERVER -> 250_000;
      case STREAM -> 100_000;
      case PROXY -> 30_000;
    };
  }

  @ParameterizedTest
  @EnumSource(Targets.class)
  void tenMillion(Targets target) {
    run(target, inputs(target));
  }

  @Tag("nightly")
  @ParameterizedTest
  @EnumSource(Targets.class)
  void aHundredMillion(Targets target) {
    run(target, 10 * inputs(target));
  }

  @Test
  void theInputsAreTenMillion() {
    int sum = 0;
    for (var target : Targets.values()) {
      sum += inputs(target);
    }
    assertTrue(sum >= 10_000_000, "only " + sum);
  }

  private static void run(Targets name, int inputs) {
    var target = name.open();
    boolean isPrefixed = name != Targets.MESSAGE && name != Targets.USERNAME;
    var mutator = new Mutator(name.seeds(), isPrefixed ? 1 : 0, SEED);
    warmUp(name, target);
    long start = System.nanoTime();
    for (int done = 0; done < inputs; done += BATCH) {
      Runnable batch =
          () -> {
            for (int i = 0; i < BATCH; i++) {
              take(name, target, mutator.next());
            }
          };
      if (target instanceof ServerTarget server) {
        server.run(batch);
      } else {
        batch.run();
      }
    }
    System.out.printf(
        "%,d mutated inputs of %s from seed %d in %,d ms%n",
        inputs, name, SEED, TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start));
  }

  /// Java runs slowly what it has not compiled yet; seeds are taken until it has.
  private static void warmUp(Targets name, FuzzTarget target) {
    var seeds = name.seeds();
    for (int i = 0; i < WARM_UP; i++) {
      var _ = measure(name, target, seeds.get(i % seeds.size()), System::nanoTime);
    }
  }

  private static void take(Targets name, FuzzTarget target, byte[] input) {
    long nanos = measure(name, target, input, System::nanoTime);
    // a pause is not the input's fault: what is slow by itself costs the processor's time, each
    // time
    for (int i = 0; i < REPEATS && nanos > MAX_NANOS; i++) {
      nanos = measure(name, target, input, THREADS::getCurrentThreadCpuTime);
    }
    if (nanos > MAX_NANOS) {
      fail(describe(name, input) + " takes " + nanos + " ns");
    }
  }

  private static long measure(Targets name, FuzzTarget target, byte[] input, LongSupplier clock) {
    target.prepare();
    long start = clock.getAsLong();
    try {
      target.take(input);
    } catch (RuntimeException | AssertionError e) {
      throw new AssertionError(describe(name, input) + ": " + e, e);
    }
    return clock.getAsLong() - start;
  }

  private static String describe(Targets name, byte[] input) {
    return "seed " + SEED + ", " + name + " " + HexFormat.of().formatHex(input);
  }
}
