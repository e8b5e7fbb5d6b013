package dev.hairpin.turnserver.credential;

import java.time.Duration;
import java.util.Collection;
import org.jspecify.annotations.Nullable;

/// Says which usernames are good, and by which secrets their passwords are made. Who holds a
/// password is shown by its MESSAGE-INTEGRITY alone. Secrets and revocations may be changed while
/// it is in use, by any thread.
public final class CredentialVerifier {
  private final long maxTtlSeconds;
  private final long graceSeconds;
  private final Revocations revocations = new Revocations();
  private volatile SharedSecrets secrets;

  /// @param maxTtl credentials that end later than this from now are refused: nobody who once held
  ///   a secret can make one for ever
  /// @param grace how long an allocation may outlive the credential that it was made with
  public CredentialVerifier(SharedSecrets secrets, Duration maxTtl, Duration grace) {
    this.secrets = secrets;
    this.maxTtlSeconds = maxTtl.toSeconds();
    this.graceSeconds = grace.toSeconds();
  }

  /// What a username says, or null where it has no right password: it is malformed, has expired, or
  /// ends too far ahead. Does not ask whether it is revoked; [#remainingSeconds] does.
  public @Nullable CredentialUsername verify(String username, long nowSeconds) {
    var parsed = CredentialUsername.parse(username);
    long remaining = parsed == null ? 0 : parsed.expiresAtSeconds() - nowSeconds;
    return remaining > 0 && remaining <= maxTtlSeconds ? parsed : null;
  }

  /// How long an allocation of a credential may go on: past the credential's end, but not past its
  /// revocation. 0 or less where it may not.
  public long remainingSeconds(CredentialUsername owner, long nowSeconds) {
    return isRevoked(owner) ? 0 : owner.expiresAtSeconds() + graceSeconds - nowSeconds;
  }

  public boolean isRevoked(CredentialUsername credential) {
    return revocations.cover(credential);
  }

  /// Revokes what an entry names, in the form of [Revocations], among the credentials that there
  /// can be now. It is forgotten once they could not be used any more.
  ///
  /// @throws IllegalStateException where too many are kept
  public void revoke(String entry, long nowSeconds) {
    revocations.add(entry, nowSeconds + maxTtlSeconds, nowSeconds - graceSeconds);
  }

  /// Puts a list in the place of the former one; what was revoked singly stays so.
  ///
  /// @throws IllegalArgumentException with the first bad entry, and nothing is changed
  public void list(Collection<String> entries, long nowSeconds) {
    revocations.list(entries, nowSeconds - graceSeconds);
  }

  /// Puts these secrets in the place of the former ones.
  public void apply(SharedSecrets next) {
    secrets = next;
  }

  public SharedSecrets secrets() {
    return secrets;
  }
}
