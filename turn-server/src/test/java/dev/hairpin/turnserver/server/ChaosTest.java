package dev.hairpin.turnserver.server;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Whatever befalls process, files, clocks and network: no payload comes to another than it was
/// meant for, five seconds after the end of it everybody is served, and nothing is left behind.
///
/// Which faults meet is told by a seed: `-Dchaos.seed=N` plays one again, `-Dchaos.minutes=N` lets
/// the long run take as long.
class ChaosTest {
  private static final int SHORT_ROUNDS = 4;
  private static final int LONG_ROUNDS = 20;

  @TempDir private Path folder = Path.of("");

  @Test
  void nothingComesToTheWrongPlaceAndAllAreServedAgain() throws Exception {
    play(firstSeed(), SHORT_ROUNDS);
  }

  @Test
  @Tag("nightly")
  void norDoesItForManySeeds() throws Exception {
    long end = System.nanoTime() + Duration.ofMinutes(Long.getLong("chaos.minutes", 10)).toNanos();
    for (long seed = firstSeed(); end - System.nanoTime() > 0; seed++) {
      play(seed, LONG_ROUNDS);
    }
  }

  private static long firstSeed() {
    return Long.getLong("chaos.seed", System.nanoTime());
  }

  private void play(long seed, int rounds) throws Exception {
    System.out.println("-Dchaos.seed=" + seed);
    try (var scene = new ChaosScene(seed, Files.createDirectory(folder.resolve("" + seed)))) {
      scene.play(rounds);
    } catch (Exception | AssertionError e) {
      throw new AssertionError("play it again by -Dchaos.seed=" + seed + "\n" + e.getMessage(), e);
    }
  }
}
