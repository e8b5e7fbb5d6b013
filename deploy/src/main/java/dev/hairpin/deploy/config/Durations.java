package dev.hairpin.deploy.config;

import java.time.Duration;
import java.util.regex.Pattern;

/// Durations as operators write them: `300s`, `10m`, `24h`, `2d`.
final class Durations {
  private static final Pattern FORM = Pattern.compile("([0-9]{1,9})([smhd])");
  private static final int DAY = 86_400;
  private static final int HOUR = 3_600;
  private static final int MINUTE = 60;

  private Durations() {}

  static Duration read(String text) {
    var form = FORM.matcher(text);
    if (!form.matches()) {
      throw new IllegalArgumentException("'" + text + "' is not a duration");
    }
    long count = Long.parseLong(form.group(1));
    int unit =
        switch (form.group(2)) {
          case "d" -> DAY;
          case "h" -> HOUR;
          case "m" -> MINUTE;
          default -> 1;
        };
    return Duration.ofSeconds(count * unit);
  }

  /// In the largest unit that leaves no rest; a day stays `24h`.
  static String write(Duration duration) {
    long seconds = duration.toSeconds();
    if (seconds > DAY && seconds % DAY == 0) {
      return seconds / DAY + "d";
    }
    if (seconds >= HOUR && seconds % HOUR == 0) {
      return seconds / HOUR + "h";
    }
    return seconds >= MINUTE && seconds % MINUTE == 0 ? seconds / MINUTE + "m" : seconds + "s";
  }
}
