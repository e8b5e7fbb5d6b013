package dev.hairpin.turnserver.policy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.hairpin.turnserver.credential.CredentialScope;
import dev.hairpin.turnserver.credential.CredentialUsername;
import dev.hairpin.turnserver.credential.UserId;
import java.util.ArrayList;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/// The bytes of one credential, without a server.
class ByteBudgetTest {
  private static final long SECOND = TimeUnit.SECONDS.toNanos(1);
  private static final CredentialScope SOME = CredentialScope.parse("bytes=1000");

  @Test
  void oneAllocationCarriesItAllAndNotAByteMore() {
    for (int bytes : new int[] {1, 7, 1_000, 1_200, 9_999, 100_000}) {
      var left = new AtomicLong(100_000);
      var budget = new ByteBudget(left);
      long carried = 0;
      while (budget.take(bytes)) {
        carried += bytes;
      }
      assertEquals(100_000 - 100_000 % bytes, carried);
      assertTrue(budget.isSpent());
      assertEquals(100_000 % bytes, left.get());
      assertFalse(budget.take(0));
    }
  }

  @Test
  void whatOneAllocationDoesNotCarryIsThereForTheOthersToTheLastByte() {
    var left = new AtomicLong(100_000);
    var one = new ByteBudget(left);
    var other = new ByteBudget(left);
    assertTrue(one.take(100));
    assertEquals(99_900, left.get());
    assertFalse(one.take(99_901));
    assertFalse(one.take(1));
    assertTrue(one.isSpent());
    assertFalse(other.isSpent());
    assertTrue(other.take(99_900));
    assertFalse(other.take(1));
    assertEquals(0, left.get());
  }

  @Test
  void whatDoesNotFitIsTheEndAndTakesNothing() {
    var left = new AtomicLong(100);
    var budget = new ByteBudget(left);
    assertTrue(budget.take(60));
    assertFalse(budget.isSpent());
    assertFalse(budget.take(41));
    assertTrue(budget.isSpent());
    assertFalse(budget.take(40));
    assertEquals(40, left.get());
  }

  @Test
  void however8LoopsCarryTheSumIsTheBudget() throws Exception {
    for (int round = 0; round < 20; round++) {
      long all = 10_000_019;
      var left = new AtomicLong(all);
      var loops = new ArrayList<Callable<Long>>();
      for (int i = 0; i < 8; i++) {
        var budget = new ByteBudget(left);
        loops.add(
            () -> {
              long carried = 0;
              while (budget.take(1_200)) {
                carried += 1_200;
              }
              return carried;
            });
      }
      try (var threads = Executors.newFixedThreadPool(8)) {
        long carried = 0;
        for (var each : threads.invokeAll(loops)) {
          carried += each.resultNow();
        }
        assertEquals(all, carried + left.get());
      }
    }
  }

  private static CredentialUsername credential(long expiry, String user) {
    return new CredentialUsername(expiry, SOME, new UserId(user));
  }

  @Test
  void aCredentialHasOneBudgetUntilNoAllocationOfItMayLive() {
    var budgets = new ByteBudgets();
    var first = budgets.of(credential(100, "a"), 130 * SECOND, 0); // grace is 30 s, it is second 0
    assertEquals(1_000, first.get());
    assertNotSame(first, budgets.of(credential(100, "b"), 130 * SECOND, 0));
    assertNotSame(first, budgets.of(credential(101, "a"), 131 * SECOND, 0));
    budgets.of(credential(200, "a"), 230 * SECOND, 130 * SECOND);
    assertSame(first, budgets.of(credential(100, "a"), 130 * SECOND, 130 * SECOND));
    assertEquals(4, budgets.left.size());
    budgets.of(credential(201, "a"), 231 * SECOND, 131 * SECOND);
    assertEquals(3, budgets.left.size(), "two have ended");
    assertNotSame(first, budgets.of(credential(100, "a"), 131 * SECOND, 131 * SECOND));
  }

  @Test
  void ofTooManyThoseThatEndFirstAreForgotten() {
    var budgets = new ByteBudgets();
    var last = budgets.of(credential(5_000_000, "a"), Long.MAX_VALUE / 2, 0);
    for (int i = 0; i < ByteBudgets.MAX + 10; i++) {
      budgets.of(credential(1_000_000 + i, "a"), Long.MAX_VALUE / 2, 0);
    }
    assertEquals(ByteBudgets.MAX, budgets.left.size());
    assertSame(last, budgets.of(credential(5_000_000, "a"), Long.MAX_VALUE / 2, 0));
  }
}
