package dev.hairpin.credentialapi.usage;

import java.time.Instant;
import java.util.Comparator;

/// Whose usage, and when. The order is that in which every process locks rows.
///
/// @param beginsSeconds when the hour begins, in seconds since 1970, UTC
/// @param tenant empty for the server's own configuration
/// @param user empty for those without a name, and for those who were too many to be told apart
public record UsageKey(long beginsSeconds, String tenant, String user)
    implements Comparable<UsageKey> {
  public static final int HOUR_SECONDS = 3600;

  /// Of each name; a user has at most 255 bytes.
  static final int MAX_CHARS = 255;

  private static final Comparator<UsageKey> ORDER =
      Comparator.comparingLong(UsageKey::beginsSeconds)
          .thenComparing(UsageKey::tenant)
          .thenComparing(UsageKey::user);

  private static final char REPLACEMENT = '\ufffd';

  public UsageKey {
    tenant = storable(tenant);
    user = storable(user);
  }

  static UsageKey of(String tenant, String user, Instant at) {
    long seconds = at.getEpochSecond();
    return new UsageKey(seconds - Math.floorMod(seconds, HOUR_SECONDS), tenant, user);
  }

  UsageKey withoutUser() {
    return new UsageKey(beginsSeconds, tenant, "");
  }

  /// What every database takes: PostgreSQL knows no NUL, and nobody half a surrogate pair.
  static String storable(String name) {
    var text = new StringBuilder();
    name.codePoints()
        .map(c -> Character.isISOControl(c) || isHalf(c) ? REPLACEMENT : c)
        .takeWhile(c -> text.length() + Character.charCount(c) <= MAX_CHARS)
        .forEach(text::appendCodePoint);
    return text.toString();
  }

  private static boolean isHalf(int codePoint) {
    return Character.getType(codePoint) == Character.SURROGATE;
  }

  @Override
  public int compareTo(UsageKey other) {
    return ORDER.compare(this, other);
  }
}
