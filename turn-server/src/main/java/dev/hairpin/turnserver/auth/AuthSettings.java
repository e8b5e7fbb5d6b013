package dev.hairpin.turnserver.auth;

import dev.hairpin.turnserver.credential.SharedSecrets;
import java.time.Duration;

/// Who may ask.
///
/// @param realm the REALM of every challenge, 1 to 127 characters (RFC 8489 §14.9)
/// @param secrets what time-limited credentials are made with
/// @param nonceLifetime after this a nonce is stale (RFC 8489 §9.2.4)
/// @param maxCredentialTtl credentials that end later than this from now are refused
public record AuthSettings(
    String realm, SharedSecrets secrets, Duration nonceLifetime, Duration maxCredentialTtl) {
  public static final String DEFAULT_REALM = "hairpin";
  public static final Duration DEFAULT_NONCE_LIFETIME = Duration.ofMinutes(10);
  public static final Duration DEFAULT_MAX_CREDENTIAL_TTL = Duration.ofDays(2);
  private static final int MAX_REALM = 127;

  public AuthSettings {
    if (realm.isEmpty()
        || realm.length() > MAX_REALM
        || realm.chars().anyMatch(c -> c < ' ' || c == '"')) {
      throw new IllegalArgumentException(
          "a realm has 1 to " + MAX_REALM + " characters, no quotes and no control characters");
    }
    if (nonceLifetime.toSeconds() < 1 || maxCredentialTtl.toSeconds() < 1) {
      throw new IllegalArgumentException("lifetimes are at least one second");
    }
  }

  public static AuthSettings of(String realm, SharedSecrets secrets) {
    return new AuthSettings(realm, secrets, DEFAULT_NONCE_LIFETIME, DEFAULT_MAX_CREDENTIAL_TTL);
  }
}
