package dev.hairpin.turnserver.credential;

import org.jspecify.annotations.Nullable;

/// The username of a time-limited credential: `expiry:user`, or a bare `expiry`, where expiry
/// counts seconds since 1970. Only the first colon separates.
public record CredentialUsername(long expiresAtSeconds, UserId user) {
  private static final int MAX_DIGITS = 10;

  /// Null where the text is not of this form.
  public static @Nullable CredentialUsername parse(String text) {
    int colon = text.indexOf(':');
    String expiry = colon < 0 ? text : text.substring(0, colon);
    String user = colon < 0 ? "" : text.substring(colon + 1);
    boolean wellFormed =
        !expiry.isEmpty()
            && expiry.length() <= MAX_DIGITS
            && expiry.chars().allMatch(c -> c >= '0' && c <= '9')
            && UserId.isWellFormed(user);
    return wellFormed ? new CredentialUsername(Long.parseLong(expiry), new UserId(user)) : null;
  }

  /// As it goes into USERNAME.
  public String format() {
    return user.text().isEmpty() ? Long.toString(expiresAtSeconds) : expiresAtSeconds + ":" + user;
  }
}
