package dev.hairpin.credentialapi;

import java.util.regex.Pattern;

/// How often somebody may call: so many times at once, and again by and by.
///
/// @param perSecond what comes back every second, up to the burst; 0 for no limit
/// @param burst calls that there are at most
public record Rate(int perSecond, int burst) {
  private static final Pattern FORM = Pattern.compile("([0-9]{1,6})/([0-9]{1,6})");

  public Rate {
    if (perSecond < 0 || burst < perSecond) {
      throw new IllegalArgumentException(
          "a rate is calls a second, and as many or more at once, like 200/400; 0/0 is no limit");
    }
  }

  /// Reads `PER_SECOND/BURST`.
  public static Rate parse(String text) {
    var form = FORM.matcher(text);
    return form.matches()
        ? new Rate(Integer.parseInt(form.group(1)), Integer.parseInt(form.group(2)))
        : new Rate(-1, 0); // refuses
  }

  public boolean isLimit() {
    return perSecond > 0;
  }

  @Override
  public String toString() {
    return perSecond + "/" + burst;
  }
}
