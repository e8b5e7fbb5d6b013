package dev.hairpin.credentialapi.storage;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.hairpin.credentialapi.usage.StorageException;
import dev.hairpin.credentialapi.usage.UsageBatch;
import dev.hairpin.credentialapi.usage.UsageQuery.Step;
import dev.hairpin.credentialapi.usage.UsageStore;
import dev.hairpin.turnserver.testkit.Await;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class H2StoreTest extends StoreContract {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  @TempDir static Path folder;

  @Override
  Database database() {
    return new Database.Embedded(folder.resolve("data"));
  }

  @Override
  Connection connect() throws SQLException {
    return DriverManager.getConnection("jdbc:h2:file:" + folder.resolve("data/usage"), "sa", "");
  }

  @Test
  void nobodyElseCanReadTheFiles() throws IOException {
    add("a", 1, row(DAY, "", "bob"));
    assertEquals("rwx------", permissions(folder.resolve("data")));
    try (var files = Files.list(folder.resolve("data"))) {
      for (var file : files.toList()) {
        assertEquals("rw-------", permissions(file), file::toString);
      }
    }
  }

  @Test
  void whatWasStoredOutlivesAKill() {
    var elsewhere = folder.resolve("killed");
    long known;
    try (var other = OtherProcess.start(elsewhere)) {
      Await.until(PATIENCE, () -> OtherProcess.last(other) >= 100, () -> "" + other.output());
      ProcessHandle.of(other.pid()).ifPresent(ProcessHandle::destroyForcibly);
      other.awaitExit(PATIENCE);
      known = OtherProcess.last(other);
    }
    try (var reopened = new Storage(new Database.Embedded(elsewhere)).get()) {
      long stored = allocations(reopened);
      assertTrue(stored == known || stored == known + 1, () -> stored + " of " + known);
      reopened.add(new UsageBatch(OtherProcess.NODE, known, List.of(row(0, "", "bob"))));
      assertEquals(stored, allocations(reopened), "it was counted before the kill");
    }
  }

  private static long allocations(UsageStore store) {
    return store.find(query(null, null, Step.HOUR)).getFirst().usage().allocations();
  }

  @Test
  void whereAnotherProcessHasItOpenItCanBeOpenedOnceThatHasEnded() {
    var elsewhere = folder.resolve("shared");
    var storage = new Storage(new Database.Embedded(elsewhere));
    try (var other = OtherProcess.start(elsewhere)) {
      Await.until(PATIENCE, () -> OtherProcess.last(other) >= 1, () -> "" + other.output());
      var e = assertThrows(StorageException.class, storage::get);
      assertTrue(String.valueOf(e.getMessage()).contains("in use"), e::getMessage);
    }
    try (var reopened = storage.get()) {
      assertTrue(allocations(reopened) >= 1);
    }
  }

  private static String permissions(Path path) throws IOException {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
  }
}
