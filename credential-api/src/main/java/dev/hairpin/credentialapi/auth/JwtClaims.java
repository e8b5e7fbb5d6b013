package dev.hairpin.credentialapi.auth;

import dev.hairpin.credentialapi.Tokens;
import dev.hairpin.turnserver.credential.UserId;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Collection;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// What a signed JWT has to say: that it ends (`exp`), has begun (`nbf`, where there is one), is
/// not older than a day (`iat`, likewise), names somebody who can be a user (`sub`), and is of the
/// issuer and for the audience that are asked for (RFC 8725 §3.8, §3.9). And what else it may say,
/// by the names of claims that are configured.
record JwtClaims(Tokens rules) {
  /// How far the clocks of this machine and of the one that signs may be apart.
  private static final Duration LEEWAY = Duration.ofSeconds(30);

  private static final Duration MAX_AGE = Duration.ofDays(1);
  private static final double MAX_SECONDS = 253_402_300_799d; // the end of the year 9999
  private static final long MAX_TTL = 999_999_999;

  /// Null where the claims will not do.
  @Nullable Caller caller(Map<String, Object> said, Instant now) {
    boolean good =
        hasNotEnded(said.get("exp"), now)
            && hasBegun(said, now)
            && isYoung(said, now)
            && isOfIssuer(said.get("iss"))
            && isForAudience(said.get("aud"));
    if (!good || !(said.get("sub") instanceof String user) || !isUser(user)) {
      return null;
    }
    try {
      String tenant = tenant(said);
      String name = (tenant == null ? "jwt:" : "jwt@" + tenant + ":") + user;
      return new Caller(name, scopes(said), tenant, new UserId(user), bounds(said));
    } catch (IllegalArgumentException _) { // a claim that is not understood
      return null;
    }
  }

  private static boolean hasNotEnded(@Nullable Object exp, Instant now) {
    var end = instant(exp);
    return end != null && end.plus(LEEWAY).isAfter(now);
  }

  private static boolean hasBegun(Map<String, Object> said, Instant now) {
    var begin = instant(said.get("nbf"));
    return begin == null ? !said.containsKey("nbf") : !begin.minus(LEEWAY).isAfter(now);
  }

  private static boolean isYoung(Map<String, Object> said, Instant now) {
    var issued = instant(said.get("iat"));
    return issued == null
        ? !said.containsKey("iat")
        : !issued.minus(LEEWAY).isAfter(now) && issued.plus(MAX_AGE).plus(LEEWAY).isAfter(now);
  }

  /// A NumericDate (RFC 7519 §2); null where it is none.
  private static @Nullable Instant instant(@Nullable Object seconds) {
    if (!(seconds instanceof Number number)) {
      return null;
    }
    double value = number.doubleValue();
    return value >= 0 && value <= MAX_SECONDS ? Instant.ofEpochSecond((long) value) : null;
  }

  private boolean isOfIssuer(@Nullable Object iss) {
    return rules.issuer() == null || rules.issuer().equals(iss);
  }

  private boolean isForAudience(@Nullable Object aud) {
    var audience = rules.audience();
    return audience == null
        || audience.equals(aud)
        || (aud instanceof Collection<?> several && several.contains(audience));
  }

  private static boolean isUser(String sub) {
    return !sub.isEmpty() && UserId.isWellFormed(sub);
  }

  /// It may issue; what it may beyond that, only a claim says. A claim has words for other services
  /// too.
  private Set<Scope> scopes(Map<String, Object> said) {
    var scopes = EnumSet.of(Scope.ISSUE);
    Object claim = claim(said, rules.claims().scopes());
    List<?> words =
        switch (claim) {
          case null -> List.of();
          case String text -> Arrays.asList(text.split(" ", -1));
          case List<?> list -> list;
          default -> throw new IllegalArgumentException("scopes are a string or an array");
        };
    for (Object word : words) {
      Scope.of(text(word)).ifPresent(scopes::add);
    }
    return scopes;
  }

  private @Nullable String tenant(Map<String, Object> said) {
    Object claim = claim(said, rules.claims().tenant());
    if (claim == null) {
      return null;
    }
    KeyWish.requireTenant(text(claim));
    return text(claim);
  }

  private Bounds bounds(Map<String, Object> said) {
    Object ttl = claim(said, rules.claims().ttl());
    Object limits = claim(said, rules.claims().limits());
    return new Bounds(
        ttl == null ? null : seconds(ttl),
        limits == null ? Map.of() : Bounds.readLimits(text(limits)),
        false);
  }

  private static Duration seconds(Object claim) {
    if (claim instanceof Long seconds && seconds >= 1 && seconds <= MAX_TTL) {
      return Duration.ofSeconds(seconds);
    }
    throw new IllegalArgumentException("a ttl is a whole number of seconds");
  }

  /// Null where the claim is not configured, or is not there.
  private static @Nullable Object claim(Map<String, Object> said, @Nullable String name) {
    if (name == null || !said.containsKey(name)) {
      return null;
    }
    Object claim = said.get(name);
    if (claim == null) {
      throw new IllegalArgumentException("a claim is never null");
    }
    return claim;
  }

  private static String text(Object claim) {
    if (claim instanceof String text) {
      return text;
    }
    throw new IllegalArgumentException("the claim is a string");
  }
}
