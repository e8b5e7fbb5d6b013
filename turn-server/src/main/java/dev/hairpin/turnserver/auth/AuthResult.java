package dev.hairpin.turnserver.auth;

import dev.hairpin.turnserver.credential.UserId;
import dev.hairpin.turnserver.stun.ErrorCode;
import dev.hairpin.turnserver.stun.IntegrityKey;
import dev.hairpin.turnserver.turn.Answer;

/// Who is asking.
public sealed interface AuthResult {
  /// A client that has shown its password.
  ///
  /// @param username as issued, with its expiry
  /// @param key what its response is signed with (RFC 8489 §9.2.4)
  record Known(String username, UserId user, IntegrityKey key) implements AuthResult {
    @Override
    public String toString() {
      return "Known[" + username + "]";
    }
  }

  /// A client that is to try again with this realm and nonce.
  record Challenge(Answer.Challenge answer) implements AuthResult {}

  record Refused(ErrorCode error) implements AuthResult {}
}
