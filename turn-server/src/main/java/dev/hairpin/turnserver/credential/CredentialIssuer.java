package dev.hairpin.turnserver.credential;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Makes time-limited credentials, as the TURN REST draft describes and coturn's `use-auth-secret`
/// accepts.
public final class CredentialIssuer {
  private static final int MAX_USERNAME_BYTES = 508; // RFC 8489 §14.3: clients stop before 509

  private final String tenant;
  private final String realm;
  private volatile SharedSecrets secrets;
  private final @Nullable IssuedUsernames book;

  public CredentialIssuer(SharedSecrets secrets) {
    this(secrets, null);
  }

  /// @param book where the TURN server in this process looks up hashes of usernames; null where
  ///   there is none
  public CredentialIssuer(SharedSecrets secrets, @Nullable IssuedUsernames book) {
    this("", "", secrets, book);
  }

  /// Issues for a tenant.
  public CredentialIssuer(Tenant tenant, @Nullable IssuedUsernames book) {
    this(tenant.name(), tenant.realm(), tenant.secrets(), book);
  }

  private CredentialIssuer(
      String tenant, String realm, SharedSecrets secrets, @Nullable IssuedUsernames book) {
    this.tenant = tenant;
    this.realm = realm;
    this.secrets = secrets;
    this.book = book;
  }

  /// Signs by the newest of these from now on. Any thread may call.
  public void renew(SharedSecrets next) {
    secrets = next;
  }

  /// Keys for another purpose, that whoever has the same secrets has too: one from each that is
  /// accepted, that from the secret which signs first.
  ///
  /// @param label of the purpose; different labels give unrelated keys
  public List<byte[]> keysFor(String label, Instant now) {
    return secrets.derive(label, now.getEpochSecond());
  }

  public Credential issue(UserId user, Duration ttl, Instant now) {
    return issue(user, CredentialScope.NONE, ttl, now);
  }

  /// Issues with limits that the username states.
  ///
  /// @throws IllegalArgumentException where user and limits together are too long for a username
  public Credential issue(UserId user, CredentialScope scope, Duration ttl, Instant now) {
    if (!scope.tenant().isEmpty() && !scope.tenant().equals(tenant)) {
      throw new IllegalArgumentException("tenant is not for the caller to choose");
    }
    var expiresAt = Instant.ofEpochSecond(now.plus(ttl).getEpochSecond());
    String username =
        new CredentialUsername(expiresAt.getEpochSecond(), scope.of(tenant), user).format();
    int bytes = username.getBytes(StandardCharsets.UTF_8).length;
    if (bytes > MAX_USERNAME_BYTES) {
      throw new IllegalArgumentException(
          "user and limits make a username of "
              + bytes
              + " bytes, and "
              + MAX_USERNAME_BYTES
              + " is the most");
    }
    String password = secrets.sign(username, now.getEpochSecond());
    if (book != null) {
      book.add(username);
      if (!realm.isEmpty() && !realm.equals(book.realm())) {
        book.add(username, realm);
      }
    }
    return new Credential(username, password, expiresAt);
  }
}
