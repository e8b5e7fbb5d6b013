package dev.hairpin.bench;

import dev.hairpin.turnserver.net.Transport;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import javax.net.ssl.SSLEngine;
import org.jspecify.annotations.Nullable;

/// A TURN server under test.
///
/// @param name what it is called in the results
/// @param url as the user wrote it
/// @param transport `UDP`, `TCP` or `TLS`
/// @param tls makes the client's end of a TLS connection; null where there is none
/// @param pid of its process on this machine; 0 where nobody told it
public record Target(
    String name,
    String url,
    Transport transport,
    InetSocketAddress address,
    @Nullable TlsClient tls,
    Credentials credentials,
    long pid) {
  public Target {
    if (transport == Transport.DTLS) {
      throw new IllegalArgumentException(
          url + ": DTLS is not spoken here; use turn: or turns: by tcp");
    }
    if (transport == Transport.TLS && tls == null) {
      throw new IllegalArgumentException(url + " needs TLS");
    }
  }

  /// Makes engines in client mode.
  @FunctionalInterface
  public interface TlsClient {
    SSLEngine newEngine();
  }

  /// Whether the packets stay on this machine or in a private network.
  public boolean isNear() {
    return isNear(address.getAddress());
  }

  static boolean isNear(InetAddress ip) {
    byte[] bytes = ip.getAddress();
    boolean uniqueLocal = bytes.length == 16 && (bytes[0] & 0xfe) == 0xfc;
    return ip.isLoopbackAddress()
        || ip.isSiteLocalAddress()
        || ip.isLinkLocalAddress()
        || uniqueLocal;
  }
}
