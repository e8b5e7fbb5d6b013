package dev.hairpin.deploy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/// What is named for the optimising compiler, and what Java makes of it.
class CompileCommandsTest {
  private static final Path FILE = Path.of("src/main/distribution/lib/compile-commands");
  private static final Pattern NAMED =
      Pattern.compile("^MaxNodeLimit,(\\w.*?)(/\\*)?\\.\\*,80000$", Pattern.MULTILINE);

  @Test
  void everyClassAndPackageThatIsNamedExists() throws IOException {
    String commands = Files.readString(FILE);
    var named = NAMED.matcher(commands).results().toList();
    assertEquals(commands.lines().filter(line -> line.endsWith(",80000")).count(), named.size());
    for (var name : named) {
      boolean isPackage = name.group(2) != null;
      assertTrue(isPackage ? isPackage(name.group(1)) : isClass(name.group(1)), name::group);
    }
  }

  private static boolean isClass(String path) {
    return ClassLoader.getSystemResource(path + ".class") != null;
  }

  /// The modules of Java have no folders that a loader of classes would find.
  private static boolean isPackage(String path) {
    return ClassLoader.getSystemResource(path) != null
        || ModuleLayer.boot().modules().stream()
            .flatMap(module -> module.getPackages().stream())
            .anyMatch(name -> (name + ".").startsWith(path.replace('/', '.') + "."));
  }

  @Test
  void whatIsNamedIsCompiledByC2AndTheRestByC1Alone() throws IOException, InterruptedException {
    var process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin/java").toString(),
                "-XX:CompileCommandFile=" + FILE,
                "-XX:+PrintCompilation",
                "-Xbatch",
                "-cp",
                System.getProperty(
                    "surefire.test.class.path", System.getProperty("java.class.path")),
                Busy.class.getName())
            .redirectErrorStream(true)
            .start();
    var lines = process.inputReader().readAllLines();
    assertEquals(0, process.waitFor(), () -> String.join("\n", lines));
    assertTrue(isCompiled(lines, 4, "java.math.BigInteger::add"), "named, and by C2");
    String other = Busy.class.getName() + "::squared";
    assertTrue(isCompiled(lines, 1, other), "not named, and by C1 for good");
    assertTrue(isRefused(lines, other), "not named, and refused by C2");
  }

  /// A line has time, number, marks, level and method; level 4 is C2, 1 is C1 without profile.
  private static boolean isCompiled(List<String> lines, int level, String method) {
    return lines.stream()
        .anyMatch(
            line ->
                line.matches(" *\\d+ +\\d+ [ %sb!n]*" + level + " +\\Q" + method + "\\E \\(.*\\)"));
  }

  private static boolean isRefused(List<String> lines, String method) {
    return lines.stream().anyMatch(line -> line.contains(method) && line.contains("SKIPPED"));
  }

  /// Calls a method of each kind often.
  static final class Busy {
    private Busy() {}

    static long squared(long number) {
      return number * number;
    }

    static void main() {
      var sum = BigInteger.ZERO;
      for (long i = 0; i < 100_000; i++) {
        sum = sum.add(BigInteger.valueOf(squared(i)));
      }
      System.exit(sum.equals(new BigInteger("333328333350000")) ? 0 : 1);
    }
  }
}
