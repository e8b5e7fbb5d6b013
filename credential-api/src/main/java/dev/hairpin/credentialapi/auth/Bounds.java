package dev.hairpin.credentialapi.auth;

import dev.hairpin.turnserver.credential.CredentialScope;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What bounds every credential that a caller gets, whatever it asks for.
///
/// @param maxTtl the longest that one lasts; null where the server's own bound will do
/// @param limits by their names in a username; of two limits the stricter holds
/// @param ownUsers whether each credential is for a random user of its own, and none can be asked
///   for
public record Bounds(@Nullable Duration maxTtl, Map<String, String> limits, boolean ownUsers) {
  public static final Bounds NONE = new Bounds(null, Map.of(), false);

  public Bounds {
    limits = Map.copyOf(limits);
  }

  /// Reads limits as they stand in a username: `allocations=2;relay-only`.
  ///
  /// @throws IllegalArgumentException where one is malformed, stands twice, or is none for callers
  public static Map<String, String> readLimits(String text) {
    var _ = CredentialScope.parse(text);
    var limits = new HashMap<String, String>();
    for (String limit : text.isEmpty() ? new String[0] : text.split(";", -1)) {
      int equals = limit.indexOf('=');
      String name = equals < 0 ? limit : limit.substring(0, equals);
      limits.put(name, equals < 0 ? "" : limit.substring(equals + 1));
    }
    if (limits.containsKey("tenant")) {
      throw new IllegalArgumentException("tenant is no limit, and follows from the caller");
    }
    return limits;
  }

  /// The limits as they stand in a username; empty for none.
  public String limitsText() {
    return CredentialScope.of(limits).format();
  }
}
