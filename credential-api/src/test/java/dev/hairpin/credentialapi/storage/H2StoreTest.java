package dev.hairpin.credentialapi.storage;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class H2StoreTest extends StoreContract {
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

  private static String permissions(Path path) throws IOException {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
  }
}
