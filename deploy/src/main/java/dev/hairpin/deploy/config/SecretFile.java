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
  private static final Set<PosixFilePermission> OF_GROUP =
      Set.of(PosixFilePermission.GROUP_READ, PosixFilePermission.GROUP_WRITE);
  private static final Set<PosixFilePermission> OF_OTHERS =
      Set.of(PosixFilePermission.OTHERS_READ, PosixFilePermission.OTHERS_WRITE);

  /// What is unsafe about a file, in words for the operator; nothing of the contents.
  public record Fault(Unsafe kind, String what, String remedy) {}

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

  /// What is unsafe about it.
  public List<Fault> faults() {
    var faults = new ArrayList<Fault>();
    if (isOpenTo(OF_OTHERS, path) || isOpenTo(OF_GROUP, path)) {
      faults.add(open(path));
    }
    if (lines.stream().map(SecretFile::secretOf).anyMatch(SecretStrength::isWeak)) {
      faults.add(
          new Fault(
              Unsafe.WEAK_SECRETS,
              path + " holds a secret that can be guessed",
              "make a better one: openssl rand -base64 32"));
    }
    return faults;
  }

  /// A line without the times that a secret holds between.
  private static String secretOf(String line) {
    return line.replaceFirst(" +not-(before|after)=.*", "");
  }

  /// What is unsafe about the file of a certificate's key. A group may be there to read it.
  public static List<Fault> faultsOfKey(Path file) {
    return isOpenTo(OF_OTHERS, file) ? List.of(open(file)) : List.of();
  }

  private static Fault open(Path file) {
    return new Fault(
        Unsafe.OPEN_SECRET_FILES,
        file + " is open to other users of this machine",
        "run: chmod 600 " + file);
  }

  private static boolean isOpenTo(Set<PosixFilePermission> whom, Path file) {
    try {
      return Files.getPosixFilePermissions(file).stream().anyMatch(whom::contains);
    } catch (IOException | UnsupportedOperationException _) {
      return false; // a system without such permissions, or a file that is missed elsewhere
    }
  }

  @Override
  public String toString() {
    return "SecretFile[" + path + ", " + lines.size() + "]";
  }
}
