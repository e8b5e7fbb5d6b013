package dev.hairpin.turnserver.credential;

import org.jspecify.annotations.Nullable;

/// The username of a time-limited credential: `expiry:user`, or a bare `expiry`, where expiry
/// counts seconds since 1970. Only the first colon separates. With limits it is
/// `expiry:~limits~user`; a user that begins with `~` stands behind an empty list, `expiry:~~user`.
public record CredentialUsername(long expiresAtSeconds, CredentialScope scope, UserId user) {
  private static final int MAX_DIGITS = 10;
  private static final String MARK = "~";

  /// Null where the text is not of this form.
  public static @Nullable CredentialUsername parse(String text) {
    int colon = text.indexOf(':');
    String expiry = colon < 0 ? text : text.substring(0, colon);
    String rest = colon < 0 ? "" : text.substring(colon + 1);
    boolean marked = rest.startsWith(MARK);
    int end = marked ? rest.indexOf(MARK, 1) : 0;
    String user = marked ? rest.substring(end + 1) : rest;
    boolean wellFormed =
        end >= 0
            && !expiry.isEmpty()
            && expiry.length() <= MAX_DIGITS
            && expiry.chars().allMatch(c -> c >= '0' && c <= '9')
            && UserId.isWellFormed(user);
    if (!wellFormed) {
      return null;
    }
    try {
      var scope = CredentialScope.parse(rest.substring(Math.min(1, end), end));
      return new CredentialUsername(Long.parseLong(expiry), scope, new UserId(user));
    } catch (IllegalArgumentException _) {
      return null; // a limit that is not understood
    }
  }

  /// Whose it is.
  public Account account() {
    return new Account(scope.tenant(), user);
  }

  /// As it goes into USERNAME.
  public String format() {
    boolean marked = !scope.equals(CredentialScope.NONE) || user.text().startsWith(MARK);
    String rest = marked ? MARK + scope.format() + MARK + user : user.text();
    return rest.isEmpty() ? Long.toString(expiresAtSeconds) : expiresAtSeconds + ":" + rest;
  }
}
