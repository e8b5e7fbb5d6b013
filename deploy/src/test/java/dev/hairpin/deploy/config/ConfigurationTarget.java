package dev.hairpin.deploy.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.hairpin.deploy.serve.HairpinKeys;
import dev.hairpin.turnserver.credential.SharedSecrets;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// A configuration file of any bytes: it is read, and what is in force reads back to the same, or
/// it is refused with a word about what is wrong. Jazzer calls it too; see deploy/dev/fuzz.
public final class ConfigurationTarget {
  private static final Path FOLDER = folder();
  private static final SharedSecrets SECRETS = SharedSecrets.of("the secret of the target");

  private ConfigurationTarget() {}

  private static Path folder() {
    try {
      return Files.createTempDirectory("hairpin-fuzz");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public static void fuzzerTestOneInput(byte[] input) {
    var file = FOLDER.resolve("hairpin.yml");
    try {
      var given = Configuration.read(write(file, input), HairpinKeys.ALL);
      var configuration = TurnConfig.withFoundAddresses(given, _ -> Optional.empty());
      var text = YamlWriter.effective(configuration, Map.of());
      var again = Configuration.read(write(file, text.getBytes()), HairpinKeys.ALL);
      for (var key : HairpinKeys.ALL.all()) {
        assertEquals(configuration.all(key), again.all(key), key.path());
      }
      var _ = TurnConfig.settings(configuration, SECRETS, List.of());
    } catch (ConfigException e) {
      assertTrue(
          e.getMessage().startsWith(file.toString()) || e.getMessage().contains(": "),
          e::getMessage);
    }
  }

  private static Path write(Path file, byte[] bytes) {
    try {
      return Files.write(file, bytes);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
