package dev.hairpin.deploy.serve;

import dev.hairpin.credentialapi.storage.Database;
import dev.hairpin.credentialapi.storage.Storage;
import dev.hairpin.credentialapi.usage.UsageKeeper;
import dev.hairpin.deploy.config.Configuration;
import dev.hairpin.deploy.config.Format;
import dev.hairpin.deploy.config.SecretFile;
import dev.hairpin.deploy.config.Unsafe;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// Where usage is stored, by the configuration.
final class StoredUsage {
  static final String OFF = "off";
  static final String FILE = "file";

  static final Format<String> URL =
      new Format<>(
          "`off`, `file` or `jdbc:postgresql://HOST:PORT/NAME`",
          "write off, file or jdbc:postgresql://HOST:PORT/NAME, with storage.user and"
              + " storage.password-file beside it",
          StoredUsage::readUrl,
          Function.identity());

  private StoredUsage() {}

  private static String readUrl(String text) {
    if (!List.of(OFF, FILE).contains(text)) {
      Database.Server.requireForm(text);
    }
    return text;
  }

  /// Null where usage is stored nowhere.
  static @Nullable Database database(SecretReader reader) {
    var configuration = reader.configuration();
    String url = configuration.one(HairpinKeys.STORAGE_URL);
    if (!List.of(OFF, FILE).contains(url)) {
      @Nullable String user = configuration.find(HairpinKeys.STORAGE_USER).orElse(null);
      return new Database.Server(url, user, password(reader));
    }
    for (var key : List.of(HairpinKeys.STORAGE_USER, HairpinKeys.STORAGE_PASSWORD_FILE)) {
      if (configuration.isSet(key)) {
        throw configuration.wrong(
            key, "it is for PostgreSQL alone", "remove it, or name PostgreSQL by storage.url");
      }
    }
    return url.equals(OFF) ? null : new Database.Embedded(configuration.one(HairpinKeys.DATA_DIR));
  }

  /// Whether it can be guessed is the database's matter.
  private static @Nullable String password(SecretReader reader) {
    var key = HairpinKeys.STORAGE_PASSWORD_FILE;
    var configuration = reader.configuration();
    if (configuration.find(key).isEmpty()) {
      return null;
    }
    var file = SecretFile.read(configuration, key);
    if (file.lines().size() > 1) {
      throw configuration.wrong(
          key, file.path() + " holds more than a password", "leave one line in it");
    }
    reader.judge(
        key, file.faults().stream().filter(f -> f.kind() == Unsafe.OPEN_SECRET_FILES).toList());
    return file.lines().getFirst();
  }

  /// Starts to store. The database is opened when it is first needed.
  static @Nullable UsageKeeper start(Configuration configuration, @Nullable Database database) {
    return database == null
        ? null
        : UsageKeeper.start(
            new Storage(database),
            configuration.one(HairpinKeys.STORAGE_FLUSH),
            configuration.one(HairpinKeys.STORAGE_RETENTION));
  }
}
