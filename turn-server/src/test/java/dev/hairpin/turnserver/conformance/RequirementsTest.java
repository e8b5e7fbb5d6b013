package dev.hairpin.turnserver.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Disabled;
import org.junit.jupiter.api.Test;
import org.junit.platform.commons.annotation.Testable;
import org.junit.platform.commons.support.AnnotationSupport;

/// The register of requirements is complete: whatever stands behind a row is there.
class RequirementsTest {
  private static final int LONGEST_LINE = 260;

  private final List<Requirements> all = Requirements.all();

  @Test
  void everyTestThatIsNamedIsOne() throws Exception {
    for (var test : proofs(Proof.NamedTest.class).distinct().toList()) {
      var compiled = compiled(test.className());
      boolean found =
          compiled.isEmpty() ? isInSources(test) : compiled.stream().anyMatch(c -> has(c, test));
      assertEquals(true, found, () -> "no such test: " + test);
    }
  }

  @Test
  void everyRowThatIsNamedStandsInTheTables() {
    var rows = Chapter.all().stream().flatMap(chapter -> chapter.rows().stream()).toList();
    assertNone(
        "no such row",
        proofs(Proof.TableRow.class).filter(proof -> rows.stream().noneMatch(proof::isOf)));
  }

  @Test
  void everyDeviationThatIsNamedIsExplained() throws IOException {
    var titles =
        Files.readAllLines(ConformanceTest.docs().resolve("deviations.md")).stream()
            .filter(line -> line.startsWith("| "))
            .map(line -> line.split(" *\\| *", -1)[2])
            .toList();
    assertNone(
        "no such deviation",
        proofs(Proof.Deviation.class).filter(proof -> !titles.contains(proof.title())));
  }

  @Test
  void noRequirementStandsTwice() {
    for (var rfc : all) {
      var rows = rfc.list().stream().map(r -> r.section() + " " + r.words()).toList();
      assertEquals(rows.stream().distinct().toList(), rows, rfc.title());
    }
  }

  @Test
  void everyLineIsShort() {
    Predicate<Requirement> tooLong = row -> row.toString().length() > LONGEST_LINE;
    assertNone("too long", all.stream().flatMap(rfc -> rfc.list().stream()).filter(tooLong));
  }

  private <T extends Proof> Stream<T> proofs(Class<T> kind) {
    return all.stream()
        .flatMap(rfc -> rfc.list().stream())
        .flatMap(requirement -> requirement.proofs().stream())
        .filter(kind::isInstance)
        .map(kind::cast);
  }

  private static void assertNone(String fault, Stream<?> culprits) {
    assertEquals(List.of(), culprits.map(Object::toString).distinct().toList(), fault);
  }

  /// The classes of a simple name in this module's tests.
  private static List<Class<?>> compiled(String simpleName) throws IOException, URISyntaxException {
    var root =
        Path.of(RequirementsTest.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    try (var files = Files.walk(root)) {
      return files
          .filter(file -> file.endsWith(simpleName + ".class"))
          .<Class<?>>map(file -> load(root.relativize(file)))
          .toList();
    }
  }

  private static Class<?> load(Path file) {
    var name = file.toString().replace(file.getFileSystem().getSeparator(), ".");
    try {
      return Class.forName(name.substring(0, name.length() - ".class".length()));
    } catch (ClassNotFoundException e) {
      throw new AssertionError(e);
    }
  }

  private static boolean has(Class<?> type, Proof.NamedTest test) {
    return Arrays.stream(type.getDeclaredMethods())
        .filter(method -> method.getName().equals(test.method()))
        .anyMatch(
            method ->
                AnnotationSupport.isAnnotated(method, Testable.class)
                    && !AnnotationSupport.isAnnotated(method, Disabled.class));
  }

  /// Whether another module's sources have the test.
  private static boolean isInSources(Proof.NamedTest test) throws IOException {
    var method = Pattern.compile("@(Parameterized)?Test\\b[^;{]*\\bvoid " + test.method() + "\\(");
    var project = ConformanceTest.docs().toAbsolutePath().normalize().resolveSibling("");
    for (String module : List.of("credential-api", "deploy")) {
      try (var files = Files.walk(project.resolve(module).resolve("src/test/java"))) {
        var file = files.filter(f -> f.endsWith(test.className() + ".java")).findFirst();
        if (file.isPresent() && method.matcher(Files.readString(file.get())).find()) {
          return true;
        }
      }
    }
    return false;
  }
}
