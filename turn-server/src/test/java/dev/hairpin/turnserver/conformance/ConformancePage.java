package dev.hairpin.turnserver.conformance;

import java.util.List;
import java.util.Set;

/// Renders the register and the tables as Markdown.
final class ConformancePage {
  private static final String HEAD =
      """
      # Conformance

      This page is written by `ConformanceTest` and compared with it in every build. To write it
      anew after a change:

      ```
      mvn -pl turn-server test -Dtest=ConformanceTest -Dconformance.write=true
      ```

      ## What the RFCs demand

      Everything that an RFC demands of a server, in our words: each MUST, and what it says that a
      server does. What only clients, administrators or authors of further documents must do is left
      out. *Shown by* is a test, a row of [the tables below](#what-the-server-answers) as "message
      (circumstances): answer", or a row of [deviations](deviations.md) that says why not. What
      `ConformanceTest#theServerAnswersAsTheTableSays` shows is checked of every answer to every row
      (`ResponseRules`). `RequirementsTest` fails where a test, a row or a deviation is not there.
      """;

  private static final String ANSWERS =
      """

      ## What the server answers

      Every row of these tables is put to a running server over UDP by `ConformanceTest`, by a
      client that shares no code with the server.

      *Credentials* says with what a request is signed. *Before* says what its 5-tuple has gone
      through. *Answer* is an error code, a success response, or silence; "relayed" means that the
      peer got the payload and the client no answer. *Source* is the section that demands the
      answer; a house rule is a decision of this server, most of them explained in
      [deviations](deviations.md).
      """;

  private ConformancePage() {}

  /// Renders the page.
  ///
  /// @param passed rows that are not among these are left out
  static String render(List<Requirements> requirements, List<Chapter> chapters, Set<Row> passed) {
    var page = new StringBuilder(HEAD);
    for (var rfc : requirements) {
      var table = table(page, rfc.title(), "Requirement", "Source", "Shown by");
      rfc.list().forEach(requirement -> line(table, requirement));
    }
    page.append(ANSWERS);
    for (var chapter : chapters) {
      var table =
          table(page, chapter.title(), "Message", "Credentials", "Before", "Answer", "Source");
      chapter.rows().stream().filter(passed::contains).forEach(row -> line(table, row));
    }
    return page.toString();
  }

  private static StringBuilder table(StringBuilder page, String title, String... columns) {
    page.append("\n### ").append(title).append("\n\n");
    line(page, String.join(" | ", columns));
    return page.append("|").append("---|".repeat(columns.length)).append("\n");
  }

  private static void line(StringBuilder table, Object cells) {
    table.append("| ").append(cells).append(" |\n");
  }
}
