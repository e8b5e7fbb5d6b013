package dev.hairpin.turnserver.conformance;

import java.util.List;
import java.util.stream.Collectors;

/// One thing that an RFC demands of a server; prints as a row of the register.
///
/// @param words ours, not the RFC's
record Requirement(String section, String words, List<Proof> proofs) {
  @Override
  public String toString() {
    var shownBy = proofs.stream().map(Proof::toString).collect(Collectors.joining("; "));
    return "%s | %s | %s".formatted(words, section, shownBy);
  }
}
