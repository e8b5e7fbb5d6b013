package dev.hairpin.credentialapi.storage.jdbc;

import com.zaxxer.hikari.HikariDataSource;
import dev.hairpin.credentialapi.usage.Usage;
import dev.hairpin.credentialapi.usage.UsageBatch;
import dev.hairpin.credentialapi.usage.UsageKey;
import dev.hairpin.credentialapi.usage.UsageQuery;
import dev.hairpin.credentialapi.usage.UsageRow;
import dev.hairpin.credentialapi.usage.UsageStore;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// Usage in two tables, by statements that H2 and PostgreSQL understand alike. Whatever somebody
/// else wrote into them, numbers are read as 0 to the largest there is.
final class JdbcStore implements UsageStore {
  private static final String KEYS = "begins, tenant, user_id";
  private static final List<String> SUMS =
      List.of(
          "allocations",
          "seconds",
          "bytes_to_peers",
          "bytes_to_clients",
          "packets_to_peers",
          "packets_to_clients");

  private static final String ADD_NODE =
      "INSERT INTO hairpin_usage_node (node, sequence, seen) VALUES (?, 0, 0)"
          + " ON CONFLICT DO NOTHING";
  private static final String ADVANCE_NODE =
      "UPDATE hairpin_usage_node SET sequence = ?, seen = "
          + Sql.NOW
          + " WHERE node = ? AND sequence < ?";

  /// A process that was silent for so long has nothing left to say twice.
  private static final String FORGET_NODES =
      "DELETE FROM hairpin_usage_node WHERE seen < " + Sql.NOW + " - 30 * 86400";

  private static final String ADD_ROW =
      "INSERT INTO hairpin_usage (" + KEYS + ") VALUES (?, ?, ?) ON CONFLICT DO NOTHING";
  private static final String INCREASE_ROW =
      "UPDATE hairpin_usage SET "
          + joined(SUMS.stream().map(Sql::increased))
          + " WHERE begins = ? AND tenant = ? AND user_id = ?";

  private static final String OLDEST = "SELECT MIN(begins) FROM hairpin_usage";
  private static final String FORGET_ROWS = "DELETE FROM hairpin_usage WHERE begins < ?";

  private final HikariDataSource pool;

  JdbcStore(HikariDataSource pool) {
    this.pool = pool;
  }

  private static String joined(Stream<String> parts) {
    return parts.collect(Collectors.joining(", "));
  }

  /// Parts of statements.
  private static final class Sql {
    static final String NOW = "CAST(EXTRACT(EPOCH FROM CURRENT_TIMESTAMP) AS BIGINT)";

    private Sql() {}

    /// Stops at the largest number.
    static String increased(String column) {
      return "%s = LEAST(GREATEST(%<s, 0), %d - ?) + ?".formatted(column, Long.MAX_VALUE);
    }

    static String sum(String column) {
      return "CAST(LEAST(SUM(GREATEST(%s, 0)), %d) AS BIGINT)".formatted(column, Long.MAX_VALUE);
    }
  }

  /// What is done with a connection, within one transaction.
  @FunctionalInterface
  private interface Work<T> {
    T with(Connection connection) throws SQLException;
  }

  private <T> T inTransaction(Work<T> work) {
    try (var connection = pool.getConnection()) {
      try {
        T result = work.with(connection);
        connection.commit();
        return result;
      } catch (SQLException e) {
        rollBack(connection, e);
        throw e;
      }
    } catch (SQLException e) {
      throw Failures.of(e);
    }
  }

  private static void rollBack(Connection connection, SQLException reason) {
    try {
      connection.rollback();
    } catch (SQLException e) {
      reason.addSuppressed(e);
    }
  }

  @Override
  public void add(UsageBatch batch) {
    var _ =
        inTransaction(
            connection -> {
              if (isNew(connection, batch)) {
                addRows(connection, batch.rows());
                increaseRows(connection, batch.rows());
              }
              return batch;
            });
  }

  /// The transaction that brings a batch also writes down its number; a batch that comes again,
  /// because nobody knew whether it had been stored, finds its number there.
  private static boolean isNew(Connection connection, UsageBatch batch) throws SQLException {
    try (var add = connection.prepareStatement(ADD_NODE);
        var advance = connection.prepareStatement(ADVANCE_NODE);
        var forget = connection.prepareStatement(FORGET_NODES)) {
      add.setString(1, batch.node());
      boolean isFirst = add.executeUpdate() == 1;
      advance.setLong(1, batch.sequence());
      advance.setString(2, batch.node());
      advance.setLong(3, batch.sequence());
      boolean isNew = advance.executeUpdate() == 1;
      if (isFirst) {
        forget.executeUpdate();
      }
      return isNew;
    }
  }

