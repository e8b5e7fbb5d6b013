package dev.hairpin.turnserver.conformance;

import java.util.regex.Pattern;

/// What stands behind a requirement; prints as in the register on the page.
sealed interface Proof {
  /// Where it says why the server does otherwise, or need not.
  String DEVIATION = "deviation: ";

  String ROW = "row: ";

  /// Why what is wished for is not there yet.
  String LATER = "later: ";

  /// Reads what stands in the last column of a requirement.
  static Proof parse(String text) {
    if (text.startsWith(ROW)) {
      return TableRow.parse(text.substring(ROW.length()));
    }
    if (text.startsWith(DEVIATION)) {
      return new Deviation(text.substring(DEVIATION.length()));
    }
    if (text.startsWith(LATER)) {
      return new Later(text.substring(LATER.length()));
    }
    return NamedTest.parse(text);
  }

  /// A test of this module, or of one that builds on it. It is named rather than referred to, for
  /// test classes are no business of other packages; `RequirementsTest` looks for it.
  record NamedTest(String className, String method) implements Proof {
    private static final Pattern FORM = Pattern.compile("(\\w+)#(\\w+)");

    static NamedTest parse(String text) {
      var matcher = FORM.matcher(text);
      if (!matcher.matches()) {
        throw new IllegalArgumentException("neither a test nor anything else: " + text);
      }
      return new NamedTest(matcher.group(1), matcher.group(2));
    }

    @Override
    public String toString() {
      return "`" + className + "#" + method + "`";
    }
  }

  /// A row of the tables of answers.
  ///
  /// @param circumstances the row's credentials or what went before, or empty where it does not
  ///   matter which
  record TableRow(String message, String circumstances, String answer) implements Proof {
    private static final Pattern FORM = Pattern.compile("(.+?)(?: \\((.+)\\))? -> (.+)");

    static TableRow parse(String text) {
      var matcher = FORM.matcher(text);
      if (!matcher.matches()) {
        throw new IllegalArgumentException("no row: " + text);
      }
      String circumstances = matcher.group(2);
      return new TableRow(
          matcher.group(1), circumstances == null ? "" : circumstances, matcher.group(3));
    }

    boolean isOf(Row row) {
      return row.question().name().equals(message)
          && row.expected().toString().equals(answer)
          && (circumstances.isEmpty()
              || row.credentials().toString().equals(circumstances)
              || row.state().toString().equals(circumstances));
    }

    @Override
    public String toString() {
      return message + (circumstances.isEmpty() ? "" : " (" + circumstances + ")") + ": " + answer;
    }
  }

  /// A row of `docs/deviations.md`, by what it says of the RFC.
  record Deviation(String title) implements Proof {
    @Override
    public String toString() {
      return "[deviation](deviations.md): " + title;
    }
  }

  /// Nothing yet.
  record Later(String reason) implements Proof {
    @Override
    public String toString() {
      return "not yet: " + reason;
    }
  }
}
