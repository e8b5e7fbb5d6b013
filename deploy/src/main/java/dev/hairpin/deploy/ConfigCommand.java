package dev.hairpin.deploy;

import dev.hairpin.deploy.config.ConfigException;
import dev.hairpin.deploy.config.Configuration;
import dev.hairpin.deploy.config.Key;
import dev.hairpin.deploy.config.SecretFile;
import dev.hairpin.deploy.config.TurnKeys;
import dev.hairpin.deploy.config.YamlWriter;
import dev.hairpin.deploy.serve.HairpinKeys;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// `hairpin config`.
@Command(
    name = "config",
    description = {
      "Shows the configuration as YAML; starts and makes nothing.",
      "",
      "Takes the options of serve, and checks them and the file as serve does.",
      ""
    })
final class ConfigCommand implements Callable<Integer> {
  private static final List<Key<Path>> SECRETS =
      List.of(TurnKeys.SECRET_FILE, HairpinKeys.API_KEY_FILE, HairpinKeys.API_JWT_SECRET_FILE);

  private final PrintWriter out;

  @ArgGroup(multiplicity = "1")
  private What what = new What();

  @Mixin private final ServeOptions options = new ServeOptions();

  private static final class What {
    @Option(
        names = "--effective",
        description = "What is in force after file, options and defaults; secrets are not shown.")
    private boolean effective;

    @Option(names = "--sample", description = "A hairpin.yml that explains every key.")
    private boolean sample;
  }

  ConfigCommand(PrintWriter out) {
    this.out = out;
  }

  @Override
  public Integer call() {
    if (what.sample) {
      out.print(YamlWriter.documented(HairpinKeys.ALL));
    }
    if (what.effective) {
      var configuration = options.effective();
      out.print(YamlWriter.effective(configuration, notes(configuration)));
    }
    out.flush();
    return 0;
  }

  private static Map<String, String> notes(Configuration configuration) {
    var notes = new HashMap<String, String>();
    for (var key : SECRETS) {
      configuration.find(key).ifPresent(file -> notes.put(key.path(), note(configuration, key)));
    }
    return notes;
  }

  private static String note(Configuration configuration, Key<Path> key) {
    if (!Files.exists(configuration.one(key)) && !configuration.isWritten(key)) {
      return "made at the first start";
    }
    try {
      int count = SecretFile.read(configuration, key).lines().size();
      return "holds " + (count == 1 ? "1 line" : count + " lines") + ", ******** not shown";
    } catch (ConfigException _) {
      return "cannot be read";
    }
  }
}
