package dev.hairpin.turnserver.credential;

import static dev.hairpin.turnserver.net.Checks.require;

import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/// Credentials of one tenant, or of the server itself, that are refused before their time. Any
/// thread may write and read. An entry is
///
/// - `1800000000:alice`: this username;
/// - `*:alice`: every username of this user;
/// - `<1800000000:alice`: those that end before this second. A username does not tell when it was
///   issued: where all live an hour, those from before noon are those that end before one.
public final class Revocations {
  static final int MAX_ENTRIES = 1 << 16;

  private final String tenant;
  private final Map<Record, Long> single = new ConcurrentHashMap<>();
  private volatile Map<Record, Long> listed = Map.of();

  Revocations(String tenant) {
    this.tenant = tenant;
  }

  /// @param what a [CredentialUsername], or the [UserId] of any
  /// @param until credentials that end by this second are refused
  private record Entry(Record what, long until) {}

  /// @throws IllegalArgumentException where a text is no entry
  private Entry parse(String text) {
    if (text.startsWith("*:") && UserId.isWellFormed(text.substring(2))) {
      return new Entry(new UserId(text.substring(2)), Long.MAX_VALUE);
    }
    boolean isOneOfAll = text.startsWith("<");
    var username = CredentialUsername.parse(isOneOfAll ? text.substring(1) : text);
    if (username == null) {
      throw new IllegalArgumentException(
          "'" + text + "' is not a username, nor *:USER, nor <SECONDS:USER");
    }
    String named = username.account().tenant();
    if (!named.equals(tenant) && !(isOneOfAll && named.isEmpty())) {
      throw new IllegalArgumentException(
          "'" + text + "' is " + (named.isEmpty() ? "no tenant's" : "the tenant " + named + "'s"));
    }
    return isOneOfAll
        ? new Entry(username.user(), username.expiresAtSeconds() - 1)
        : new Entry(username, username.expiresAtSeconds());
  }

  /// Checks texts that are to be a list.
  ///
  /// @throws IllegalArgumentException with the first that is no entry, or where there are too many
  public static void requireEntries(String tenant, Collection<String> texts) {
    new Revocations(tenant).list(texts, Long.MIN_VALUE);
  }

  /// @param latest the end of the last credential that `*:USER` means
  /// @param forgetBefore what ended by then is of no use any more
  synchronized void add(String text, long latest, long forgetBefore) {
    var entry = parse(text);
    if (single.size() >= MAX_ENTRIES) {
      single.values().removeIf(until -> until <= forgetBefore);
    }
    if (single.size() >= MAX_ENTRIES) {
      throw new IllegalStateException("no more than " + MAX_ENTRIES + " revocations are kept");
    }
    boolean isOpenEnded = entry.until() == Long.MAX_VALUE;
    single.merge(entry.what(), isOpenEnded ? latest : entry.until(), Math::max);
  }

  void list(Collection<String> texts, long forgetBefore) {
    var entries = new HashMap<Record, Long>();
    for (String text : texts) {
      var entry = parse(text);
      if (entry.until() > forgetBefore) {
        entries.merge(entry.what(), entry.until(), Math::max);
      }
    }
    require(entries.size() <= MAX_ENTRIES, "a list has at most " + MAX_ENTRIES + " entries");
    listed = entries;
  }

  boolean cover(CredentialUsername credential) {
    return covers(credential, credential) || covers(credential.user(), credential);
  }

  private boolean covers(Record what, CredentialUsername credential) {
    long end = credential.expiresAtSeconds();
    return single.getOrDefault(what, -1L) >= end || listed.getOrDefault(what, -1L) >= end;
  }
}
