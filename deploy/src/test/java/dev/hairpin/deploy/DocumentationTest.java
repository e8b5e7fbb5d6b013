package dev.hairpin.deploy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.hairpin.deploy.config.KeySet;
import dev.hairpin.deploy.config.YamlWriter;
import dev.hairpin.deploy.serve.HairpinKeys;
import dev.hairpin.deploy.serve.TenantKeys;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;

/// What is written about the program and what it does are one. A failure shows what to paste.
class DocumentationTest {
  private static final Path DOCS = Path.of("..", "docs");
  private static final String BEGIN = "<!-- keys: begin -->\n";
  private static final String END = "<!-- keys: end -->\n";

  @Test
  void theTableOfKeysIsThatOfTheDeclarations() throws IOException {
    assertEquals(table(HairpinKeys.ALL), tableIn("configuration.md"));
  }

  @Test
  void theTableOfTenantsKeysIsThatOfTheDeclarations() throws IOException {
    assertEquals(table(TenantKeys.ALL), tableIn("tenants.md"));
  }

  private static String tableIn(String name) throws IOException {
    String page = Files.readString(DOCS.resolve(name));
    return page.substring(page.indexOf(BEGIN) + BEGIN.length(), page.indexOf(END));
  }

  @Test
  void theSampleOfTheDistributionIsThatOfTheDeclarations() throws IOException {
    assertEquals(
        YamlWriter.documented(HairpinKeys.ALL),
        Files.readString(Path.of("src", "main", "distribution", "conf", "hairpin.yml")));
  }

  @Test
  void everyOptionOfEveryCommandIsDescribed() throws IOException {
    String page = Files.readString(DOCS.resolve("program.md"));
    for (var command : commands().getSubcommands().entrySet()) {
      String heading = "## hairpin " + command.getKey() + "\n";
      int start = page.indexOf(heading);
      assertTrue(start >= 0, heading);
      int next = page.indexOf("\n## ", start);
      String section = next < 0 ? page.substring(start) : page.substring(start, next);
      for (var option : options(command.getValue()).toList()) {
        String name = option.longestName();
        boolean standard = name.equals("--help") || name.equals("--version");
        assertTrue(standard || section.contains("`" + name), command.getKey() + " " + name);
      }
    }
  }

  @Test
  void noOptionIsDescribedThatDoesNotExist() throws IOException {
    String page = Files.readString(DOCS.resolve("program.md"));
    var written = Pattern.compile("`(--[a-z-]+)").matcher(page);
    while (written.find()) {
      String name = written.group(1);
      boolean known =
          commands().getSubcommands().values().stream()
              .flatMap(DocumentationTest::options)
              .anyMatch(option -> List.of(option.names()).contains(name));
      assertTrue(known, name);
    }
  }

  /// Those of a command and of the commands below it.
  private static Stream<OptionSpec> options(CommandLine command) {
    return Stream.concat(
        command.getCommandSpec().options().stream(),
        command.getSubcommands().values().stream().flatMap(DocumentationTest::options));
  }

  private static String table(KeySet keys) {
    var table = new StringBuilder("| key | form | default | what it is |\n|---|---|---|---|\n");
    for (var key : keys.all()) {
      table
          .append("| `")
          .append(key.path())
          .append("` | ")
          .append(key.formText().replace("|", "\\|"))
          .append(" | ")
          .append(key.defaultText())
          .append(" | ")
          .append(key.help())
          .append(" |\n");
    }
    return table.toString();
  }

  private static CommandLine commands() {
    var nowhere = new PrintWriter(Writer.nullWriter());
    return Hairpin.commandLine(nowhere, nowhere);
  }
}
