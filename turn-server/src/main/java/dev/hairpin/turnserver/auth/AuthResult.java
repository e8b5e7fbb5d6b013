package dev.hairpin.turnserver.auth;

import dev.hairpin.turnserver.credential.CredentialScope;
import dev.hairpin.turnserver.credential.CredentialUsername;
import dev.hairpin.turnserver.credential.UserId;
import dev.hairpin.turnserver.stun.ErrorCode;
import dev.hairpin.turnserver.stun.IntegrityKey;
import dev.hairpin.turnserver.turn.Answer;

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
    /// The limits that the username states, and its tenant.
    public CredentialScope scope() {
      return credential.scope();
    }

    /// Whether this client may do what another one may, whose allocation it is: because it goes by
    /// the same username, or by another one of the same user, tenant and limits, such as one issued
    /// later. A username without a user is nobody else's.
    public boolean standsFor(Known owner) {
      return username.equals(owner.username)
          || (!credential.user().equals(UserId.NOBODY)
              && credential.user().equals(owner.credential.user())
              && scope().equals(owner.scope()));
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
