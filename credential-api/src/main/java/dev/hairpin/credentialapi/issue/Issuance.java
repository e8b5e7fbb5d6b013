package dev.hairpin.credentialapi.issue;

import dev.hairpin.credentialapi.TtlRange;
import dev.hairpin.credentialapi.auth.Bounds;
import dev.hairpin.credentialapi.auth.Caller;
import dev.hairpin.credentialapi.http.ApiMetrics;
import dev.hairpin.credentialapi.http.Refusal;
import dev.hairpin.credentialapi.tenant.Tenants;
import dev.hairpin.turnserver.credential.CredentialScope;
import dev.hairpin.turnserver.credential.UserId;
import io.micronaut.http.HttpStatus;
import jakarta.inject.Singleton;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/// Issues credentials to known callers, in whichever shape they ask.
@Singleton
public final class Issuance {
  private static final int RANDOM_BYTES = 12;

  private final Tenants tenants;
  private final InstantSource clock;
  private final ApiMetrics metrics;
  private final SecureRandom random = new SecureRandom();

  Issuance(Tenants tenants, InstantSource clock, ApiMetrics metrics) {
    this.tenants = tenants;
    this.clock = clock;
    this.metrics = metrics;
  }

  Issued issue(Caller caller, IceServersRequest request) {
    var tenant = tenants.of(caller);
    UserId user = userOf(caller, request.user());
    Duration ttl = ttl(tenant.ttl(), caller.bounds(), request.ttl());
    var scope = CredentialScope.of(Limits.narrow(caller.bounds().limits(), request.limits()));
    try {
      var credential = tenant.issuer().issue(user, scope, ttl, clock.instant());
      metrics.issued();
      return new Issued(tenant.stunUrls(), tenant.turnUrls(), credential, ttl);
    } catch (IllegalArgumentException e) { // too long for a username
      throw Refusal.badRequest(String.valueOf(e.getMessage()));
    }
  }

  /// Issues as other providers do. Where no user is named, each credential has one of its own:
  /// those without a user share a quota, and those of one second are the same.
  ///
  /// @param user null or empty where the caller names none
  /// @param ttl in seconds, a string or a number; null where the caller names none
  public Issued issue(Caller caller, @Nullable String user, @Nullable Object ttl) {
    String named = user == null || user.isEmpty() ? null : user;
    boolean lacksUser = named == null && caller.user() == null && !caller.bounds().ownUsers();
    return issue(
        caller,
        IceServersRequest.of(
            lacksUser ? randomName() : named, ttl == null ? null : ttl.toString()));
  }

  /// The user of a name, or a refusal where it is none.
  ///
  /// @param text null where it was not even a text
  public static UserId named(@Nullable String text) {
    if (text == null || !UserId.isWellFormed(text)) {
      throw Refusal.badRequest(
          "user is a string of up to 255 bytes of UTF-8 without control characters");
    }
    return new UserId(text);
  }

  /// The user that a caller may name, for credentials that are issued later; null where each is to
  /// have a random one.
  ///
  /// @param wished null where the caller names none
  public @Nullable UserId userFor(Caller caller, @Nullable String wished) {
    boolean isAnybody = wished == null && caller.user() == null;
    var user = isAnybody ? null : userOf(caller, wished == null ? null : new UserId(wished));
    return user == null || user.equals(UserId.NOBODY) ? null : user;
  }

  private static Duration ttl(TtlRange range, Bounds bounds, @Nullable Duration wish) {
    var ttl = wish == null ? range.standard() : range.clamp(wish);
    var max = bounds.maxTtl();
    return max != null && max.compareTo(ttl) < 0 ? max : ttl;
  }

  private String randomName() {
    byte[] bytes = new byte[RANDOM_BYTES];
    random.nextBytes(bytes);
    return HexFormat.of().formatHex(bytes);
  }

  /// A JWT speaks for its subject alone, a key for pages for nobody.
  private UserId userOf(Caller caller, @Nullable UserId wished) {
    var own = caller.user();
    if (caller.bounds().ownUsers()) {
      if (wished != null) {
        throw new Refusal(HttpStatus.FORBIDDEN, "this key gets users at random; leave user out");
      }
      return new UserId(randomName());
    }
    if (own == null) {
      return wished == null ? UserId.NOBODY : wished;
    }
    if (wished != null && !wished.equals(own)) {
      throw new Refusal(HttpStatus.FORBIDDEN, "this token is for its subject; leave user out");
    }
    return own;
  }
}
