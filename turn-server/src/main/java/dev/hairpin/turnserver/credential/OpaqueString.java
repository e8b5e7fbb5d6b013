package dev.hairpin.turnserver.credential;

import java.text.Normalizer;
import java.util.regex.Pattern;

/// The OpaqueString profile of RFC 8265 §4.2, as far as it changes a text: clients apply it to
/// usernames, realms and passwords before they hash them (RFC 8489 §9.2.2), so what is issued must
/// be in this form already.
public final class OpaqueString {
  private static final Pattern SPACES = Pattern.compile("\\p{Zs}");

  private OpaqueString() {}

  public static String enforce(String text) {
    for (int i = 0; i < text.length(); i++) {
      if (text.charAt(i) >= 0x80) {
        return Normalizer.normalize(SPACES.matcher(text).replaceAll(" "), Normalizer.Form.NFC);
      }
    }
    return text; // ASCII: most are, and each request asks
  }
}
