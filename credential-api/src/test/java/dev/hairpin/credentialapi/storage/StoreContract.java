package dev.hairpin.credentialapi.storage;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.hairpin.credentialapi.usage.Usage;
import dev.hairpin.credentialapi.usage.UsageBatch;
import dev.hairpin.credentialapi.usage.UsageKey;
import dev.hairpin.credentialapi.usage.UsageQuery;
import dev.hairpin.credentialapi.usage.UsageQuery.Step;
import dev.hairpin.credentialapi.usage.UsageRow;
import dev.hairpin.credentialapi.usage.UsageStore;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// What every database has to do.
abstract class StoreContract {
  /// 2026-11-21T00:00:00Z.
  static final long DAY = 1_795_219_200;

  static final long HOUR = 3600;
  static final Usage ONE = new Usage(1, 2, 3, 4, 5, 6);

  UsageStore store = open();

  abstract Database database();

  /// Past the store, as somebody with the database's own tools.
  abstract Connection connect() throws SQLException;

  UsageStore open() {
    return new Storage(database()).get();
  }

  @BeforeEach
  void empty() throws SQLException {
    execute("DELETE FROM hairpin_usage");
    execute("DELETE FROM hairpin_usage_node");
  }

  @AfterEach
  void close() {
    store.close();
  }

  @Test
  void whatIsAddedIsFoundByHourAndByDay() {
    add("a", 1, row(DAY, "", "bob"), row(DAY, "acme", "alice"), row(DAY + HOUR, "", "bob"));
    add("a", 2, row(DAY, "", "bob"), row(DAY + 24 * HOUR, "", "bob"));
    assertEquals(
        List.of(
            row(DAY, "", "bob", 2),
            row(DAY, "acme", "alice"),
            row(DAY + HOUR, "", "bob"),
            row(DAY + 24 * HOUR, "", "bob")),
        store.find(query(null, null, Step.HOUR)));
    assertEquals(
        List.of(row(DAY, "", "bob", 3), row(DAY, "acme", "alice"), row(DAY + 24 * HOUR, "", "bob")),
        store.find(query(null, null, Step.DAY)));
  }

  @Test
  void tenantUserAndTimeAreChosen() {
    add("a", 1, row(DAY, "", "bob"), row(DAY, "acme", "alice"), row(DAY, "acme", "bob"));
    add("a", 2, row(DAY + HOUR, "acme", "bob"));
    assertEquals(List.of(row(DAY, "", "bob")), store.find(query("", null, Step.HOUR)));
    assertEquals(List.of(row(DAY, "acme", "bob", 2)), store.find(query("acme", "bob", Step.DAY)));
    assertEquals(
        List.of(row(DAY + HOUR, "acme", "bob")),
        store.find(new UsageQuery(null, null, DAY + HOUR, DAY + 2 * HOUR, Step.HOUR, 10, null)));
  }

  @Test
  void aBatchCountsOnceHoweverOftenItComes() {
    for (int i = 0; i < 3; i++) {
      add("a", 1, row(DAY, "", "bob"));
    }
    add("a", 2, row(DAY, "", "bob"));
    add("a", 1, row(DAY, "", "bob"));
    add("b", 1, row(DAY, "", "bob"));
    assertEquals(List.of(row(DAY, "", "bob", 3)), store.find(query(null, null, Step.HOUR)));
  }

  @Test
  void nodesThatWriteTheSameRowsAtOnceLoseNothing() {
    var keys = IntStream.range(0, 200).mapToObj(i -> new UsageKey(DAY, "", "user" + i)).toList();
    try (var other = open()) {
      var both =
          Stream.of(store, other)
              .map(s -> CompletableFuture.runAsync(() -> addOften(s, keys)))
              .toList();
      both.forEach(CompletableFuture::join);
    }
    var found = store.find(query(null, null, Step.HOUR));
    assertEquals(keys.size(), found.size());
    assertEquals(
        2 * 40 * keys.size() / 2, found.stream().mapToLong(r -> r.usage().allocations()).sum());
  }

  private static void addOften(UsageStore store, List<UsageKey> keys) {
    var order = new ArrayList<>(keys);
    var random = new Random(7);
    String node = Integer.toHexString(System.identityHashCode(store));
    for (int sequence = 1; sequence <= 40; sequence++) {
      Collections.shuffle(order, random);
      var half = order.subList(0, order.size() / 2).stream().sorted().toList();
      store.add(new UsageBatch(node, sequence, half.stream().map(key -> row(key, 1)).toList()));
    }
  }

  @Test
  void pagesGiveEveryRowOnceAndInOrder() {
    var rows = new ArrayList<UsageRow>();
    for (int hour = 0; hour < 30; hour++) {
      for (String tenant : List.of("", "acme", "Zeta")) {
        for (String user : List.of("", "alice", "Bob", "ä", "😀")) {
          rows.add(row(DAY + hour * HOUR, tenant, user));
        }
      }
    }
    add("a", 1, rows.toArray(UsageRow[]::new));
    for (var step : Step.values()) {
      var all = store.find(query(null, null, step));
      var paged = new ArrayList<UsageRow>();
      @Nullable UsageKey after = null;
      for (int page = 0; page < 200; page++) {
        var found = store.find(new UsageQuery(null, null, 0, Long.MAX_VALUE, step, 7, after));
        paged.addAll(found);
        after = found.isEmpty() ? after : found.getLast().key();
      }
      assertEquals(step == Step.HOUR ? 450 : 30, all.size());
      assertEquals(all, paged);
    }
  }

