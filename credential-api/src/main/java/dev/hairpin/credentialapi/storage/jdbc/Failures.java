package dev.hairpin.credentialapi.storage.jdbc;

import dev.hairpin.credentialapi.usage.StorageException;
import java.sql.SQLException;

/// Says in one line why a database did not do its part.
final class Failures {
  private static final int MAX_CHARS = 300;

  private Failures() {}

  /// The innermost reason; without URLs, which may hold anything.
  static StorageException of(Exception e) {
    SQLException reason = null;
    Throwable root = e;
    for (Throwable cause = e; cause != null; cause = cause.getCause()) {
      reason = cause instanceof SQLException sql ? sql : reason;
      root = cause;
    }
    return reason == null
        ? new StorageException(root.getClass().getSimpleName())
        : new StorageException(line(reason) + " [" + reason.getSQLState() + "]");
  }

  private static String line(SQLException e) {
    String text = String.valueOf(e.getMessage());
    String line = text.lines().findFirst().orElse("").replaceAll("jdbc:\\S+", "(URL)");
    return line.length() <= MAX_CHARS ? line : line.substring(0, MAX_CHARS);
  }
}
