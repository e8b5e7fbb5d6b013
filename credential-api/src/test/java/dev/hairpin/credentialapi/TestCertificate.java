package dev.hairpin.credentialapi;

import dev.hairpin.turnserver.transport.StreamSettings.CertificateFiles;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.util.List;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/// A certificate of this machine's for a day, by `openssl`, and a client's trust in it.
public record TestCertificate(CertificateFiles files) {
  public static TestCertificate in(Path folder) {
    var chain = folder.resolve("chain.pem");
    var key = folder.resolve("key.pem");
    var command =
        List.of(
            ("openssl req -x509 -batch -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -noenc"
                    + " -subj /CN=localhost -addext subjectAltName=DNS:localhost,IP:127.0.0.1"
                    + " -days 1 -keyout "
                    + key
                    + " -out "
                    + chain)
                .split(" ", -1));
    try {
      var process = new ProcessBuilder(command).redirectErrorStream(true).start();
      String said = process.inputReader().readAllAsString();
      if (process.waitFor() != 0) {
        throw new AssertionError(said);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
    return new TestCertificate(new CertificateFiles(chain, key));
  }

  public SSLContext trust() {
    try (var in = Files.newInputStream(files.chain())) {
      var store = KeyStore.getInstance(KeyStore.getDefaultType());
      store.load(null, null);
      store.setCertificateEntry(
          "server", CertificateFactory.getInstance("X.509").generateCertificate(in));
      var trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      trust.init(store);
      var context = SSLContext.getInstance("TLS");
      context.init(null, trust.getTrustManagers(), null);
      return context;
    } catch (IOException | GeneralSecurityException e) {
      throw new AssertionError(e);
    }
  }
}
