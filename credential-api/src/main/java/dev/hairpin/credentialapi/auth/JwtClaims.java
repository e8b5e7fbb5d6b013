package dev.hairpin.credentialapi.auth;

import dev.hairpin.turnserver.credential.UserId;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What a signed JWT has to say: that it ends (`exp`), has begun (`nbf`, where there is one), names
/// somebody who can be a user (`sub`), and is of the issuer and for the audience that are asked for
/// (RFC 8725 §3.8, §3.9).
///
/// @param issuer null where anybody may have issued it
/// @param audience null where it may be for anybody
record JwtClaims(@Nullable String issuer, @Nullable String audience) {
  /// How far the clocks of this machine and of the one that signs may be apart.
  private static final Duration LEEWAY = Duration.ofSeconds(30);

  private static final double MAX_SECONDS = 253_402_300_799d; // the end of the year 9999

  /// Null where the claims will not do.
  @Nullable String subject(Map<String, Object> claims, Instant now) {
    boolean good =
        hasNotEnded(claims.get("exp"), now)
            && hasBegun(claims, now)
            && isOfIssuer(claims.get("iss"))
            && isForAudience(claims.get("aud"));
    return good && claims.get("sub") instanceof String user && isUser(user) ? user : null;
  }

  private static boolean hasNotEnded(@Nullable Object exp, Instant now) {
    var end = instant(exp);
    return end != null && end.plus(LEEWAY).isAfter(now);
  }

  private static boolean hasBegun(Map<String, Object> claims, Instant now) {
    var begin = instant(claims.get("nbf"));
    return begin == null ? !claims.containsKey("nbf") : !begin.minus(LEEWAY).isAfter(now);
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
    return issuer == null || issuer.equals(iss);
  }

  private boolean isForAudience(@Nullable Object aud) {
    return audience == null
        || audience.equals(aud)
        || (aud instanceof Collection<?> several && several.contains(audience));
  }

  private static boolean isUser(String sub) {
    return !sub.isEmpty() && UserId.isWellFormed(sub);
  }
}
