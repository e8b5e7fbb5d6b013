package dev.hairpin.turnserver.conformance;

import java.util.List;
import java.util.stream.Stream;

/// The rows on one kind of trouble, as written in `src/test/resources/security`: the title, then a
/// line for each row with its id, its priority, what must hold, and the proofs.
record SecurityChapter(String title, List<SecurityRow> rows) {
  private static final List<String> FILES =
      List.of(
          "peer", "tcpr", "amp", "auth", "pre", "quota", "perm", "strm", "msg", "data", "ext",
          "obs", "adm", "api", "jvm", "life", "sup", "test");

  static List<SecurityChapter> all() {
    return FILES.stream().map(SecurityChapter::read).toList();
  }

  private static SecurityChapter read(String name) {
    var lines = Requirements.lines("/security/" + name + ".txt");
    return new SecurityChapter(
        lines.getFirst(), lines.stream().skip(1).map(SecurityChapter::row).toList());
  }

  private static SecurityRow row(String line) {
    var columns = line.split(" \\| ", -1);
    if (columns.length != 4) {
      throw new IllegalArgumentException("a row has four columns: " + line);
    }
    var priority = SecurityRow.Priority.valueOf(columns[1]);
    var proofs = Stream.of(columns[3].split("; ", -1)).map(Proof::parse).toList();
    return new SecurityRow(columns[0], priority, columns[2], proofs);
  }
}
