package dev.hairpin.turnserver.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Puts every question of the table to a live server. The rows that came out as they should are
/// `docs/conformance.md`.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class ConformanceTest {
  private static final String WRITE = "conformance.write";

  private final List<Chapter> chapters = Chapter.all();
  private final Set<Row> passed = new LinkedHashSet<>();
  private @Nullable Venue venue;

  @BeforeAll
  void open() {
    venue = new Venue();
  }

  @AfterAll
  void close() {
    if (venue != null) {
      venue.close();
    }
  }

  Stream<Row> rows() {
    return chapters.stream().flatMap(chapter -> chapter.rows().stream());
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("rows")
  @Order(1)
  void theServerAnswersAsTheTableSays(Row row) {
    if (venue == null) {
      throw new AssertionError("no servers");
    }
    try (var scene = row.state().set(venue)) {
      row.expected().check(scene, row.question().source().bytes(scene, row.credentials()));
    }
    passed.add(row);
  }

  @Test
  @Order(2)
  void noQuestionIsPutTwice() {
    var questions = new ArrayList<String>();
    rows().forEach(r -> questions.add(r.question().name() + r.credentials() + r.state()));
    assertEquals(questions.stream().distinct().toList(), questions);
  }

  @Test
  @Order(3)
  void thePublishedTableIsWhatPassed() throws IOException {
    var file = docs().resolve("conformance.md");
    var table = ConformancePage.render(Requirements.all(), chapters, passed);
    if (Boolean.getBoolean(WRITE)) {
      Files.writeString(file, table);
    }
    assertEquals(Files.readString(file), table, "write it anew as its first lines say");
  }

  /// Tests run in the module or, by hand, in the root of the project.
  static Path docs() {
    return Stream.of(Path.of("docs"), Path.of("..", "docs"))
        .filter(Files::isDirectory)
        .findFirst()
        .orElseThrow();
  }
}
