package dev.hairpin.turnserver.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// The register of attacks is complete, and `docs/security-tests.md` is what it says.
class SecurityRegisterTest {
  private static final String WRITE = "security.write";
  private static final String HEAD =
      """
      # Security tests

      What has gone wrong in STUN and TURN servers, and what shows that it does not go wrong here.
      *P0* holds before any release, *P1* before production, *P2* is hardening. *Shown by* is a test,
      a row of [conformance](conformance.md) as "message (circumstances): answer", or a row of
      [deviations](deviations.md) that says why this server does otherwise.

      This page is written from `turn-server/src/test/resources/security` by `SecurityRegisterTest`,
      which fails where a proof is not there, or a P0 row has none. To write it anew:

      ```
      mvn -pl turn-server test -Dtest=SecurityRegisterTest -Dsecurity.write=true
      ```
      """;

  private final List<SecurityChapter> chapters = SecurityChapter.all();

  private Stream<SecurityRow> rows() {
    return chapters.stream().flatMap(chapter -> chapter.rows().stream());
  }

  @Test
  void everyProofThatIsNamedIsThere() {
    var proofs = rows().flatMap(row -> row.proofs().stream()).toList();
    assertEquals(List.of(), new ProofCheck().missing(proofs));
  }

  @Test
  void everyRowThatMustHoldIsShown() {
    var open = rows().filter(row -> row.priority() == SecurityRow.Priority.P0 && !row.isShown());
    assertEquals(List.of(), open.map(SecurityRow::id).toList());
  }

  @Test
  void noRowStandsTwice() {
    var ids = rows().map(SecurityRow::id).toList();
    assertEquals(ids.stream().distinct().toList(), ids);
  }

  @Test
  void thePublishedPageIsTheRegister() throws IOException {
    var file = ConformanceTest.docs().resolve("security-tests.md");
    var page = page();
    if (Boolean.getBoolean(WRITE)) {
      Files.writeString(file, page);
    }
    assertEquals(Files.readString(file), page, "write it anew as its first lines say");
  }

  private String page() {
    var page = new StringBuilder(HEAD);
    for (var chapter : chapters) {
      page.append("\n## ").append(chapter.title()).append("\n\n");
      page.append("| Row | | What holds | Shown by |\n|---|---|---|---|\n");
      chapter.rows().forEach(row -> page.append("| ").append(row).append(" |\n"));
    }
    return page.toString();
  }
}
