package dev.hairpin.turnserver.conformance;

import java.util.List;
import java.util.Set;

/// Renders the table as Markdown.
final class ConformancePage {
  private static final String HEAD =
      """
      # What the server answers

      Every row of these tables is put to a running server over UDP by `ConformanceTest`, by a
      client that shares no code with the server. This page is written by that test and compared
      with it in every build. To write it anew after a change:

      ```
      mvn -pl turn-server test -Dtest=ConformanceTest -Dconformance.write=true
      ```

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
  static String render(List<Chapter> chapters, Set<Row> passed) {
    var page = new StringBuilder(HEAD);
    for (var chapter : chapters) {
      page.append("\n## ").append(chapter.title()).append("\n\n");
      page.append("| Message | Credentials | Before | Answer | Source |\n");
      page.append("|---|---|---|---|---|\n");
      for (var row : chapter.rows()) {
        if (passed.contains(row)) {
          page.append("| ").append(row).append(" |\n");
        }
      }
    }
    return page.toString();
  }
}
