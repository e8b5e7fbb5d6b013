package dev.hairpin.deploy.config;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/// Configuration files sound, wrong and changed by chance: nothing but a complaint comes of them.
class ConfigurationCorpusTest {
  private static final int MUTANTS = 20_000;
  private static final long SEED = 25;
  private static final String SIGNS = " \n\t:-#'\"[]{},&*!|>%@`~?0aé\u0000\u2028";

  private final Random random = new Random(SEED);

  @Test
  void everyFileOfTheCorpusIsReadOrRefused() throws IOException {
    var corpus = corpus();
    assertTrue(corpus.size() >= 10, "a corpus of " + corpus.size());
    corpus.forEach(ConfigurationCorpusTest::take);
  }

  @Test
  void soIsWhatChanceMakesOfThem() throws IOException {
    var corpus = corpus();
    for (int i = 0; i < MUTANTS; i++) {
      var mutant = corpus.get(random.nextInt(corpus.size()));
      for (int changes = random.nextInt(4); changes >= 0; changes--) {
        mutant = change(mutant, corpus.get(random.nextInt(corpus.size())));
      }
      take(mutant);
    }
  }

  private static List<byte[]> corpus() throws IOException {
    try (var files = Files.list(Path.of("src/test/resources/fuzz/configuration"))) {
      return files.sorted().map(ConfigurationCorpusTest::read).toList();
    }
  }

  private static byte[] read(Path file) {
    try {
      return Files.readAllBytes(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void take(byte[] input) {
    try {
      ConfigurationTarget.fuzzerTestOneInput(input);
    } catch (RuntimeException | AssertionError e) {
      throw new AssertionError(HexFormat.of().formatHex(input) + ": " + e, e);
    }
  }

  private byte[] change(byte[] bytes, byte[] other) {
    int at = random.nextInt(bytes.length + 1);
    int to = Math.min(bytes.length, at + random.nextInt(8));
    return switch (random.nextInt(5)) {
      case 0 -> join(bytes, at, new byte[] {(byte) random.nextInt()}, to);
      case 1, 2 -> join(bytes, at, sign(), at);
      case 3 -> join(bytes, at, new byte[0], to);
      default -> {
        int from = random.nextInt(other.length + 1);
        int end = Math.min(other.length, from + random.nextInt(40));
        yield join(bytes, at, Arrays.copyOfRange(other, from, end), at);
      }
    };
  }

  private byte[] sign() {
    int index = random.nextInt(SIGNS.length());
    return SIGNS.substring(index, index + 1).getBytes();
  }

  private static byte[] join(byte[] bytes, int end, byte[] middle, int from) {
    var joined = Arrays.copyOf(bytes, end + middle.length + bytes.length - from);
    System.arraycopy(middle, 0, joined, end, middle.length);
    System.arraycopy(bytes, from, joined, end + middle.length, bytes.length - from);
    return joined;
  }
}
