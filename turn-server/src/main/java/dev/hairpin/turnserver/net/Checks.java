package dev.hairpin.turnserver.net;

/// What values and settings have to be.
public final class Checks {
  private Checks() {}

  /// Refuses what does not hold.
  ///
  /// @throws IllegalArgumentException with these words
  public static void require(boolean holds, String otherwise) {
    if (!holds) {
      throw new IllegalArgumentException(otherwise);
    }
  }
}