  @Test
  void namesOfEveryKindComeBackAsTheyWere() {
    var names =
        List.of(
            "o'hara",
            "\"; DROP TABLE hairpin_usage; --",
            "' OR '1'='1",
            "$1 ? {d '2026-01-01'} \\x00 %s",
            "😀😀 ünï",
            "x".repeat(255),
            "ü".repeat(127),
            "a:b@c\u202e");
    for (int i = 0; i < names.size(); i++) {
      assertEquals(true, names.get(i).getBytes(StandardCharsets.UTF_8).length <= 255);
      add("a", i + 1, row(DAY, names.get(i), names.get(i)));
    }
    for (String name : names) {
      assertEquals(List.of(row(DAY, name, name)), store.find(query(name, name, Step.HOUR)));
    }
    add("nul", 1, row(DAY, "", "a\0b"));
    assertEquals(1, store.find(query(null, "a\0b", Step.HOUR)).size());
  }

  @Test
  void rowsOfAnotherHandBreakNothing() throws SQLException {
    long most = Long.MAX_VALUE;
    execute(insert(DAY, "bob", -5, most));
    execute(insert(DAY + HOUR, "bob", Long.MIN_VALUE, most));
    execute(insert(Long.MIN_VALUE, "ancient", 1, 1));
    execute(insert(most, "future", 1, 1));
    execute(insert(DAY + 1, "odd", 1, 1));
    add("a", 1, row(DAY, "", "bob"));
    assertEquals(
        List.of(
            new UsageRow(new UsageKey(DAY, "", "bob"), new Usage(1, 2, 3, most, 5, 6)),
            new UsageRow(new UsageKey(DAY, "", "odd"), new Usage(0, 0, 1, 1, 0, 0)),
            new UsageRow(new UsageKey(DAY + HOUR, "", "bob"), new Usage(0, 0, 0, most, 0, 0))),
        store.find(query(null, null, Step.HOUR)));
    assertEquals(
        new Usage(1, 2, 3, most, 5, 6),
        store.find(query(null, "bob", Step.DAY)).getFirst().usage());
    store.prune(DAY);
    assertEquals(3, store.find(query(null, null, Step.HOUR)).size());
  }

  private static String insert(long begins, String user, long toPeers, long toClients) {
    return "INSERT INTO hairpin_usage (begins, tenant, user_id, bytes_to_peers, bytes_to_clients)"
        + " VALUES ("
        + number(begins)
        + (", '', '" + user + "', ")
        + (number(toPeers) + ", " + toClients + ")");
  }

  /// The least number is no literal everywhere.
  private static String number(long value) {
    return value == Long.MIN_VALUE ? "-9223372036854775807 - 1" : Long.toString(value);
  }

  @Test
  void whatIsTooOldGoesAnHourAtATime() {
    add("a", 1, row(DAY, "", "bob"), row(DAY + HOUR, "", "bob"), row(DAY + 5 * HOUR, "", "bob"));
    for (int left : List.of(2, 1, 1)) {
      store.prune(DAY + 2 * HOUR);
      assertEquals(left, store.find(query(null, null, Step.HOUR)).size());
    }
  }

  @Test
  void processesThatAreLongDeadAreForgotten() throws SQLException {
    add("dead", 7, row(DAY, "", "bob"));
    add("alive", 7, row(DAY, "", "bob"));
    execute("UPDATE hairpin_usage_node SET seen = 1 WHERE node = 'dead'");
    add("new", 1, row(DAY, "", "bob"));
    try (var connection = connect();
        var statement = connection.createStatement();
        var nodes = statement.executeQuery("SELECT node FROM hairpin_usage_node ORDER BY node")) {
      var names = new ArrayList<String>();
      while (nodes.next()) {
        names.add(nodes.getString(1));
      }
      assertEquals(List.of("alive", "new"), names);
    }
  }

  @Test
  void whatWasStoredIsThereAfterTheNextStart() {
    add("a", 1, row(DAY, "", "bob"));
    store.close();
    store = open();
    add("a", 1, row(DAY, "", "bob"));
    assertEquals(List.of(row(DAY, "", "bob")), store.find(query(null, null, Step.HOUR)));
  }

  final void execute(String sql) throws SQLException {
    try (var connection = connect();
        var statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  final void add(String node, long sequence, UsageRow... rows) {
    var sorted = Stream.of(rows).sorted((a, b) -> a.key().compareTo(b.key())).toList();
    store.add(new UsageBatch(node, sequence, sorted));
  }

  static UsageQuery query(@Nullable String tenant, @Nullable String user, Step step) {
    return new UsageQuery(tenant, user, 0, 2 * DAY, step, 1_000, null);
  }

  static UsageRow row(long begins, String tenant, String user) {
    return row(begins, tenant, user, 1);
  }

  static UsageRow row(long begins, String tenant, String user, int times) {
    return row(new UsageKey(begins, tenant, user), times);
  }

  static UsageRow row(UsageKey key, int times) {
    var usage = new Usage(times, 2L * times, 3L * times, 4L * times, 5L * times, 6L * times);
    return new UsageRow(key, usage);
  }
}
