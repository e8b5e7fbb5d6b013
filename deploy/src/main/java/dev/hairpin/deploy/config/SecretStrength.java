package dev.hairpin.deploy.config;

import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/// Tells secrets that can be guessed. One captured message is enough to try guesses against it as
/// fast as machines compute (RFC 8656 §21.1.2), so it takes 128 bits. The estimate is generous: it
/// knows lengths, alphabets, repetitions and sequences, but no dictionary.
final class SecretStrength {
  private static final int ENOUGH_BITS = 128;
  private static final int FEW_CHARACTERS = 8;

  /// Shorter ones occur among random characters.
  private static final int SEQUENCE = 6;

  /// Secrets long enough that stand in the documentation of TURN servers and what uses them.
  private static final Set<String> KNOWN =
      Set.of(
          "n0t4ctuallymatr1xd0torgsshar3d5ecret4obviousreasons",
          "a-secret-that-nobody-but-the-server-and-the-issuer-knows");

  private static final Pattern PLACEHOLDER =
      Pattern.compile(
          "change[-_ ]?(me|this|it)|replace[-_ ]?(me|this)|your[-_ ]?(\\w+[-_ ]?)?(secret|key)"
              + "|(secret|key)[-_ ]?(goes[-_ ]?)?here|insert[-_ ]?(your|secret)");

  private static final Pattern HEX = Pattern.compile("[0-9a-f]+|[0-9A-F]+");

  private SecretStrength() {}

  static boolean isWeak(String secret) {
    String small = secret.toLowerCase(Locale.ROOT);
    return KNOWN.contains(small)
        || PLACEHOLDER.matcher(small).find()
        || bits(secret.substring(0, period(secret))) < ENOUGH_BITS;
  }

  private static double bits(String text) {
    return (text.length() - foreseeable(text)) * Math.log(alphabet(text)) / Math.log(2);
  }

  /// After how many characters a text repeats itself.
  private static int period(String text) {
    int period = 1;
    while (!text.startsWith(text.substring(period))) {
      period++;
    }
    return period;
  }

  /// How many characters could be the next one.
  private static int alphabet(String text) {
    int distinct = (int) text.chars().distinct().count();
    if (distinct < FEW_CHARACTERS) {
      return distinct;
    }
    if (HEX.matcher(text).matches()) {
      return 16;
    }
    return size(text, '0', '9')
        + size(text, 'a', 'z')
        + size(text, 'A', 'Z')
        + (int)
            text.chars().distinct().filter(c -> c > 0x7f || !Character.isLetterOrDigit(c)).count();
  }

  private static int size(String text, char first, char last) {
    return text.chars().anyMatch(c -> c >= first && c <= last) ? last - first + 1 : 0;
  }

  /// How many characters follow from those before, as in `aaaaaa`, `abcdef` and `654321`.
  private static int foreseeable(String text) {
    int sum = 0;
    int start = 0;
    for (int i = 1; i <= text.length(); i++) {
      boolean goesOn =
          i < text.length()
              && Math.abs(text.charAt(i) - text.charAt(i - 1)) <= 1
              && (i == start + 1
                  || text.charAt(i) - text.charAt(i - 1)
                      == text.charAt(i - 1) - text.charAt(i - 2));
      if (!goesOn) {
        int length = i - start;
        sum += length >= SEQUENCE ? length - 1 : 0;
        start = i;
      }
    }
    return sum;
  }
}
