package dev.hairpin.credentialapi.signaling;

import java.io.Serial;

/// A message after which nothing is to be said any more.
final class Ending extends Exception {
  @Serial private static final long serialVersionUID = 1;

  private final End end;
  private final String detail;

  /// @param detail one sentence for people, that quotes nothing
  Ending(End end, String detail) {
    super(detail, null, false, false);
    this.end = end;
    this.detail = detail;
  }

  End end() {
    return end;
  }

  String detail() {
    return detail;
  }
}
