package dev.hairpin.turnserver.conformance;

import java.util.List;
import java.util.stream.Collectors;

/// One way in which servers of this kind have failed, and what shows that this one does not; prints
/// as a row of the page.
///
/// @param words what must hold
record SecurityRow(String id, Priority priority, String words, List<Proof> proofs) {
  /// How much it matters.
  enum Priority {
    /// Before any release.
    P0,
    /// Before production.
    P1,
    /// Hardening.
    P2
  }

  boolean isShown() {
    return !proofs.isEmpty() && proofs.stream().noneMatch(Proof.Later.class::isInstance);
  }

  @Override
  public String toString() {
    var shownBy = proofs.stream().map(Proof::toString).collect(Collectors.joining("; "));
    return "%s | %s | %s | %s".formatted(id, priority, words, shownBy);
  }
}
