package dev.hairpin.bench.measure;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.hairpin.bench.measure.Arrivals.Kind;
import java.util.HashSet;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ArrivalsTest {
  private static final int WINDOW = 256;

  @Test
  void withinTheWindowEveryNumberIsToldAsASetWouldTellIt() {
    var random = new Random(5);
    var arrivals = new Arrivals(WINDOW);
    var seen = new HashSet<Long>();
    long highest = -1;
    for (int i = 0; i < 50_000; i++) {
      long number = Math.max(highest + random.nextInt(-WINDOW + 1, 20), 0);
      var expected =
          number > highest ? Kind.NEXT : seen.contains(number) ? Kind.DUPLICATE : Kind.REORDERED;
      assertEquals(expected, arrivals.add(number), "number " + number);
      seen.add(number);
      highest = Math.max(highest, number);
    }
  }

  @Test
  void aNumberThatComesRoundAgainIsNotTakenForAnOldOne() {
    var arrivals = new Arrivals(WINDOW);
    assertEquals(Kind.NEXT, arrivals.add(3));
    assertEquals(Kind.NEXT, arrivals.add(3 + 5L * WINDOW));
    assertEquals(Kind.REORDERED, arrivals.add(3 + 5L * WINDOW - 1));
  }
}
