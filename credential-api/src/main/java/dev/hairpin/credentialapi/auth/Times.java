package dev.hairpin.credentialapi.auth;

import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.regex.Pattern;

/// Instants as they are written: RFC 3339, in UTC and whole seconds.
public final class Times {
  private static final Pattern FORM =
      Pattern.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z");

  private Times() {}

  /// Reads one.
  ///
  /// @param name of the field
  /// @throws IllegalArgumentException that begins with the name
  public static Instant read(String name, String text) {
    try {
      if (FORM.matcher(text).matches()) {
        return Instant.parse(text);
      }
    } catch (DateTimeParseException _) {
      // no such day
    }
    throw new IllegalArgumentException(name + " is a time like 2027-01-31T12:00:00Z");
  }
}
