package dev.hairpin.deploy.config;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/// A file of secrets, one a line; blank lines and lines that start with `#` are passed over. Its
/// lines are never printed.
public record SecretFile(Path path, List<String> lines) {
  private static final int MAX_BYTES = 1 << 16;
  private static final int SHORT = 16;
  private static final Set<PosixFilePermission> FOREIGN =
      Set.of(
          PosixFilePermission.GROUP_READ,
          PosixFilePermission.OTHERS_READ,
          PosixFilePermission.GROUP_WRITE,
          PosixFilePermission.OTHERS_WRITE);

  public SecretFile {
    lines = List.copyOf(lines);
  }

  /// Reads the file that a key names.
  ///
  /// @throws ConfigException that blames the key, where the file cannot be read or holds nothing
  public static SecretFile read(Configuration configuration, Key<Path> key) {
    var lines = lines(configuration, key, MAX_BYTES);
    var path = configuration.one(key);
    if (lines.isEmpty()) {
      throw configuration.wrong(key, path + " holds no secret", "write one into its first line");
    }
    return new SecretFile(path, lines);
  }

  /// The lines of the file that a key names.
  static List<String> lines(Configuration configuration, Key<Path> key, int maxBytes) {
    var path = configuration.one(key);
    try {
      if (Files.size(path) > maxBytes) {
        throw configuration.wrong(
            key, path + " is larger than " + (maxBytes >> 10) + " KB", "name another file");
      }
      return Files.readAllLines(path).stream()
          .map(String::strip)
          .filter(line -> !line.isEmpty() && !line.startsWith("#"))
          .toList();
    } catch (IOException e) {
      throw configuration.wrong(
          key,
          "cannot read " + path + ": " + FileProblem.of(e),
          "name a file that this user can read");
    }
  }

  /// What is unsafe about it, in words for the operator; nothing of the contents.
  public List<String> warnings() {
    var warnings = new ArrayList<String>();
    if (isOpenToOthers()) {
      warnings.add(path + " is open to other users of this machine; run: chmod 600 " + path);
    }
    if (lines.stream().anyMatch(SecretFile::isShort)) {
      warnings.add(
          path
              + " holds a secret of fewer than "
              + SHORT
              + " characters, which can be guessed; make a better one: openssl rand -base64 32");
    }
    return warnings;
  }

  private static boolean isShort(String line) {
    return line.replaceFirst(" +not-(before|after)=.*", "").length() < SHORT;
  }

  private boolean isOpenToOthers() {
    try {
      return Files.getPosixFilePermissions(path).stream().anyMatch(FOREIGN::contains);
    } catch (IOException | UnsupportedOperationException e) {
      return false; // a system without such permissions
    }
  }

  @Override
  public String toString() {
    return "SecretFile[" + path + ", " + lines.size() + "]";
  }
}
