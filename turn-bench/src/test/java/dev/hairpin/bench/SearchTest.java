package dev.hairpin.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SearchTest {
  @ParameterizedTest
  @ValueSource(ints = {7, 999, 1_000, 1_001, 77_777, 4_000_000})
  void aLimitIsFoundFromBelowToFivePercent(int limit) throws Exception {
    int found = Search.highest(1_000, 5_000_000, rate -> rate <= limit).orElseThrow();
    assertTrue(found <= limit, found + " is above " + limit);
    assertTrue(found >= limit * 0.95 - 1, found + " is far below " + limit);
  }

  @Test
  void whatHasNoLimitEndsAtTheHighestRate() throws Exception {
    assertEquals(OptionalInt.of(5_000), Search.highest(1_000, 5_000, _ -> true));
  }

  @Test
  void whatPassesNothingHasNoRate() throws Exception {
    assertEquals(OptionalInt.empty(), Search.highest(1_000, 5_000, _ -> false));
  }

  @Test
  void oneHiccupIsNoLimit() throws Exception {
    var tried = new ArrayList<Integer>();
    int found =
        Search.highest(
                1_000,
                50_000,
                rate -> {
                  boolean hiccup = !tried.contains(2_000) && rate == 2_000;
                  tried.add(rate);
                  return rate <= 10_000 && !hiccup;
                })
            .orElseThrow();
    assertTrue(found > 9_000, found + " after " + tried);
  }
}
