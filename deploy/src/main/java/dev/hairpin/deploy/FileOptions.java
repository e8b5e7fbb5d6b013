package dev.hairpin.deploy;

import dev.hairpin.deploy.config.Configuration;
import dev.hairpin.deploy.config.Key;
import dev.hairpin.deploy.config.LocalAddresses;
import dev.hairpin.deploy.serve.DataDirectory;
import dev.hairpin.deploy.serve.HairpinKeys;
import dev.hairpin.deploy.serve.Plan;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// Where every command finds its configuration. Texts are parsed by the keys that they override.
final class FileOptions {
  @Option(names = "--config", paramLabel = "FILE", description = "Read this hairpin.yml.")
  private @Nullable Path config;

  @Option(
      names = "--data-dir",
      paramLabel = "DIR",
      description = "Folder of the secret and the API key that the first start makes.")
  private @Nullable String dataDir;

  /// The file, then the command line.
  Configuration configuration() {
    var keys = HairpinKeys.ALL;
    var file = config == null ? Configuration.of(keys) : Configuration.read(config, keys);
    return override(file, HairpinKeys.DATA_DIR, "--data-dir", dataDir);
  }

  /// With everything that nobody wrote.
  static Configuration fill(Configuration given) {
    var standard = DataDirectory.standard(System.getenv(), System.getProperty("user.home"));
    return Plan.fill(given, LocalAddresses.ofThisMachine(), standard);
  }

  static <T> Configuration override(
      Configuration given, Key<T> key, String flag, @Nullable String text) {
    return text == null ? given : given.withFlag(key, flag, List.of(text));
  }

  static <T> Configuration override(
      Configuration given, Key<T> key, String flag, List<String> texts) {
    return texts.isEmpty() ? given : given.withFlag(key, flag, texts);
  }
}
