package dev.hairpin.turnserver.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/// What one source takes is bounded, and nobody else's.
class SourceBudgetTest {
  private static final IpAddress SOURCE = IpAddress.parse("198.51.100.7");

  @Test
  void aSecondsWorthAtOnceAndThenOneAfterEachInterval() {
    var budget = SourceBudget.perSecond(20);
    assertEquals(20, taken(budget, SOURCE, 0, 1_000));
    long step = TimeUnit.MILLISECONDS.toNanos(50);
    for (int i = 1; i <= 30; i++) {
      assertEquals(0, taken(budget, SOURCE, i * step - 1, 10));
      assertEquals(1, taken(budget, SOURCE, i * step, 10));
    }
    long later = TimeUnit.HOURS.toNanos(300);
    assertEquals(20, taken(budget, SOURCE, later, 1_000));
  }

  @Test
  void aSpentBudgetSaysSoWithoutTakingAnything() {
    var budget = new SourceBudget(2, Duration.ofSeconds(1));
    for (int i = 0; i < 5; i++) {
      assertFalse(budget.isSpent(SOURCE, 0));
    }
    assertEquals(2, taken(budget, SOURCE, 0, 5));
    assertTrue(budget.isSpent(SOURCE, 0));
    assertFalse(budget.isSpent(SOURCE, TimeUnit.SECONDS.toNanos(1)));
  }

  @Test
  void aSourceIsAnIpv4AddressOrHalfOfAnIpv6Address() {
    var budget = SourceBudget.perSecond(5);
    assertEquals(5, taken(budget, IpAddress.parse("2001:db8:0:1::1"), 0, 9));
    assertEquals(0, taken(budget, IpAddress.parse("2001:db8:0:1:ffff::2"), 0, 9));
    assertEquals(5, taken(budget, IpAddress.parse("2001:db8:0:2::1"), 0, 9));
    assertEquals(5, taken(budget, SOURCE, 0, 9));
    assertEquals(5, taken(budget, IpAddress.parse("198.51.100.8"), 0, 9));
  }

  @Test
  void loopbackHasNoBoundAndNeitherHasAnybodyWhereItIsZero() {
    var budget = SourceBudget.perSecond(5);
    assertEquals(99, taken(budget, IpAddress.parse("127.8.9.10"), 0, 99));
    assertEquals(99, taken(budget, IpAddress.parse("::1"), 0, 99));
    assertEquals(99, taken(SourceBudget.perSecond(0), SOURCE, 0, 99));
  }

  @Test
  void threadsTakeNoMoreTogetherThanOneAlone() throws InterruptedException {
    var budget = SourceBudget.perSecond(10_000);
    var sum = new AtomicInteger();
    var threads =
        IntStream.range(0, 4)
            .mapToObj(
                _ ->
                    Thread.ofPlatform().start(() -> sum.addAndGet(taken(budget, SOURCE, 0, 9_000))))
            .toList();
    for (var thread : threads) {
      thread.join();
    }
    assertEquals(10_000, sum.get());
  }

  @Test
  void manySourcesSpendTheBudgetOfFewOthers() {
    var budget = SourceBudget.perSecond(1);
    IntStream.range(0, 6_000).forEach(i -> taken(budget, IpAddress.ofIpv4(0x0a000000 + i), 0, 9));
    long free =
        IntStream.range(0, 1_000)
            .filter(i -> budget.take(IpAddress.ofIpv4(0xc0000000 + i), 0))
            .count();
    assertTrue(free > 800, "only " + free + " of 1000 were let in");
  }

  @Test
  void connectionsOfASourceAreCountedUntilTheyGo() {
    var count = new SourceCount(3);
    for (int i = 0; i < 3; i++) {
      assertTrue(count.add(SOURCE));
    }
    assertFalse(count.add(SOURCE));
    assertTrue(count.add(IpAddress.parse("198.51.100.8")));
    count.remove(SOURCE);
    assertTrue(count.add(SOURCE));
    assertFalse(count.add(SOURCE));
    for (int i = 0; i < 99; i++) {
      assertTrue(count.add(IpAddress.parse("127.0.0.1")));
      assertTrue(new SourceCount(0).add(SOURCE));
    }
  }

  private static int taken(SourceBudget budget, IpAddress source, long nowNanos, int tries) {
    return (int) IntStream.range(0, tries).filter(_ -> budget.take(source, nowNanos)).count();
  }
}
