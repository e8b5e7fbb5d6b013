package dev.hairpin.turnserver.credential;

import java.util.Objects;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// The username of a time-limited credential: `expiry:user`, or a bare `expiry`, where expiry
/// counts seconds since 1970. Only the first colon separates. With limits it is
/// `expiry:~limits~user`; a user that begins with `~` stands behind an empty list, `expiry:~~user`.
public record CredentialUsername(long expiresAtSeconds, CredentialScope scope, UserId user) {
  private static final String MARK = "~";
  private static final Pattern FORM =
      Pattern.compile("([0-9]{1,10})(?::|\\z)(?:~([^~]*)~|(?!~))(.*)");

  /// Null where the text is not of this form.
  public static @Nullable CredentialUsername parse(String text) {
    var parts = FORM.matcher(text);
    if (!parts.matches() || !UserId.isWellFormed(parts.group(3))) {
      return null;
    }
    try {
      var scope = CredentialScope.parse(Objects.requireNonNullElse(parts.group(2), ""));
      return new CredentialUsername(
          Long.parseLong(parts.group(1)), scope, new UserId(parts.group(3)));
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
