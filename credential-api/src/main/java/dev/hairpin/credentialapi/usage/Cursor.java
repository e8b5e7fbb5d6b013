package dev.hairpin.credentialapi.usage;

import dev.hairpin.credentialapi.http.Refusal;
import java.nio.charset.StandardCharsets;
import java.util.Base64;

/// Where a page ended, in a form that callers only hand back. It gives nobody a right: what is
/// found behind it is still what the caller may see.
final class Cursor {
  private static final String SEPARATOR = "\0"; // in no name

  private Cursor() {}

  static String of(UsageKey last) {
    String text = String.join(SEPARATOR, "" + last.beginsSeconds(), last.tenant(), last.user());
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }

  static UsageKey read(String cursor) {
    try {
      byte[] bytes = Base64.getUrlDecoder().decode(cursor);
      String[] parts = new String(bytes, StandardCharsets.UTF_8).split(SEPARATOR, -1);
      if (parts.length == 3) {
        return new UsageKey(Long.parseLong(parts[0]), parts[1], parts[2]);
      }
    } catch (IllegalArgumentException _) {
      // neither Base64 nor a number
    }
    throw Refusal.badRequest("after is the next of an answer before");
  }
}
