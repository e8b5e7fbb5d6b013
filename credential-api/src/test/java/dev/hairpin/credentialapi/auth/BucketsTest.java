package dev.hairpin.credentialapi.auth;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.hairpin.credentialapi.Rate;
import java.time.Duration;
import java.time.Instant;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BucketsTest {
  private static final Instant START = Instant.parse("2026-11-22T03:00:00Z");

  private Instant now = START;
  private final Buckets buckets = new Buckets(new Rate(2, 5), () -> now);

  @Test
  void aBurstIsThereAtOnceAndTheRestByAndBy() {
    assertEquals(5, taken("a", 20));
    now = START.plusMillis(499);
    assertEquals(0, taken("a", 20));
    now = START.plusMillis(500);
    assertEquals(1, taken("a", 20));
    now = START.plusSeconds(10);
    assertEquals(5, taken("a", 20));
    assertEquals(5, taken("b", 20));
  }

  @Test
  void overAMinuteNobodyGetsMoreThanTheBurstAndTheRate() {
    int taken = 0;
    for (int i = 0; i < 60_000; i += 7) {
      now = START.plusMillis(i);
      taken += taken("a", 1);
    }
    assertTrue(taken >= 5 + 118 && taken <= 5 + 120, "taken: " + taken);
  }

  @Test
  void itSaysWhatIsLeftAndWhenThereIsMore() {
    var first = buckets.take("key", "a");
    assertEquals(4, first.left());
    assertEquals(1, first.seconds());
    taken("a", 3);
    var last = buckets.take("key", "a");
    assertTrue(last.taken());
    assertEquals(0, last.left());
    var refused = buckets.take("key", "a");
    assertFalse(refused.taken());
    assertEquals(1, refused.seconds());
    now = START.plusSeconds(1);
    assertTrue(buckets.take("key", "a").taken());
  }

  @Test
  void aClockThatIsSetBackLocksNobodyOut() {
    taken("a", 5);
    now = START.minus(Duration.ofDays(1));
    assertEquals(0, taken("a", 1));
    now = now.plusMillis(2_500);
    assertEquals(5, taken("a", 20));
  }

  @Test
  void noNumberOfNamesMakesItLarger() {
    for (int i = 0; i < 100_000; i++) {
      taken("name " + i, 1);
      assertTrue(buckets.size() <= Buckets.MAX_BUCKETS + 1);
    }
    assertEquals(4, taken("name 1", 20));
    assertEquals(0, taken("another", 1), "those without room share what there is");
    now = START.plusSeconds(3);
    assertEquals(5, taken("another", 20));
    assertTrue(buckets.size() < 10);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "5", "5/4", "-1/5", "x/y", "1/2/3", "1.5/2", "1/10000000"})
  void whatIsNoRateIsRefused(String text) {
    assertThrows(IllegalArgumentException.class, () -> Rate.parse(text));
  }

  private int taken(String whose, int calls) {
    return IntStream.range(0, calls).map(_ -> buckets.take("key", whose).taken() ? 1 : 0).sum();
  }
}
