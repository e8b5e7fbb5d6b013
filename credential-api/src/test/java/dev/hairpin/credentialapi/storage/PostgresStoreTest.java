package dev.hairpin.credentialapi.storage;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
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
