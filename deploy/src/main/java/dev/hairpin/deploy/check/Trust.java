package dev.hairpin.deploy.check;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;
import org.jspecify.annotations.Nullable;

/// Whose certificates are believed: those of the authorities that Java knows, and of a file.
public final class Trust {
  private Trust() {}

  /// A context that believes them.
  ///
  /// @param more PEM certificates; null for none
  /// @throws IOException with the reason, where the file holds none
  public static SSLContext of(@Nullable Path more) throws IOException {
    try {
      var certificates = new ArrayList<Certificate>();
      for (var manager : managers(null)) {
        if (manager instanceof X509TrustManager known) {
          certificates.addAll(List.of(known.getAcceptedIssuers()));
        }
      }
      if (more != null) {
        certificates.addAll(read(more));
      }
      var store = KeyStore.getInstance(KeyStore.getDefaultType());
      store.load(null, null);
      for (int i = 0; i < certificates.size(); i++) {
        store.setCertificateEntry(Integer.toString(i), certificates.get(i));
      }
      var context = SSLContext.getInstance("TLS");
      context.init(null, managers(store), null);
      return context;
    } catch (GeneralSecurityException e) {
      throw new IOException(e.getMessage(), e);
    }
  }

  private static List<Certificate> read(Path file) throws IOException, GeneralSecurityException {
    try (var in = Files.newInputStream(file)) {
      var read = CertificateFactory.getInstance("X.509").generateCertificates(in);
      if (read.isEmpty()) {
        throw new IOException("it holds no certificate");
      }
      return List.copyOf(read);
    }
  }

  /// @param store null for the authorities that Java knows
  private static TrustManager[] managers(@Nullable KeyStore store) throws GeneralSecurityException {
    var factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    factory.init(store);
    return factory.getTrustManagers();
  }
}
