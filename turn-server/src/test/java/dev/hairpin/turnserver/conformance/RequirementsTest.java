package dev.hairpin.turnserver.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// The register of requirements is complete: whatever stands behind a row is there.
class RequirementsTest {
  private static final int LONGEST_LINE = 260;

  private final List<Requirements> all = Requirements.all();

  @Test
  void everyProofThatIsNamedIsThere() {
    var proofs = all.stream().flatMap(rfc -> rfc.list().stream()).flatMap(r -> r.proofs().stream());
    assertEquals(List.of(), new ProofCheck().missing(proofs.toList()));
  }

  @Test
  void noRequirementStandsTwice() {
    for (var rfc : all) {
      var rows = rfc.list().stream().map(r -> r.section() + " " + r.words()).toList();
      assertEquals(rows.stream().distinct().toList(), rows, rfc.title());
    }
  }

  @Test
  void everyLineIsShort() {
    Predicate<Requirement> tooLong = row -> row.toString().length() > LONGEST_LINE;
    assertNone("too long", all.stream().flatMap(rfc -> rfc.list().stream()).filter(tooLong));
  }

  private static void assertNone(String fault, Stream<?> culprits) {
    assertEquals(List.of(), culprits.map(Object::toString).distinct().toList(), fault);
  }
}