  /// In the order of the keys, as every node does: none waits for another that waits for it.
  private static void addRows(Connection connection, List<UsageRow> rows) throws SQLException {
    try (var add = connection.prepareStatement(ADD_ROW)) {
      for (var row : rows) {
        setKey(add, 1, row.key());
        add.addBatch();
      }
      add.executeBatch();
    }
  }

  private static void increaseRows(Connection connection, List<UsageRow> rows) throws SQLException {
    try (var increase = connection.prepareStatement(INCREASE_ROW)) {
      for (var row : rows) {
        int index = 1;
        for (long more : numbers(row.usage())) {
          increase.setLong(index++, more);
          increase.setLong(index++, more);
        }
        setKey(increase, index, row.key());
        increase.addBatch();
      }
      increase.executeBatch();
    }
  }

  private static void setKey(PreparedStatement statement, int index, UsageKey key)
      throws SQLException {
    statement.setLong(index, key.beginsSeconds());
    statement.setString(index + 1, key.tenant());
    statement.setString(index + 2, key.user());
  }

  /// In the order of [#SUMS].
  private static long[] numbers(Usage usage) {
    return new long[] {
      usage.allocations(),
      usage.seconds(),
      usage.bytesToPeers(),
      usage.bytesToClients(),
      usage.packetsToPeers(),
      usage.packetsToClients()
    };
  }

  @Override
  public List<UsageRow> find(UsageQuery query) {
    var parameters = new ArrayList<Object>();
    String statement = statement(query, parameters);
    return inTransaction(
        connection -> {
          try (var find = connection.prepareStatement(statement)) {
            for (int i = 0; i < parameters.size(); i++) {
              find.setObject(i + 1, parameters.get(i));
            }
            return rows(find.executeQuery());
          }
        });
  }

  private static String statement(UsageQuery query, List<Object> parameters) {
    long step = query.step().seconds();
    var after = query.after();
    long from = query.fromSeconds();
    var where = new StringBuilder(" WHERE begins >= ? AND begins < ?");
    parameters.add(step);
    parameters.add(after == null ? from : Math.max(from, after.beginsSeconds()));
    parameters.add(query.toSeconds());
    if (query.tenant() != null) {
      where.append(" AND tenant = ?");
      parameters.add(query.tenant());
    }
    if (query.user() != null) {
      where.append(" AND user_id = ?");
      parameters.add(query.user());
    }
    String columns = String.join(", ", SUMS);
    String steps =
        "SELECT begins - MOD(begins, ?) AS step, tenant, user_id, %s FROM hairpin_usage%s"
            .formatted(columns, where);
    String behind = "";
    if (after != null) {
      behind = " WHERE (step, tenant, user_id) > (?, ?, ?)";
      parameters.addAll(List.of(after.beginsSeconds(), after.tenant(), after.user()));
    }
    parameters.add(query.limit());
    return "SELECT step, tenant, user_id, %s FROM (%s) steps%s"
            .formatted(joined(SUMS.stream().map(Sql::sum)), steps, behind)
        + " GROUP BY step, tenant, user_id ORDER BY step, tenant, user_id LIMIT ?";
  }

  private static List<UsageRow> rows(ResultSet result) throws SQLException {
    var rows = new ArrayList<UsageRow>();
    while (result.next()) {
      var key = new UsageKey(result.getLong(1), result.getString(2), result.getString(3));
      var usage =
          new Usage(
              result.getLong(4),
              result.getLong(5),
              result.getLong(6),
              result.getLong(7),
              result.getLong(8),
              result.getLong(9));
      rows.add(new UsageRow(key, usage));
    }
    return rows;
  }

  /// An hour at most, so that no statement takes long.
  @Override
  public void prune(long beforeSeconds) {
    var _ =
        inTransaction(
            connection -> {
              try (var oldest = connection.prepareStatement(OLDEST);
                  var forget = connection.prepareStatement(FORGET_ROWS)) {
                var result = oldest.executeQuery();
                long begins = result.next() ? result.getLong(1) : 0;
                if (!result.wasNull() && begins < beforeSeconds) {
                  forget.setLong(1, Math.min(begins + UsageKey.HOUR_SECONDS, beforeSeconds));
                  forget.executeUpdate();
                }
                return begins;
              }
            });
  }

  @Override
  public void close() {
    pool.close();
  }
}
