package dev.hairpin.turnserver.credential;

import static dev.hairpin.turnserver.net.Checks.require;

import java.nio.charset.StandardCharsets;

/// Whom a credential was issued to: up to 255 bytes of UTF-8 without control characters. Colons are
/// allowed (Matrix: `@alice:example.org`); empty where the username is a bare expiry. In the form
/// of [OpaqueString].
public record UserId(String text) {
  public static final UserId NOBODY = new UserId("");
  private static final int MAX_BYTES = 255;

  public UserId {
    text = OpaqueString.enforce(text);
    require(
        isWellFormed(text),
        "a user is at most " + MAX_BYTES + " bytes of UTF-8 without control characters");
  }

  public static boolean isWellFormed(String text) {
    for (int i = 0; i < text.length(); i = text.offsetByCodePoints(i, 1)) {
      if (isUnsafe(text.codePointAt(i))) {
        return false;
      }
    }
    return OpaqueString.enforce(text).getBytes(StandardCharsets.UTF_8).length <= MAX_BYTES;
  }

  private static boolean isUnsafe(int codePoint) {
    return switch (Character.getType(codePoint)) {
      case Character.CONTROL,
          Character.FORMAT,
          Character.SURROGATE,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR ->
          true;
      default -> codePoint == 0xfffd; // what a decoder puts in the place of broken UTF-8
    };
  }

  @Override
  public String toString() {
    return text;
  }
}
