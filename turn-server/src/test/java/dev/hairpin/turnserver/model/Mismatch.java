package dev.hairpin.turnserver.model;

/// Server and model differ, or an invariant does not hold.
final class Mismatch extends AssertionError {
  private static final long serialVersionUID = 1;

  Mismatch(String complaint) {
    super(complaint);
  }
}
