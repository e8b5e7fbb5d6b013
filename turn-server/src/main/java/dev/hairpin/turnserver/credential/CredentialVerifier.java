package dev.hairpin.turnserver.credential;

import java.time.Duration;
import java.util.Collection;

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

  public sealed interface Verdict {
    record Valid(CredentialUsername credential) implements Verdict {}

    /// Why there is no right password.
    enum Invalid implements Verdict {
      MALFORMED,
      EXPIRED,
      TOO_FAR_AHEAD
    }
  }

  /// Does not ask whether it is revoked; [#remainingSeconds] does.
  public Verdict verify(String username, long nowSeconds) {
    var parsed = CredentialUsername.parse(username);
    if (parsed == null) {
      return Verdict.Invalid.MALFORMED;
    }
    long remaining = parsed.expiresAtSeconds() - nowSeconds;
    if (remaining <= 0) {
      return Verdict.Invalid.EXPIRED;
    }
    if (remaining > maxTtlSeconds) {
      return Verdict.Invalid.TOO_FAR_AHEAD;
    }
    return new Verdict.Valid(parsed);
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
