package dev.hairpin.turnserver.auth;

import dev.hairpin.turnserver.credential.Account;
import dev.hairpin.turnserver.credential.CredentialScope;
import dev.hairpin.turnserver.credential.CredentialUsername;
import dev.hairpin.turnserver.credential.UserId;
import dev.hairpin.turnserver.stun.ErrorCode;
import dev.hairpin.turnserver.stun.IntegrityKey;
import dev.hairpin.turnserver.turn.Answer;
import java.util.concurrent.TimeUnit;

/// Who is asking.
public sealed interface AuthResult {
  /// A client that has shown its password.
  ///
  /// @param username as issued, with its expiry
  /// @param credential what the username says
  /// @param key what its response is signed with (RFC 8489 §9.2.4)
  /// @param endNanos when an allocation of this credential is to end, by the process's clock
  record Known(String username, CredentialUsername credential, IntegrityKey key, long endNanos)
      implements AuthResult {
    public UserId user() {
      return credential.user();
    }

    public Account account() {
      return credential.account();
    }

    /// The limits that the username states, and its tenant.
    public CredentialScope scope() {
      return credential.scope();
    }

    /// Whether this client may do what another one may, whose allocation it is: because it goes by
    /// the same username, or by another one of the same user, tenant and limits, such as one issued
    /// later. A username without a user is nobody else's.
    public boolean standsFor(Known owner) {
      return username.equals(owner.username)
          || (!user().equals(UserId.NOBODY)
              && user().equals(owner.user())
              && scope().equals(owner.scope()));
    }

    /// A lifetime, or what the credential leaves of it.
    public long bounded(long lifetimeSeconds, long nowNanos) {
      return Math.min(lifetimeSeconds, TimeUnit.NANOSECONDS.toSeconds(endNanos - nowNanos));
    }

    @Override
    public String toString() {
      return "Known[" + username + "]";
    }
  }

  /// A client that is to try again with this realm and nonce.
  record Challenge(Answer.Challenge answer) implements AuthResult {}

  record Refused(ErrorCode error) implements AuthResult {}
}
