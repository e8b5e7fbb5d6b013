package dev.hairpin.turnserver.transport;

import static dev.hairpin.turnserver.net.Checks.require;

import com.sun.management.UnixOperatingSystemMXBean;
import dev.hairpin.turnserver.net.IpPrefix;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/// How clients are served over TCP and TLS.
///
/// @param certificates shown by TLS and DTLS listeners; the first where a client names no server
/// @param proxies load balancers, which start every connection with a PROXY protocol header; nobody
///   else may send one
/// @param strangers bounds on clients that have not shown a password
/// @param timeouts of connections
/// @param backlogBytes what is kept for a client that reads slowly; what comes beyond is dropped
public record StreamSettings(
    List<CertificateFiles> certificates,
    List<IpPrefix> proxies,
    Strangers strangers,
    Timeouts timeouts,
    int backlogBytes) {
  public static final StreamSettings DEFAULT =
      new StreamSettings(
          List.of(),
          List.of(),
          Strangers.DEFAULT,
          new Timeouts(Duration.ofSeconds(5), Duration.ofSeconds(10), Duration.ofSeconds(60)),
          256 << 10);

  /// What clients may take before they have shown a password; 0 is no bound. A source is an IPv4
  /// address or a /64 of IPv6.
  ///
  /// @param perSource connections of one source
  /// @param total connections; beyond them the oldest is closed
  /// @param handshakes of TLS that one source may begin in a second
  /// @param patience from accept to an allocation, or another success that takes a password
  public record Strangers(int perSource, int total, int handshakes, Duration patience) {
    /// The total is a fifth of the descriptors that the process may open.
    public static final Strangers DEFAULT =
        new Strangers(64, descriptors() / 5, 20, Duration.ofSeconds(30));

    public Strangers {
      require(perSource >= 0 && total >= 0 && handshakes >= 0, "a limit is 0 or more");
    }

    private static int descriptors() {
      return ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean unix
          ? (int) Math.min(unix.getMaxFileDescriptorCount(), Integer.MAX_VALUE)
          : 0;
    }
  }

  /// How long a connection may take.
  ///
  /// @param handshake from accept to the first byte, or to the end of PROXY header and TLS
  ///   handshake
  /// @param firstMessage from there to the first whole message, and from the first byte of any
  ///   further message to its last while there is no allocation
  /// @param idle without an allocation
  public record Timeouts(Duration handshake, Duration firstMessage, Duration idle) {}

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
    return new StreamSettings(newCertificates, proxies, strangers, timeouts, backlogBytes);
  }
}
