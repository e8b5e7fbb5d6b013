package dev.hairpin.deploy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The launcher of a checkout, in a small checkout whose Maven only writes down that it was called.
class LauncherTest {
  private static final Path REPOSITORY = Path.of("..");
  private static final String FAKE_MAVEN =
      """
      #!/bin/sh
      echo "$@" >> "$MAVEN_CALLS"
      home=$(dirname "$MAVEN_CALLS")/deploy/target/hairpin-9/bin
      mkdir -p "$home"
      printf '#!/bin/sh\\necho "started as $$ with $*"\\n' > "$home/hairpin"
      chmod +x "$home/hairpin"
      """;

  @TempDir Path checkout;
  private final Map<String, String> environment = new HashMap<>();

  private record Run(long pid, int exitCode, String out, String err) {}

  @BeforeEach
  void makeACheckout() throws IOException {
    copy("hairpin");
    copy("deploy/dev/find-jdk25");
    for (String file : List.of("pom.xml", "deploy/pom.xml", "deploy/src/main/App.java")) {
      write(file, "");
    }
    write("bin/mvn", FAKE_MAVEN);
  }

  @Test
  void theFirstStartBuildsAndTellsSoInOneLine() throws IOException, InterruptedException {
    var run = run(checkout.resolve("bin") + ":/usr/bin:/bin", "serve", "--realm", "a b");
    assertEquals(0, run.exitCode(), run.err());
    assertEquals("started as " + run.pid() + " with serve --realm a b\n", run.out());
    assertEquals("Building Hairpin; the first time takes some minutes ...\n", run.err());
    assertEquals(1, builds().size());
    assertTrue(builds().getFirst().endsWith(" package"), builds().getFirst());
  }

  @Test
  void itIsBuiltAgainOnlyWhereASourceIsNewer() throws IOException, InterruptedException {
    String path = checkout.resolve("bin") + ":/usr/bin:/bin";
    run(path);
    assertEquals("", run(path).err());
    assertEquals(1, builds().size());
    var source = checkout.resolve("deploy/src/main/App.java");
    Files.setLastModifiedTime(source, FileTime.from(Instant.now().plusSeconds(60)));
    run(path);
    assertEquals(2, builds().size());
  }

  @Test
  void withoutMavenItSaysWhatToInstall() throws IOException, InterruptedException {
    // A path with everything but Maven.
    var tools = Files.createDirectory(checkout.resolve("tools"));
    for (String tool : List.of("bash", "dirname", "readlink", "find", "sed", "env")) {
      Files.createSymbolicLink(tools.resolve(tool), Path.of("/usr/bin").resolve(tool));
    }
    var run = run(tools.toString());
    assertEquals(1, run.exitCode());
    assertEquals(
        "Hairpin is built by Maven, and there is no mvn; install it: apt install maven\n",
        run.err());
  }

  @Test
  void withoutAJdkItSaysWhichToInstall() throws IOException, InterruptedException {
    write("deploy/dev/find-jdk25", "#!/bin/sh\necho 'Hairpin needs a JDK 25' >&2\nexit 1\n");
    var run = run(checkout.resolve("bin") + ":/usr/bin:/bin");
    assertEquals(1, run.exitCode());
    assertEquals("Hairpin needs a JDK 25\n", run.err());
  }

  @Test
  void aBuildThatFailsStartsNothing() throws IOException, InterruptedException {
    write("bin/mvn", "#!/bin/sh\necho broken\nexit 1\n");
    String path = checkout.resolve("bin") + ":/usr/bin:/bin";
    for (int i = 0; i < 2; i++) {
      var run = run(path);
      assertEquals(1, run.exitCode());
      assertEquals("", run.out());
      assertTrue(run.err().endsWith("broken\n"), run.err());
    }
  }

  @Test
  void javaIsGivenBoundsOfMemoryAndEndsWithoutHeap() throws IOException, InterruptedException {
    installWithAJavaThatTellsItsOptions();
    var options = options("serve");
    assertTrue(options.contains("-XX:MaxDirectMemorySize=512m"), options::toString);
    assertTrue(options.contains("-XX:+ExitOnOutOfMemoryError"), options::toString);
    assertEquals("serve", options.getLast());
  }

  @Test
  void whatRunsForLongIsToldWhichCompilerTakesWhat() throws IOException, InterruptedException {
    installWithAJavaThatTellsItsOptions();
    String file = "-XX:CompileCommandFile=" + checkout.toRealPath().resolve("lib/compile-commands");
    assertTrue(options("serve").contains(file));
    assertFalse(options("credential").contains(file));
  }

  @Test
  void anOperatorsOptionsReplaceOurs() throws IOException, InterruptedException {
    installWithAJavaThatTellsItsOptions();
    environment.put("HAIRPIN_JAVA_OPTS", "-XX:+UseZGC -Xmx2g");
    var options = options("serve");
    assertEquals(
        List.of("-XX:+UseZGC", "-Xmx2g", "-XX:+ExitOnOutOfMemoryError"), options.subList(0, 3));
  }

  private void installWithAJavaThatTellsItsOptions() throws IOException {
    write("bin/hairpin", Files.readString(Path.of("src/main/distribution/bin/hairpin")));
    write("bin/find-jdk25", "#!/bin/sh\necho " + checkout.resolve("jdk") + "\n");
    write("jdk/bin/java", "#!/bin/sh\necho \"$@\"\n");
    Files.delete(checkout.resolve("hairpin"));
    Files.createSymbolicLink(checkout.resolve("hairpin"), checkout.resolve("bin/hairpin"));
  }

  private List<String> options(String command) throws IOException, InterruptedException {
    return List.of(run("/usr/bin:/bin", command).out().strip().split(" "));
  }

  private Run run(String path, String... args) throws IOException, InterruptedException {
    var command = new ArrayList<>(List.of(checkout.resolve("hairpin").toString()));
    command.addAll(List.of(args));
    var builder = new ProcessBuilder(command);
    builder.environment().remove("HAIRPIN_JAVA_OPTS");
    builder.environment().putAll(environment);
    builder.environment().put("PATH", path);
    builder.environment().put("MAVEN_CALLS", checkout.resolve("calls").toString());
    var errors = checkout.resolve("errors");
    builder.redirectError(errors.toFile());
    var process = builder.start();
    String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return new Run(process.pid(), process.waitFor(), out, Files.readString(errors));
  }

  private List<String> builds() throws IOException {
    return Files.readAllLines(checkout.resolve("calls"));
  }

  private void copy(String file) throws IOException {
    write(file, Files.readString(REPOSITORY.resolve(file)));
  }

  private void write(String file, String text) throws IOException {
    var path = checkout.resolve(file);
    Files.createDirectories(path.getParent());
    Files.writeString(path, text);
    Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rwxr-xr-x"));
  }
}
