package dev.hairpin.credentialapi.usage;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class UsageLedgerTest {
  private static final Instant THREE = Instant.parse("2026-11-21T03:00:00Z");
  private static final Instant ALMOST_FOUR = Instant.parse("2026-11-21T03:59:59.999Z");
  private static final Usage ONE = new Usage(1, 2, 3, 4, 5, 6);

  private final UsageLedger ledger = new UsageLedger(3);

  @Test
  void whatOneUserTakesInOneHourIsOneRow() {
    ledger.add("acme", "alice", THREE, ONE);
    ledger.add("acme", "alice", ALMOST_FOUR, ONE);
    ledger.add("acme", "alice", ALMOST_FOUR.plusMillis(1), ONE);
    var rows = settleAll();
    assertEquals(
        List.of(
            new UsageRow(
                new UsageKey(THREE.getEpochSecond(), "acme", "alice"),
                new Usage(2, 4, 6, 8, 10, 12)),
            new UsageRow(new UsageKey(THREE.getEpochSecond() + 3600, "acme", "alice"), ONE)),
        rows);
  }

  @Test
  void whoTakesNothingLeavesNoRow() {
    ledger.add("", "alice", THREE, Usage.NONE);
    assertEquals(0, ledger.waiting());
  }

  @Test
  void aBatchComesAgainAsItWasUntilItIsSettled() {
    ledger.add("", "alice", THREE, ONE);
    var batch = ledger.next();
    ledger.add("", "alice", THREE, ONE);
    assertSame(batch, ledger.next());
    assertEquals(2, ledger.waiting());
    ledger.settle();
    var next = given(ledger.next());
    assertEquals(given(batch).sequence() + 1, next.sequence());
    assertEquals(List.of(new UsageRow(UsageKey.of("", "alice", THREE), ONE)), next.rows());
  }

  @Test
  void whoComesBeyondTheBoundIsCountedForTheTenantAndNothingIsLost() {
    for (int i = 0; i < 10_000; i++) {
      ledger.add("acme", "user" + i, THREE, ONE);
    }
    ledger.add("acme", "user1", THREE, ONE);
    assertEquals(4, ledger.waiting());
    assertEquals(9_997, ledger.coarsened());
    var rows = settleAll();
    assertEquals("", rows.getFirst().key().user());
    assertEquals(9_997, rows.getFirst().usage().allocations());
    assertEquals(10_001, rows.stream().mapToLong(row -> row.usage().allocations()).sum());
  }

  @Test
  void aBatchIsBoundedAndBatchesAreInOrder() {
    var large = new UsageLedger();
    IntStream.range(0, 2_500).forEach(i -> large.add("", "user" + i, THREE, ONE));
    var sizes = new ArrayList<Integer>();
    var keys = new ArrayList<UsageKey>();
    for (var batch = large.next(); batch != null; batch = large.next()) {
      sizes.add(batch.rows().size());
      batch.rows().forEach(row -> keys.add(row.key()));
      large.settle();
    }
    assertEquals(List.of(1_000, 1_000, 500), sizes);
    assertEquals(keys.stream().sorted().toList(), keys);
  }

  @Test
  void namesAreMadeFitForEveryDatabase() {
    assertEquals("a\ufffdb'; --\ufffd", new UsageKey(0, "", "a\0b'; --\ud83d").user());
    assertEquals("😀".repeat(127), new UsageKey(0, "", "😀".repeat(500)).user());
    assertEquals("x".repeat(255), new UsageKey(0, "x".repeat(300), "").tenant());
  }

  @Test
  void sumsEndAtTheLargestNumberAndNothingIsNegative() {
    var most = new Usage(1, 1, Long.MAX_VALUE, 1, 1, 1);
    assertEquals(Long.MAX_VALUE, most.plus(ONE).bytesToPeers());
    assertThrows(IllegalArgumentException.class, () -> new Usage(0, 0, 0, -1, 0, 0));
  }

  @Test
  void everyLedgerIsANodeOfItsOwn() {
    ledger.add("", "alice", THREE, ONE);
    var other = new UsageLedger();
    other.add("", "alice", THREE, ONE);
    assertTrue(!given(ledger.next()).node().equals(given(other.next()).node()));
  }

  private List<UsageRow> settleAll() {
    var rows = given(ledger.next()).rows();
    ledger.settle();
    return rows;
  }

  private static UsageBatch given(@Nullable UsageBatch batch) {
    if (batch == null) {
      throw new AssertionError("nothing waits");
    }
    return batch;
  }
}
