package dev.hairpin.credentialapi.auth;

import dev.hairpin.credentialapi.ApiSettings;
import dev.hairpin.turnserver.credential.UserId;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// What a key is to be.
///
/// @param name for people, up to 100 characters; no two live keys of a tenant share one
/// @param tenant null for the server's own
/// @param origins of the pages that show it, as browsers send them; whoever reads the page has the
///   key, so it may issue and nothing else
/// @param limits of every credential that it gets, as in a username; empty for none
/// @param expires null for never
public record KeyWish(
    String name,
    Set<Scope> scopes,
    @Nullable String tenant,
    List<String> origins,
    String limits,
    @Nullable Instant expires) {
  private static final int MAX_NAME = 100;
  private static final int MAX_ORIGINS = 20;
  private static final int MAX_LIMITS = 400;
  private static final Pattern TENANT = Pattern.compile("[a-z0-9-]{1,32}");

  /// @throws IllegalArgumentException that begins with the name of what is wrong
  public KeyWish {
    scopes = Set.copyOf(scopes);
    origins = List.copyOf(origins);
    expires = expires == null ? null : expires.truncatedTo(ChronoUnit.SECONDS);
    require(
        isName(name),
        "name is 1 to " + MAX_NAME + " characters, without control characters or outer blanks");
    require(!scopes.isEmpty(), "scopes are some of issue, read, manage");
    if (tenant != null) {
      requireTenant(tenant);
    }
    require(
        origins.size() <= MAX_ORIGINS
            && origins.stream().allMatch(origin -> ApiSettings.ORIGIN.matcher(origin).matches())
            && new HashSet<>(origins).size() == origins.size(),
        "origins are up to "
            + MAX_ORIGINS
            + " different ones as browsers send them, like https://app.example.org");
    require(
        origins.isEmpty() || scopes.equals(Set.of(Scope.ISSUE)),
        "scopes of a key with origins are issue alone: whoever sees the page has the key");
    requireLimits(limits);
    require(
        limits.isEmpty() || !scopes.contains(Scope.MANAGE),
        "limits do not go with manage: such a key could make one without");
  }

  private static void require(boolean holds, String otherwise) {
    if (!holds) {
      throw new IllegalArgumentException(otherwise);
    }
  }

  /// @throws IllegalArgumentException where a text is no name of a tenant
  static void requireTenant(String name) {
    require(
        TENANT.matcher(name).matches(),
        "tenant is a name of 1 to 32 small letters, digits and hyphens");
  }

  private static boolean isName(String name) {
    return !name.isEmpty()
        && name.codePointCount(0, name.length()) <= MAX_NAME
        && name.equals(name.strip())
        && name.codePoints().mapToObj(Character::toString).allMatch(UserId::isWellFormed);
  }

  private static void requireLimits(String limits) {
    try {
      require(limits.length() <= MAX_LIMITS, "they have " + MAX_LIMITS + " characters at most");
      var _ = Bounds.readLimits(limits);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("limits: " + e.getMessage());
    }
  }

  /// Reads scopes as they are written.
  ///
  /// @throws IllegalArgumentException where one is unknown or stands twice
  public static Set<Scope> scopes(List<String> texts) {
    var scopes = EnumSet.noneOf(Scope.class);
    for (String text : texts) {
      require(
          Scope.of(text).map(scopes::add).orElse(false),
          "scopes are some of issue, read, manage, each once");
    }
    return scopes;
  }
}
