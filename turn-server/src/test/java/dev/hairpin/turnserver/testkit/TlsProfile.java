package dev.hairpin.turnserver.testkit;

import java.io.IOException;
import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.List;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;
import org.jspecify.annotations.Nullable;

/// Whom a client trusts over TLS, and what it asks the server for.
///
/// @param trusted the only certificates that it accepts; names and dates do not count
/// @param serverName what it sends as SNI (RFC 6066 §3); null for none
/// @param applicationProtocols what it offers by ALPN (RFC 7301), best first
/// @param versions the versions of TLS that it offers; the library's where there are none
public record TlsProfile(
    List<X509Certificate> trusted,
    @Nullable String serverName,
    List<String> applicationProtocols,
    List<String> versions) {

  public static TlsProfile trusting(TestCertificate... certificates) {
    var trusted = List.of(certificates).stream().map(TestCertificate::certificate).toList();
    return new TlsProfile(trusted, null, List.of(), List.of());
  }

  public TlsProfile withServerName(String name) {
    return new TlsProfile(trusted, name, applicationProtocols, versions);
  }

  public TlsProfile withAlpn(String... protocols) {
    return new TlsProfile(trusted, serverName, List.of(protocols), versions);
  }

  public TlsProfile withVersions(String... newVersions) {
    return new TlsProfile(trusted, serverName, applicationProtocols, List.of(newVersions));
  }

  /// A context that trusts these certificates alone; its sessions are never resumed by others.
  SSLContext context(String protocol) {
    try {
      var context = SSLContext.getInstance(protocol);
      context.init(null, new TrustManager[] {new Pinned(trusted)}, null);
      return context;
    } catch (GeneralSecurityException e) {
      throw new AssertionError("every Java has " + protocol, e);
    }
  }

  SSLSocket handshake(Socket plain) throws IOException {
    String host = plain.getInetAddress().getHostAddress();
    var socket =
        (SSLSocket)
            context("TLS").getSocketFactory().createSocket(plain, host, plain.getPort(), true);
    var parameters = socket.getSSLParameters();
    parameters.setServerNames(
        serverName == null ? List.of() : List.of(new SNIHostName(serverName)));
    parameters.setApplicationProtocols(applicationProtocols.toArray(String[]::new));
    if (!versions.isEmpty()) {
      parameters.setProtocols(versions.toArray(String[]::new));
    }
    socket.setSSLParameters(parameters);
    socket.startHandshake();
    return socket;
  }

  private record Pinned(List<X509Certificate> trusted) implements X509TrustManager {
    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType)
        throws CertificateException {
      if (!trusted.contains(chain[0])) {
        throw new CertificateException("not trusted: " + chain[0].getSubjectX500Principal());
      }
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType)
        throws CertificateException {
      throw new CertificateException("this is a client");
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return new X509Certificate[0];
    }
  }
}
