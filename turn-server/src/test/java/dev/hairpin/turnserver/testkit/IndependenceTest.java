package dev.hairpin.turnserver.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/// The judge must not be the accused: no class of the test kit may name one of the server's.
class IndependenceTest {
  private static final String PROJECT = "dev/hairpin/turnserver/";
  private static final String TESTKIT = PROJECT + "testkit/";
  private static final Pattern NAME = Pattern.compile(PROJECT + "[\\w/$]*");

  @Test
  void theTestKitNamesNoClassOfTheServer() throws Exception {
    var classes = classFiles();
    assertTrue(classes.size() > 10, "the class files are not where they are looked for");
    for (Path file : classes) {
      assertEquals(List.of(), foreignNames(file), file.getFileName().toString());
    }
  }

  /// Every class that a class file names stands in its constant pool as plain text.
  private static List<String> foreignNames(Path file) throws IOException {
    var text = Files.readString(file, StandardCharsets.ISO_8859_1);
    return text.lines()
        .flatMap(line -> NAME.matcher(line).results())
        .map(MatchResult::group)
        .filter(name -> !name.startsWith(TESTKIT) && !name.equals(PROJECT))
        .toList();
  }

  private static List<Path> classFiles() throws IOException, URISyntaxException {
    var home = Path.of(IndependenceTest.class.getResource("IndependenceTest.class").toURI());
    try (var files = Files.list(home.resolveSibling("."))) {
      return files.filter(file -> file.toString().endsWith(".class")).toList();
    }
  }
}
