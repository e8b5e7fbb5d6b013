package dev.hairpin.credentialapi.storage.jdbc;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import dev.hairpin.credentialapi.OwnerOnly;
import dev.hairpin.credentialapi.storage.Database;
import dev.hairpin.credentialapi.storage.StoreProvider;
import dev.hairpin.credentialapi.usage.StorageException;
import dev.hairpin.credentialapi.usage.UsageStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.flywaydb.core.Flyway;

/// Opens H2 and PostgreSQL, so that no wait for them is long.
public final class JdbcStoreProvider implements StoreProvider {
  private static final Duration CONNECT = Duration.ofSeconds(2);
  private static final Duration VALIDATE = Duration.ofSeconds(1);
  private static final Duration STATEMENT = Duration.ofSeconds(2);

  /// Longer than a statement may take: then the server gives up first, and says so.
  private static final Duration READ = Duration.ofSeconds(3);

  /// Of a connection that was cut and whose end the server has not seen: it holds locks.
  private static final Duration IDLE_IN_TRANSACTION = Duration.ofSeconds(10);

  private static final String TABLES = "hairpin_";

  @Override
  public UsageStore open(Database database) {
    var config = new HikariConfig();
    config.setPoolName("hairpin-storage");
    config.setMaximumPoolSize(3); // Flyway needs two at once
    config.setMinimumIdle(0);
    config.setConnectionTimeout(CONNECT.toMillis());
    config.setValidationTimeout(VALIDATE.toMillis());
    config.setInitializationFailTimeout(-1);
    config.setAutoCommit(false);
    switch (database) {
      case Database.Embedded embedded -> set(config, embedded);
      case Database.Server server -> set(config, server);
    }
    var pool = new HikariDataSource(config);
    try {
      migrate(pool);
      return new JdbcStore(pool);
    } catch (RuntimeException e) {
      pool.close();
      throw Failures.of(e);
    }
  }

  private static void migrate(HikariDataSource pool) {
    var _ =
        Flyway.configure(JdbcStoreProvider.class.getClassLoader())
            .dataSource(pool)
            .locations("classpath:storage")
            .table(TABLES + "schema_history")
            .baselineOnMigrate(true) // the schema may hold tables of others
            .baselineVersion("0")
            .load()
            .migrate();
  }

  private static void set(HikariConfig config, Database.Embedded embedded) {
    var file = embedded.folder().resolve("usage");
    try {
      prepare(embedded.folder(), file.resolveSibling("usage.mv.db"));
    } catch (IOException e) {
      throw new StorageException("no file can be made in " + embedded.folder());
    }
    config.setDriverClassName("org.h2.Driver");
    config.setJdbcUrl(
        "jdbc:h2:file:"
            + file
            + ";MODE=PostgreSQL;DATABASE_TO_LOWER=TRUE;DB_CLOSE_ON_EXIT=FALSE;WRITE_DELAY=0"
            + ";TRACE_LEVEL_FILE=0;CACHE_SIZE=2048;QUERY_TIMEOUT="
            + STATEMENT.toMillis());
    config.setUsername("sa");
  }

  /// H2 would make a file that others can read.
  private static void prepare(Path folder, Path file) throws IOException {
    if (!Files.isDirectory(folder)) {
      Files.createDirectories(folder, OwnerOnly.FOLDER);
    }
    if (!Files.exists(file)) {
      Files.createFile(file, OwnerOnly.FILE);
    }
  }

  private static void set(HikariConfig config, Database.Server server) {
    config.setDriverClassName("org.postgresql.Driver");
    config.setJdbcUrl(server.url());
    config.setUsername(server.user());
    config.setPassword(server.password());
    String connect = Long.toString(CONNECT.toSeconds());
    config.addDataSourceProperty("connectTimeout", connect);
    config.addDataSourceProperty("loginTimeout", connect);
    config.addDataSourceProperty("sslResponseTimeout", Long.toString(CONNECT.toMillis()));
    config.addDataSourceProperty("socketTimeout", Long.toString(READ.toSeconds()));
    config.addDataSourceProperty("tcpKeepAlive", "true");
    config.addDataSourceProperty("logServerErrorDetail", "false");
    config.addDataSourceProperty("ApplicationName", "hairpin");
    config.setConnectionInitSql(
        "SET statement_timeout = %d; SET idle_in_transaction_session_timeout = %d"
            .formatted(STATEMENT.toMillis(), IDLE_IN_TRANSACTION.toMillis()));
  }
}
