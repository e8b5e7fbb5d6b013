package dev.hairpin.deploy.serve;

import dev.hairpin.credentialapi.OwnerOnly;
import dev.hairpin.deploy.config.Configuration;
import dev.hairpin.deploy.config.FileProblem;
import dev.hairpin.deploy.config.Key;
import dev.hairpin.deploy.config.Origin;
import dev.hairpin.deploy.config.TurnKeys;
import dev.hairpin.turnserver.credential.SharedSecrets;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The folder of a program that was told of no secrets: makes them once and keeps them, for the
/// owner alone.
public final class DataDirectory {
  static final String SECRET = "turn-secret";
  static final String API_KEY = "api-key";

  /// What callers of the API revoke.
  static final String REVOKED = "revoked";

  static final String KEY_RING = "api-keys";

  private DataDirectory() {}

  /// By the XDG base directory specification, which passes over relative paths.
  public static Path standard(Map<String, String> environment, String home) {
    @Nullable String data = environment.get("XDG_DATA_HOME");
    boolean usable = data != null && data.startsWith("/");
    return (usable ? Path.of(data) : Path.of(home, ".local", "share")).resolve("hairpin");
  }

  /// Names the files for what nobody wrote; touches nothing.
  static Configuration fill(Configuration given, Path standard) {
    var filled =
        given.isSet(HairpinKeys.DATA_DIR)
            ? given
            : given.withFound(HairpinKeys.DATA_DIR, List.of(standard));
    var folder = filled.one(HairpinKeys.DATA_DIR);
    if (!filled.isSet(TurnKeys.SECRET_FILE)) {
      filled = filled.withFound(TurnKeys.SECRET_FILE, List.of(folder.resolve(SECRET)));
    }
    if (!filled.isSet(HairpinKeys.API_KEY_FILE)
        && !filled.isSet(HairpinKeys.API_JWT_SECRET_FILE)
        && !filled.isSet(HairpinKeys.API_JWKS_URL)) {
      filled = filled.withFound(HairpinKeys.API_KEY_FILE, List.of(folder.resolve(API_KEY)));
    }
    return filled.isSet(HairpinKeys.API_KEY_RING)
        ? filled
        : filled.withFound(HairpinKeys.API_KEY_RING, List.of(folder.resolve(KEY_RING)));
  }

  /// Makes the file of a key that nobody wrote, unless it is there.
  static void ensure(Configuration configuration, Key<Path> key) {
    boolean ours = configuration.origin(key) == Origin.Unwritten.FOUND;
    if (!ours || Files.exists(configuration.one(key))) {
      return;
    }
    var folder = configuration.one(HairpinKeys.DATA_DIR);
    try {
      createFolder(folder);
      create(configuration.one(key));
    } catch (IOException e) {
      throw configuration.wrong(
          HairpinKeys.DATA_DIR,
          "cannot keep secrets in " + folder + ": " + FileProblem.of(e),
          "name a folder that this user can write to, by --data-dir or data-dir");
    }
  }

  private static void createFolder(Path folder) throws IOException {
    if (!Files.isDirectory(folder)) {
      if (folder.getParent() != null) {
        Files.createDirectories(folder.getParent());
      }
      Files.createDirectories(folder, OwnerOnly.FOLDER);
    }
  }

  /// Links a finished file to its name, so that nobody ever reads half a secret; where two
  /// processes start at once, the first wins and both use its file.
  private static void create(Path file) throws IOException {
    var draft = Files.createTempFile(file.getParent(), ".new-", "", OwnerOnly.FILE);
    try {
      Files.writeString(draft, SharedSecrets.generate() + "\n");
      Files.createLink(file, draft);
    } catch (FileAlreadyExistsException e) {
      // the other process was faster
    } finally {
      Files.delete(draft);
    }
  }
}
