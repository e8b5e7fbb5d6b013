package dev.hairpin.turnserver.auth;

import static dev.hairpin.turnserver.auth.Requests.CLIENT;
import static dev.hairpin.turnserver.auth.Requests.after;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.hairpin.turnserver.auth.Requests.Credential;
import dev.hairpin.turnserver.credential.SharedSecrets;
import dev.hairpin.turnserver.stun.MessageIntegrity;
import dev.hairpin.turnserver.stun.StunMessage;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.function.IntConsumer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// What the time of an answer tells, by statistics: each question is put in random turns with the
/// other, and a machine that is busy gets three tries.
@Tag("nightly")
class TimingTest {
  private static final SharedSecrets SECRETS = SharedSecrets.of("secret");
  private static final Moment NOW = after(Duration.ofMinutes(1));
  private static final int TRIES = 3;

  /// A key that is kept is found in no time, but not in none: far below what a network shows.
  private static final int MAX_DIFFERENCE_NANOS = 500;

  private final SplittableRandom random = new SplittableRandom(8489);

  /// Welch's t of two million comparisons, of which the slowest tenth is left out.
  @Test
  void howMuchOfAMacIsRightIsNotToldByTheTime() {
    var right = new byte[32];
    byte[][] wrong = {right.clone(), right.clone()};
    wrong[0][0] = 1;
    wrong[1][31] = 1;
    double t = Double.MAX_VALUE;
    for (int i = 0; i < TRIES && Math.abs(t) >= 5; i++) {
      t = welch(measure(2_000_000, which -> MessageDigest.isEqual(right, wrong[which])));
    }
    double found = t;
    assertTrue(Math.abs(found) < 5, () -> "t = " + found);
  }

  @Test
  void whetherAUserIsKnownIsNotToldByTheTime() {
    var requests = new Requests();
    var settings = Requests.settings(SECRETS, Duration.ofHours(1), false);
    var authenticator =
        new Authenticator(
            settings,
            settings.verifier(NOW.wallSeconds()),
            new ProcessKeys(),
            new MessageIntegrity());
    var alice = Credential.of(SECRETS, "alice", Duration.ofHours(1));
    var _ = Requests.known(requests.ask(authenticator, alice, null, NOW));
    byte[] nonce = requests.nonce(authenticator, NOW);
    StunMessage[] guesses = {
      requests.signed(alice.withPassword("guess"), nonce),
      requests.signed(Credential.of(SECRETS, "malic", Duration.ofHours(1)).withPassword("x"), nonce)
    };
    double difference = Double.MAX_VALUE;
    for (int i = 0; i < TRIES && difference >= MAX_DIFFERENCE_NANOS; i++) {
      var times =
          measure(
              20_000,
              which -> Requests.authenticate(authenticator, guesses[which], CLIENT, null, NOW));
      difference = Math.abs(median(times[0]) - median(times[1]));
    }
    double found = difference;
    assertTrue(found < MAX_DIFFERENCE_NANOS, () -> found + " ns");
  }

  /// Nanoseconds of the two kinds, in random turns, after as many to warm up.
  private long[][] measure(int samples, IntConsumer question) {
    var times = new long[2][samples];
    var counts = new int[2];
    for (int round = 0; round < 2; round++) {
      Arrays.fill(counts, 0);
      for (int i = 0; i < samples; i++) {
        int which = random.nextInt(2);
        long start = System.nanoTime();
        question.accept(which);
        times[which][counts[which]++] = System.nanoTime() - start;
      }
    }
    return new long[][] {Arrays.copyOf(times[0], counts[0]), Arrays.copyOf(times[1], counts[1])};
  }

  private static double welch(long[][] times) {
    var mean = new double[2];
    var error = new double[2];
    for (int i = 0; i < 2; i++) {
      Arrays.sort(times[i]);
      var kept = Arrays.copyOf(times[i], times[i].length * 9 / 10);
      mean[i] = Arrays.stream(kept).average().orElseThrow();
      double center = mean[i];
      double squares = Arrays.stream(kept).mapToDouble(t -> (t - center) * (t - center)).sum();
      error[i] = squares / (kept.length - 1.0) / kept.length;
    }
    return (mean[0] - mean[1]) / Math.sqrt(error[0] + error[1]);
  }

  private static double median(long[] times) {
    Arrays.sort(times);
    return times[times.length / 2];
  }
}
