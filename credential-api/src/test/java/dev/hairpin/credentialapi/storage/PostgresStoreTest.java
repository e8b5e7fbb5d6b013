package dev.hairpin.credentialapi.storage;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.hairpin.credentialapi.usage.StorageException;
import dev.hairpin.credentialapi.usage.UsageQuery.Step;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PostgresStoreTest extends StoreContract {
  @TempDir static Path folder;
  private static PostgresServer server;

  @BeforeAll
  static void start() throws Exception {
    server = new PostgresServer(folder);
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  @Test
  void aPasswordThatIsRefusedIsToldAndNotRepeated() {
    String wrong = "hunter2-hunter2";
    var url = PostgresServer.url(server.port()) + "?options=-c%20geqo%3doff";
    var database = new Database.Server(url, PostgresServer.USER, wrong);
    var e = assertThrows(StorageException.class, () -> new Storage(database).get());
    String message = String.valueOf(e.getMessage());
    assertTrue(message.contains("password authentication failed"), message);
    assertFalse(message.contains(wrong) || message.contains("jdbc:"), message);
    assertFalse(database.toString().contains(wrong));
  }

  @Test
  void theTablesOfOthersInTheSchemaAreLeftAlone() throws Exception {
    execute("DROP SCHEMA public CASCADE");
    execute("CREATE SCHEMA public");
    execute("CREATE TABLE theirs (id INT)");
    try (var _ = open()) {
      add("a", 1, row(DAY, "", "bob"));
    }
    execute("SELECT id FROM theirs");
    assertEquals(1, store.find(query(null, null, Step.HOUR)).size());
  }

  @Test
  void processesThatMakeTheTablesAtOnceDoNotCollide() throws Exception {
    execute("DROP SCHEMA public CASCADE");
    execute("CREATE SCHEMA public");
    var opening =
        IntStream.range(0, 3).mapToObj(_ -> CompletableFuture.supplyAsync(this::open)).toList();
    opening.forEach(store -> store.join().close());
    assertEquals(List.of(), store.find(query(null, null, Step.HOUR)));
  }

  @Override
  Database database() {
    return server.database();
  }

  @Override
  Connection connect() throws SQLException {
    return DriverManager.getConnection(
        PostgresServer.url(server.port()), PostgresServer.USER, PostgresServer.PASSWORD);
  }
}
