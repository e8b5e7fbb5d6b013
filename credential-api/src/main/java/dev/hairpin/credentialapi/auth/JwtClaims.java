package dev.hairpin.credentialapi.auth;

import dev.hairpin.turnserver.credential.UserId;
import io.micronaut.http.HttpRequest;
import io.micronaut.security.token.Claims;
import io.micronaut.security.token.jwt.validator.GenericJwtClaimsValidator;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Date;
import org.jspecify.annotations.Nullable;

/// Checks what a signed JWT says: it ends (`exp`), has begun (`nbf`, where there is one), and names
/// somebody who can be a user (`sub`).
@Singleton
final class JwtClaims implements GenericJwtClaimsValidator<HttpRequest<?>> {
  /// How far the clocks of this machine and of the one that signs may be apart.
  static final Duration LEEWAY = Duration.ofSeconds(30);

  private final InstantSource clock;

  JwtClaims(InstantSource clock) {
    this.clock = clock;
  }

  @Override
  public boolean validate(Claims claims, @Nullable HttpRequest<?> request) {
    Instant now = clock.instant();
    return hasNotEnded(claims.get(Claims.EXPIRATION_TIME), now)
        && hasBegun(claims.get(Claims.NOT_BEFORE), now)
        && isUser(claims.get(Claims.SUBJECT));
  }

  private static boolean hasNotEnded(@Nullable Object exp, Instant now) {
    return exp instanceof Date end && end.toInstant().plus(LEEWAY).isAfter(now);
  }

  private static boolean hasBegun(@Nullable Object nbf, Instant now) {
    return nbf == null
        || (nbf instanceof Date begin && !begin.toInstant().minus(LEEWAY).isAfter(now));
  }

  private static boolean isUser(@Nullable Object sub) {
    return sub instanceof String user && !user.isEmpty() && UserId.isWellFormed(user);
  }
}
