package dev.hairpin.credentialapi.usage;

import org.jspecify.annotations.Nullable;

/// What somebody wants to know.
///
/// @param tenant null for all
/// @param user null for all
/// @param fromSeconds of the first hour, in seconds since 1970
/// @param toSeconds behind the last hour
/// @param after the last row that is known already; null for the first page
public record UsageQuery(
    @Nullable String tenant,
    @Nullable String user,
    long fromSeconds,
    long toSeconds,
    Step step,
    int limit,
    @Nullable UsageKey after) {
  public UsageQuery {
    tenant = tenant == null ? null : UsageKey.storable(tenant);
    user = user == null ? null : UsageKey.storable(user);
  }

  /// What one row tells of, by UTC.
  public enum Step {
    HOUR(UsageKey.HOUR_SECONDS),
    DAY(24 * UsageKey.HOUR_SECONDS);

    private final int seconds;

    Step(int seconds) {
      this.seconds = seconds;
    }

    public int seconds() {
      return seconds;
    }
  }
}
