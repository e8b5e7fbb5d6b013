package dev.hairpin.turnserver.credential;

import static dev.hairpin.turnserver.net.Checks.require;

import java.nio.charset.StandardCharsets;
import java.util.regex.Pattern;

/// Whom a credential was issued to: up to 255 bytes of UTF-8 without control characters. Colons are
/// allowed (Matrix: `@alice:example.org`); empty where the username is a bare expiry. In the form
/// of [OpaqueString].
public record UserId(String text) {
  /// Controls, formats, lone surrogates, ends of lines, and what a decoder puts in the place of
  /// broken UTF-8. That printable ASCII is none of them is asked first: most names are.
  private static final Pattern UNSAFE =
      Pattern.compile("[[^ -~]&&[\\p{Cc}\\p{Cf}\\p{Cs}\\p{Zl}\\p{Zp}\\x{FFFD}]]");

  private static final int MAX_BYTES = 255;
  public static final UserId NOBODY = new UserId("");

  public UserId {
    text = OpaqueString.enforce(text);
    require(
        isWellFormed(text),
        "a user is at most " + MAX_BYTES + " bytes of UTF-8 without control characters");
  }

  public static boolean isWellFormed(String text) {
    return !UNSAFE.matcher(text).find()
        && OpaqueString.enforce(text).getBytes(StandardCharsets.UTF_8).length <= MAX_BYTES;
  }

  @Override
  public String toString() {
    return text;
  }
}
