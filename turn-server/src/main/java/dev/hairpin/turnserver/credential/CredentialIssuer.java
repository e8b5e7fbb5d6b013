package dev.hairpin.turnserver.credential;

import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// Makes time-limited credentials, as the TURN REST draft describes and coturn's `use-auth-secret`
/// accepts.
public final class CredentialIssuer {
  private volatile SharedSecrets secrets;
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

  /// Signs by the newest of these from now on. Any thread may call.
  public void renew(SharedSecrets next) {
    secrets = next;
  }

  public Credential issue(UserId user, Duration ttl, Instant now) {
    var expiresAt = Instant.ofEpochSecond(now.plus(ttl).getEpochSecond());
    String username = new CredentialUsername(expiresAt.getEpochSecond(), user).format();
    String password = secrets.sign(username, now.getEpochSecond());
    if (book != null) {
      book.add(username, expiresAt.getEpochSecond(), now.getEpochSecond());
    }
    return new Credential(username, password, expiresAt);
  }
}
