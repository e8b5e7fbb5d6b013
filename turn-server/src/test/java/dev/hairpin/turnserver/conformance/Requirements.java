package dev.hairpin.turnserver.conformance;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

/// What one RFC demands of a server, as written in `src/test/resources/requirements`: the title,
/// then a line for each requirement with its section, our words for it, and its proofs.
record Requirements(String title, List<Requirement> list) {
  static List<Requirements> all() {
    return Stream.of("rfc8489", "rfc8656", "rfc6062", "rfc8016", "rfc5780")
        .map(Requirements::read)
        .toList();
  }

  private static Requirements read(String name) {
    var lines = lines("/requirements/" + name + ".txt");
    return new Requirements(
        lines.getFirst(), lines.stream().skip(1).map(Requirements::requirement).toList());
  }

  static List<String> lines(String resource) {
    try (var in = Requirements.class.getResourceAsStream(resource)) {
      var bytes = Objects.requireNonNull(in, resource).readAllBytes();
      return new String(bytes, StandardCharsets.UTF_8).lines().toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Requirement requirement(String line) {
    var columns = line.split(" \\| ", -1);
    if (columns.length != 3) {
      throw new IllegalArgumentException("a requirement has three columns: " + line);
    }
    var proofs = Stream.of(columns[2].split("; ", -1)).map(Proof::parse).toList();
    return new Requirement(columns[0], columns[1], proofs);
  }
}
