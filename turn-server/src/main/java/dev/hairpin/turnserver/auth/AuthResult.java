package dev.hairpin.turnserver.auth;

import dev.hairpin.turnserver.credential.UserId;
import dev.hairpin.turnserver.stun.ErrorCode;

/// Who is asking.
public sealed interface AuthResult {
  /// A client that has shown its password.
  ///
  /// @param username as sent, with its expiry
  /// @param key of the long-term credential mechanism (RFC 8489 §9.2.2)
  record Known(String username, UserId user, byte[] key) implements AuthResult {
    @Override
    public String toString() {
      return "Known[" + username + "]";
    }
  }

  /// A client that is to try again with this realm and nonce.
  record Challenge(ErrorCode error, byte[] realm, byte[] nonce) implements AuthResult {}

  record Refused(ErrorCode error) implements AuthResult {}
}
