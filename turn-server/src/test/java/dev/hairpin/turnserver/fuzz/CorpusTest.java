package dev.hairpin.turnserver.fuzz;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// What was ever of use as input is taken again by each build, however it is cut.
class CorpusTest {
  @ParameterizedTest
  @EnumSource(Targets.class)
  void everyFileOfTheCorpusIsTaken(Targets name) {
    var target = name.open();
    var corpus = name.corpus();
    assertTrue(corpus.size() >= 10, "a corpus of " + corpus.size());
    assertAll(
        corpus.stream()
            .map(file -> (Executable) () -> assertTaken(target, Targets.read(file)))
            .toList());
  }

  private static void assertTaken(FuzzTarget target, byte[] input) {
    for (int length = 0; length <= input.length; length++) {
      target.prepare();
      target.take(Arrays.copyOf(input, length));
    }
  }
}
