package dev.hairpin.deploy.supply;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/// SECURITY.md is there and true.
class SecurityPolicyTest {
  private static final Path REPOSITORY = Path.of("..");

  private static String policy() throws IOException {
    return Files.readString(REPOSITORY.resolve("SECURITY.md"));
  }

  @Test
  void itTellsHowToReportWhatIsSupportedAndWhatFollows() throws IOException {
    for (String word : List.of("private advisory", "| version | fixes |", "CVE", "days")) {
      assertTrue(policy().contains(word), word);
    }
  }

  @Test
  void everythingThatItNamesIsThere() throws IOException {
    var names =
        Pattern.compile("(?:deploy/dev|docs|turn-server/src)/[a-z0-9./-]+").matcher(policy());
    int found = 0;
    for (; names.find(); found++) {
      assertTrue(Files.exists(REPOSITORY.resolve(names.group())), names.group());
    }
    assertTrue(found > 5, "the names were not found");
  }
}
