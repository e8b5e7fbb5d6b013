package dev.hairpin.turnserver.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/// A self-signed certificate for a day, made by `openssl`.
///
/// @param file the certificate, as PEM
/// @param key its private key, as PEM in PKCS#8 (`BEGIN PRIVATE KEY`)
public record TestCertificate(Path file, Path key, X509Certificate certificate) {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  /// With a key on the curve P-256.
  public static TestCertificate ec(Path directory, String name) {
    return make(directory, name, "ec", "ec_paramgen_curve:prime256v1");
  }

  /// With an RSA key of 2,048 bits.
  public static TestCertificate rsa(Path directory, String name) {
    return make(directory, name, "rsa", "rsa_keygen_bits:2048");
  }

  /// The same key in the form that it had before PKCS#8: `BEGIN RSA PRIVATE KEY` (PKCS#1) or `BEGIN
  /// EC PRIVATE KEY` (SEC 1).
  public Path traditionalKey() {
    var traditional = key.resolveSibling("traditional-" + key.getFileName());
    openssl("pkey", "-in", key.toString(), "-traditional", "-out", traditional.toString());
    return traditional;
  }

  /// The same key in PKCS#8, locked by a password.
  public Path encryptedKey(String password) {
    var locked = key.resolveSibling("encrypted-" + key.getFileName());
    openssl(
        "pkcs8",
        "-topk8",
        "-in",
        key.toString(),
        "-passout",
        "pass:" + password,
        "-out",
        locked.toString());
    return locked;
  }

  /// With a key of another kind.
  ///
  /// @param type of the key, as openssl names it
  /// @param option for its making, or an empty one
  /// @param more options for the certificate
  public static TestCertificate make(
      Path directory, String name, String type, String option, String... more) {
    try {
      var home = Files.createTempDirectory(directory, type + "-" + name + "-");
      var file = home.resolve("certificate.pem");
      var key = home.resolve("key.pem");
      var command = new ArrayList<>(List.of("req", "-x509", "-batch", "-newkey", type));
      if (!option.isEmpty()) {
        command.addAll(List.of("-pkeyopt", option));
      }
      command.addAll(List.of("-noenc", "-subj", "/CN=" + name, "-days", "1"));
      command.addAll(List.of("-addext", "subjectAltName=DNS:" + name));
      command.addAll(List.of("-keyout", key.toString(), "-out", file.toString()));
      command.addAll(List.of(more));
      openssl(command.toArray(String[]::new));
      return new TestCertificate(file, key, read(file));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static X509Certificate read(Path file) throws IOException {
    try (var stream = Files.newInputStream(file)) {
      var factory = CertificateFactory.getInstance("X.509");
      return (X509Certificate) factory.generateCertificate(stream);
    } catch (GeneralSecurityException e) {
      throw new AssertionError("openssl made no certificate", e);
    }
  }

  private static void openssl(String... arguments) {
    var command = new ArrayList<>(List.of("openssl"));
    command.addAll(List.of(arguments));
    try (var process = ChildProcess.start(command)) {
      Expect.that(process.awaitExit(PATIENCE) == 0, "openssl failed: ", process.output());
    }
  }
}
