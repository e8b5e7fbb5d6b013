package dev.hairpin.turnserver.credential;

import java.time.Duration;
import java.time.Instant;

/// Makes time-limited credentials, as the TURN REST draft describes and coturn's `use-auth-secret`
/// accepts.
public final class CredentialIssuer {
  private final SharedSecrets secrets;

  public CredentialIssuer(SharedSecrets secrets) {
    this.secrets = secrets;
  }

  public Credential issue(UserId user, Duration ttl, Instant now) {
    var expiresAt = Instant.ofEpochSecond(now.plus(ttl).getEpochSecond());
    String username = new CredentialUsername(expiresAt.getEpochSecond(), user).format();
    return new Credential(username, secrets.password(0, username), expiresAt);
  }
}
