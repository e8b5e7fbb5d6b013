package dev.hairpin.turnserver.credential;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/// Says which passwords would be right for a username. Which of them the client holds is shown by
/// its MESSAGE-INTEGRITY alone.
public final class CredentialVerifier {
  private final SharedSecrets secrets;
  private final long maxTtlSeconds;

  /// @param maxTtl credentials that end later than this from now are refused: nobody who once held
  ///   a secret can make one for ever
  public CredentialVerifier(SharedSecrets secrets, Duration maxTtl) {
    this.secrets = secrets;
    this.maxTtlSeconds = maxTtl.toSeconds();
  }

  public sealed interface Verdict {
    /// Passwords by secret, newest first.
    record Valid(UserId user, List<String> passwords) implements Verdict {
      @Override
      public String toString() {
        return "Valid[" + user + "]";
      }
    }

    /// Why there is no right password.
    enum Invalid implements Verdict {
      MALFORMED,
      EXPIRED,
      TOO_FAR_AHEAD
    }
  }

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
    return new Verdict.Valid(parsed.user(), passwords(username));
  }

  /// The passwords of a username whether or not it has ended, newest secret first.
  public List<String> passwords(String username) {
    var passwords = new ArrayList<String>(secrets.count());
    for (int i = 0; i < secrets.count(); i++) {
      passwords.add(secrets.password(i, username));
    }
    return List.copyOf(passwords);
  }
}
