package dev.hairpin.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;

/// A self-signed certificate, made by `openssl`, and clients that accept it.
record Certificate(Path file, Path key) {
  static Certificate make(Path folder) throws IOException, InterruptedException {
    var made = new Certificate(folder.resolve("certificate.pem"), folder.resolve("key.pem"));
    var process =
        new ProcessBuilder(
                "openssl",
                "req",
                "-x509",
                "-batch",
                "-newkey",
                "ec",
                "-pkeyopt",
                "ec_paramgen_curve:prime256v1",
                "-noenc",
                "-subj",
                "/CN=localhost",
                "-days",
                "1",
                "-keyout",
                made.key.toString(),
                "-out",
                made.file.toString())
            .redirectErrorStream(true)
            .start();
    process.getInputStream().readAllBytes();
    assertEquals(0, process.waitFor());
    return made;
  }

  SSLEngine newEngine() {
    try {
      var context = SSLContext.getInstance("TLS");
      context.init(null, InsecureTrustManagerFactory.INSTANCE.getTrustManagers(), null);
      var engine = context.createSSLEngine();
      engine.setUseClientMode(true);
      return engine;
    } catch (GeneralSecurityException e) {
      throw new AssertionError(e);
    }
  }
}
