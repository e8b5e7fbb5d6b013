package dev.hairpin.turnserver.conformance;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Disabled;
import org.junit.platform.commons.annotation.Testable;
import org.junit.platform.commons.support.AnnotationSupport;

/// Finds proofs that lead nowhere: a test, a row or a deviation that is not there.
final class ProofCheck {
  private final List<Row> rows =
      Chapter.all().stream().flatMap(chapter -> chapter.rows().stream()).toList();
  private final List<String> deviations = deviations();

  private static List<String> deviations() {
    try {
      return Files.readAllLines(ConformanceTest.docs().resolve("deviations.md")).stream()
          .filter(line -> line.startsWith("| "))
          .map(line -> line.split(" *\\| *", -1)[2])
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  List<String> missing(Collection<Proof> proofs) {
    return proofs.stream().distinct().filter(p -> !isThere(p)).map(Proof::toString).toList();
  }

  private boolean isThere(Proof proof) {
    return switch (proof) {
      case Proof.NamedTest test -> isThere(test);
      case Proof.TableRow row -> rows.stream().anyMatch(row::isOf);
      case Proof.Deviation(var title) -> deviations.contains(title);
      case Proof.Later(var reason) -> !reason.isBlank();
    };
  }

  private static boolean isThere(Proof.NamedTest test) {
    try {
      var compiled = compiled(test.className());
      return compiled.isEmpty() ? isInSources(test) : compiled.stream().anyMatch(c -> has(c, test));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (URISyntaxException e) {
      throw new AssertionError(e);
    }
  }

  /// The classes of a simple name in this module's tests.
  private static List<Class<?>> compiled(String simpleName) throws IOException, URISyntaxException {
    var root =
        Path.of(ProofCheck.class.getProtectionDomain().getCodeSource().getLocation().toURI());
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
    var method = Pattern.compile("@(Parameterized)?Test\\b[^;]*\\bvoid " + test.method() + "\\(");
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
