package dev.hairpin.turnserver.testkit;

import org.jspecify.annotations.Nullable;

/// Says what is wrong with an answer, and shows it.
final class Expect {
  private Expect() {}

  static void that(boolean condition, String complaint, @Nullable Object exhibit) {
    if (!condition) {
      throw new AssertionError(complaint + exhibit);
    }
  }
}
