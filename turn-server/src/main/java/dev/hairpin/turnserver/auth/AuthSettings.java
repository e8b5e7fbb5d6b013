package dev.hairpin.turnserver.auth;

import static dev.hairpin.turnserver.net.Checks.require;

import dev.hairpin.turnserver.credential.CredentialVerifier;
import dev.hairpin.turnserver.credential.IssuedUsernames;
import dev.hairpin.turnserver.credential.Revocations;
import dev.hairpin.turnserver.credential.SharedSecrets;
import dev.hairpin.turnserver.credential.Tenant;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Who may ask.
///
/// @param realm the REALM of every challenge, 1 to 127 characters (RFC 8489 §14.9)
/// @param secrets what time-limited credentials are made with
/// @param nonceLifetime after this a nonce is stale (RFC 8489 §9.2.4)
/// @param maxCredentialTtl credentials that end later than this from now are refused
/// @param issued the usernames that this very process issues, so that their hashes are understood
///   (RFC 8489 §14.4); null where others issue them
/// @param grace how long an allocation may outlive the credential that it was made with; with zero
///   it ends together with it
/// @param sha256Only whether requests by MD5 or MESSAGE-INTEGRITY are refused
/// @param revoked credentials that are refused from the start, in the form of [Revocations]
public record AuthSettings(
    String realm,
    SharedSecrets secrets,
    Duration nonceLifetime,
    Duration maxCredentialTtl,
    @Nullable IssuedUsernames issued,
    Duration grace,
    boolean sha256Only,
    List<String> revoked) {
  public static final String DEFAULT_REALM = "hairpin";
  public static final Duration DEFAULT_NONCE_LIFETIME = Duration.ofMinutes(10);
  public static final Duration DEFAULT_MAX_CREDENTIAL_TTL = Duration.ofDays(2);

  public AuthSettings {
    Tenant.requireRealm(realm);
    if (issued != null && !issued.realm().equals(realm)) {
      throw new IllegalArgumentException("the usernames were issued for " + issued.realm());
    }
    require(!grace.isNegative(), "a time of grace is not negative");
    revoked = List.copyOf(revoked);
    Revocations.requireEntries("", revoked);
    require(nonceLifetime.toSeconds() >= 1, "a nonce lives for at least one second");
    require(maxCredentialTtl.toSeconds() >= 1, "a credential lives for at least one second");
  }

  public AuthSettings withIssued(IssuedUsernames usernames) {
    return new AuthSettings(
        realm, secrets, nonceLifetime, maxCredentialTtl, usernames, grace, sha256Only, revoked);
  }

  /// What the loops of a server ask about usernames.
  ///
  /// @param nowSeconds since 1970
  public CredentialVerifier verifier(long nowSeconds) {
    var verifier = new CredentialVerifier(secrets, maxCredentialTtl, grace);
    verifier.list(revoked, nowSeconds);
    return verifier;
  }

  public static AuthSettings of(String realm, SharedSecrets secrets) {
    var ttl = DEFAULT_MAX_CREDENTIAL_TTL;
    return new AuthSettings(
        realm, secrets, DEFAULT_NONCE_LIFETIME, ttl, null, ttl, false, List.of());
  }
}
