package dev.hairpin.credentialapi.usage;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// Adds up what users take, by tenant, user and hour, until it has been stored. Bounded: where too
/// many users wait, further ones are counted for their tenant as a whole. Any thread may call.
public final class UsageLedger {
  static final int MAX_KEYS = 100_000;
  static final int BATCH_ROWS = 1_000;

  private final int maxKeys;

  /// Of this process alone: what a dead one had not stored, nobody can store again.
  private final String node = UUID.randomUUID().toString();

  private final TreeMap<UsageKey, Usage> waiting = new TreeMap<>();
  private long sequence;
  private long coarsened;

  /// Taken out, and perhaps stored: it goes again as it is until that is certain.
  private @Nullable UsageBatch unsettled;

  public UsageLedger() {
    this(MAX_KEYS);
  }

  UsageLedger(int maxKeys) {
    this.maxKeys = maxKeys;
  }

  /// Adds to what a user took.
  ///
  /// @param tenant empty for the server's own configuration
  /// @param user empty where there is no name
  /// @param at within the hour that it counts for
  public void add(String tenant, String user, Instant at, Usage usage) {
    if (!usage.equals(Usage.NONE)) {
      add(UsageKey.of(tenant, user, at), usage);
    }
  }

  private synchronized void add(UsageKey key, Usage usage) {
    boolean fits = waiting.size() < maxKeys || waiting.containsKey(key);
    if (!fits) {
      coarsened++;
    }
    waiting.merge(fits ? key : key.withoutUser(), usage, Usage::plus);
  }

  /// What is to be stored next, or null. The same until [#settle] is called.
  synchronized @Nullable UsageBatch next() {
    if (unsettled == null && !waiting.isEmpty()) {
      unsettled = new UsageBatch(node, ++sequence, take());
    }
    return unsettled;
  }

  private List<UsageRow> take() {
    var rows = new ArrayList<UsageRow>();
    while (rows.size() < BATCH_ROWS && !waiting.isEmpty()) {
      Map.Entry<UsageKey, Usage> first = waiting.pollFirstEntry();
      rows.add(new UsageRow(first.getKey(), first.getValue()));
    }
    return rows;
  }

  /// The last batch is stored for certain.
  synchronized void settle() {
    unsettled = null;
  }

  /// How many users and hours are not stored yet.
  public synchronized int waiting() {
    return waiting.size() + (unsettled == null ? 0 : unsettled.rows().size());
  }

  /// How often somebody was counted for the tenant as a whole.
  public synchronized long coarsened() {
    return coarsened;
  }
}
