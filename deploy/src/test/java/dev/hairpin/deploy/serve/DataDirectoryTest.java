package dev.hairpin.deploy.serve;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.hairpin.deploy.config.ConfigException;
import dev.hairpin.deploy.config.Configuration;
import dev.hairpin.deploy.config.TurnKeys;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DataDirectoryTest {
  @TempDir Path parent;

  @Test
  void theFolderAndItsFilesAreForTheOwnerAlone() throws IOException {
    var plan = Plan.of(filled());
    var data = data();
    assertEquals("rwx------", permissions(data));
    assertEquals("rw-------", permissions(data.resolve("turn-secret")));
    assertEquals("rw-------", permissions(data.resolve("api-key")));
    assertEquals(List.of(), plan.warnings());
    try (var files = Files.list(data)) {
      assertEquals(2, files.count());
    }
  }

  @Test
  void whatWasMadeOnceIsKept() throws IOException {
    Plan.of(filled());
    String secret = Files.readString(data().resolve("turn-secret"));
    String key = Files.readString(data().resolve("api-key"));
    Plan.of(filled());
    assertEquals(secret, Files.readString(data().resolve("turn-secret")));
    assertEquals(key, Files.readString(data().resolve("api-key")));
    assertNotEquals(secret, key);
    assertTrue(secret.matches("[A-Za-z0-9_-]{43}\n"));
  }

  @Test
  void processesThatStartAtOnceUseTheSameSecret()
      throws IOException, InterruptedException, ExecutionException {
    var seen = new HashSet<String>();
    Callable<String> start =
        () -> {
          Plan.of(filled());
          return Files.readString(data().resolve("turn-secret"));
        };
    try (var threads = Executors.newFixedThreadPool(8)) {
      for (var result : threads.invokeAll(Collections.nCopies(8, start))) {
        seen.add(result.get());
      }
    }
    assertEquals(1, seen.size());
    try (var files = Files.list(data())) {
      assertEquals(2, files.count());
    }
  }

  @Test
  void filesThatTheOperatorNamesAreNotMade() {
    var given =
        Configuration.of(HairpinKeys.ALL)
            .withFlag(TurnKeys.SECRET_FILE, "--secret-file", List.of(data() + "/turn-secret"));
    assertThrows(ConfigException.class, () -> Plan.of(fill(given)));
    assertFalse(Files.exists(data()));
  }

  @Test
  void aFolderThatCannotBeMadeIsToldWithTheRemedy() throws IOException {
    Files.writeString(data(), "a file");
    var error = assertThrows(ConfigException.class, () -> Plan.of(filled()));
    assertTrue(
        error
            .getMessage()
            .endsWith("name a folder that this user can write to, by --data-dir or data-dir"),
        error.getMessage());
  }

  @Test
  void theStandardFolderFollowsTheXdgSpecification() {
    assertEquals(
        Path.of("/home/a/.local/share/hairpin"), DataDirectory.standard(Map.of(), "/home/a"));
    assertEquals(
        Path.of("/x/hairpin"), DataDirectory.standard(Map.of("XDG_DATA_HOME", "/x"), "/home/a"));
    for (String unusable : List.of("", "relative")) {
      assertEquals(
          Path.of("/home/a/.local/share/hairpin"),
          DataDirectory.standard(Map.of("XDG_DATA_HOME", unusable), "/home/a"));
    }
  }

  private Path data() {
    return parent.resolve("hairpin");
  }

  private Configuration filled() {
    return fill(Configuration.of(HairpinKeys.ALL));
  }

  private Configuration fill(Configuration given) {
    return Plan.fill(given, Samples.LOCAL, data());
  }

  private static String permissions(Path file) throws IOException {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(file));
  }
}
