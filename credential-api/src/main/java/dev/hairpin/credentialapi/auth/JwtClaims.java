package dev.hairpin.credentialapi.auth;

import dev.hairpin.credentialapi.ApiSettings;
import dev.hairpin.credentialapi.Callers;
import dev.hairpin.turnserver.credential.UserId;
import io.micronaut.http.HttpRequest;
import io.micronaut.security.token.Claims;
import io.micronaut.security.token.jwt.validator.GenericJwtClaimsValidator;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Collection;
import java.util.Date;
import org.jspecify.annotations.Nullable;

/// Checks what a signed JWT says: it ends (`exp`), has begun (`nbf`, where there is one), names
/// somebody who can be a user (`sub`), and is of the issuer and for the audience that are asked for
/// (RFC 8725 §3.8, §3.9).
@Singleton
public final class JwtClaims implements GenericJwtClaimsValidator<HttpRequest<?>> {
  /// How far the clocks of this machine and of the one that signs may be apart.
  static final Duration LEEWAY = Duration.ofSeconds(30);

  private final InstantSource clock;
  private volatile Callers callers;

  JwtClaims(InstantSource clock, ApiSettings settings) {
    this.clock = clock;
    this.callers = settings.callers();
  }

  /// Checks by what these callers' tokens have to say from now on.
  public void apply(Callers others) {
    callers = others;
  }

  @Override
  public boolean validate(Claims claims, @Nullable HttpRequest<?> request) {
    Instant now = clock.instant();
    var asked = callers;
    return hasNotEnded(claims.get(Claims.EXPIRATION_TIME), now)
        && hasBegun(claims.get(Claims.NOT_BEFORE), now)
        && isUser(claims.get(Claims.SUBJECT))
        && isOf(asked.jwtIssuer(), claims.get(Claims.ISSUER))
        && isFor(asked.jwtAudience(), claims.get(Claims.AUDIENCE));
  }

  private static boolean hasNotEnded(@Nullable Object exp, Instant now) {
    return exp instanceof Date end && end.toInstant().plus(LEEWAY).isAfter(now);
  }

  private static boolean hasBegun(@Nullable Object nbf, Instant now) {
    return nbf == null
        || (nbf instanceof Date begin && !begin.toInstant().minus(LEEWAY).isAfter(now));
  }

  private static boolean isOf(@Nullable String issuer, @Nullable Object iss) {
    return issuer == null || issuer.equals(iss);
  }

  private static boolean isFor(@Nullable String audience, @Nullable Object aud) {
    return audience == null
        || audience.equals(aud)
        || (aud instanceof Collection<?> several && several.contains(audience));
  }

  private static boolean isUser(@Nullable Object sub) {
    return sub instanceof String user && !user.isEmpty() && UserId.isWellFormed(user);
  }
}
