package dev.hairpin.deploy.browser;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// A certificate authority for a day, by `openssl`, and the certificate that it gave this machine.
///
/// @param root its own certificate, as PEM
/// @param chain that of `localhost`, as PEM
/// @param key the private key of the latter
public record TestAuthority(Path root, Path chain, Path key) {
  private static final String NEW_KEY =
      "openssl req -x509 -batch -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -noenc";

  /// Leaves its files in an empty folder.
  public static TestAuthority in(Path folder) {
    return in(folder, 1);
  }

  /// Lasts some days.
  public static TestAuthority in(Path folder, int days) {
    String newKey = NEW_KEY + " -days " + days;
    var root = folder.resolve("root.pem");
    var rootKey = folder.resolve("root-key.pem");
    var chain = folder.resolve("chain.pem");
    var key = folder.resolve("key.pem");
    run(newKey + " -subj /CN=hairpin-tests -keyout " + rootKey + " -out " + root);
    run(
        newKey
            + " -subj /CN=localhost -addext subjectAltName=DNS:localhost,IP:127.0.0.1"
            + " -addext basicConstraints=critical,CA:FALSE -addext extendedKeyUsage=serverAuth"
            + (" -CA " + root + " -CAkey " + rootKey + " -keyout " + key + " -out " + chain));
    return new TestAuthority(root, chain, key);
  }

  /// Lets the browser trust it whose database of certificates lies in a folder.
  void importInto(Path database) {
    try {
      Files.createDirectories(database);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    run("certutil -N --empty-password -d sql:" + database);
    run("certutil -A -n hairpin-tests -t C,, -d sql:" + database + " -i " + root);
  }

  private static void run(String command) {
    try {
      var process = new ProcessBuilder(List.of(command.split(" ", -1)));
      var running = process.redirectErrorStream(true).start();
      String said = running.inputReader().readAllAsString();
      if (running.waitFor() != 0) {
        throw new AssertionError(command + ": " + said);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }
}
