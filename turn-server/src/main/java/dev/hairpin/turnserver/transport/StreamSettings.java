package dev.hairpin.turnserver.transport;

import dev.hairpin.turnserver.net.IpPrefix;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/// How clients are served over TCP and TLS.
///
/// @param certificates shown by TLS and DTLS listeners; the first where a client names no server
/// @param proxies load balancers, which start every connection with a PROXY protocol header; nobody
///   else may send one
/// @param handshakeTimeout from accept to the end of PROXY header and TLS handshake
/// @param firstMessageTimeout from there to the first whole message
/// @param idleTimeout of a connection without an allocation
/// @param backlogBytes what is kept for a client that reads slowly; what comes beyond is dropped
public record StreamSettings(
    List<CertificateFiles> certificates,
    List<IpPrefix> proxies,
    Duration handshakeTimeout,
    Duration firstMessageTimeout,
    Duration idleTimeout,
    int backlogBytes) {
  public static final StreamSettings DEFAULT =
      new StreamSettings(
          List.of(),
          List.of(),
          Duration.ofSeconds(10),
          Duration.ofSeconds(10),
          Duration.ofSeconds(60),
          256 << 10);

  /// PEM files.
  ///
  /// @param chain the server's certificate, then those that vouch for it
  /// @param key its private key: PKCS#8, PKCS#1 or SEC1, without a password
  public record CertificateFiles(Path chain, Path key) {}

  public StreamSettings {
    certificates = List.copyOf(certificates);
    proxies = List.copyOf(proxies);
  }

  public StreamSettings withCertificates(List<CertificateFiles> newCertificates) {
    return new StreamSettings(
        newCertificates, proxies, handshakeTimeout, firstMessageTimeout, idleTimeout, backlogBytes);
  }

  public StreamSettings withProxies(List<IpPrefix> newProxies) {
    return new StreamSettings(
        certificates, newProxies, handshakeTimeout, firstMessageTimeout, idleTimeout, backlogBytes);
  }
}
