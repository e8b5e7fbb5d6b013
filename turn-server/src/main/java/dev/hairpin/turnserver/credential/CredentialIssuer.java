package dev.hairpin.turnserver.credential;

import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// Makes time-limited credentials, as the TURN REST draft describes and coturn's `use-auth-secret`
/// accepts.
public final class CredentialIssuer {
  private final SharedSecrets secrets;
  private final @Nullable IssuedUsernames book;

  public CredentialIssuer(SharedSecrets secrets) {
    this(secrets, null);
  }

  /// @param book where the TURN server in this process looks up hashes of usernames; null where
  ///   there is none
  public CredentialIssuer(SharedSecrets secrets, @Nullable IssuedUsernames book) {
    this.secrets = secrets;
    this.book = book;
  }

  public Credential issue(UserId user, Duration ttl, Instant now) {
    var expiresAt = Instant.ofEpochSecond(now.plus(ttl).getEpochSecond());
    String username = new CredentialUsername(expiresAt.getEpochSecond(), user).format();
    if (book != null) {
      book.add(username, expiresAt.getEpochSecond(), now.getEpochSecond());
    }
    return new Credential(username, secrets.password(0, username), expiresAt);
  }
}
