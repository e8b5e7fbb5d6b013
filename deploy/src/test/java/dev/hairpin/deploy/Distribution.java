package dev.hairpin.deploy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.jar.Attributes;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.stream.Collectors;

/// What an operator unpacks, except that its library is one jar which names the class path of the
/// tests.
public record Distribution(Path home) {
  public static Distribution assemble(Path home) throws IOException {
    Files.createDirectories(home.resolve("bin"));
    Files.createDirectories(home.resolve("lib"));
    copy(Path.of("src/main/distribution/bin/hairpin"), home.resolve("bin/hairpin"));
    copy(Path.of("dev/find-jdk25"), home.resolve("bin/find-jdk25"));
    copy(
        Path.of("src/main/distribution/lib/compile-commands"),
        home.resolve("lib/compile-commands"));
    var manifest = new Manifest();
    manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
    manifest.getMainAttributes().put(Attributes.Name.CLASS_PATH, classPath());
    try (var out = Files.newOutputStream(home.resolve("lib/hairpin.jar"));
        var jar = new JarOutputStream(out, manifest)) {
      jar.finish();
    }
    return new Distribution(home);
  }

  private static String classPath() {
    String path =
        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
    return Arrays.stream(path.split(":", -1))
        .map(entry -> Path.of(entry).toUri().toString())
        .collect(Collectors.joining(" "));
  }

  private static void copy(Path from, Path to) throws IOException {
    Files.copy(from, to);
    if (!to.toFile().setExecutable(true)) {
      throw new UncheckedIOException(new IOException("cannot make " + to + " executable"));
    }
  }

  public Path program() {
    return home.resolve("bin/hairpin");
  }
}
