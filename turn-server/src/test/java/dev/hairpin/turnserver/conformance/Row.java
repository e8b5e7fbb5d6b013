package dev.hairpin.turnserver.conformance;

/// One line of the conformance table.
///
/// @param source where it says so: a section, or `house` for a decision of our own
record Row(
    Question question, Credentials credentials, State state, Expected expected, String source) {
  @Override
  public String toString() {
    return "%s | %s | %s | %s | %s"
        .formatted(question.name(), credentials, state, expected, source);
  }
}
