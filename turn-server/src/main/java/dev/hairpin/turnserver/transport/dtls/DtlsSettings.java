package dev.hairpin.turnserver.transport.dtls;

import dev.hairpin.turnserver.transport.TlsIdentity;
import java.time.Duration;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// How clients are served over DTLS. The bounds hold for each loop.
///
/// @param identities asked in every handshake, on a thread of its own, for the certificate to show
///   to a client that names a server, or none
/// @param maxSessions sessions, handshakes included
/// @param maxHandshakes handshakes at once
/// @param maxSessionsPerSource sessions of one IPv4 address or one IPv6 /64 that have no allocation
/// @param handshakeTimeout how long a handshake may take
/// @param idleTimeout how long a session without allocation may say nothing
public record DtlsSettings(
    Function<@Nullable String, TlsIdentity> identities,
    int maxSessions,
    int maxHandshakes,
    int maxSessionsPerSource,
    Duration handshakeTimeout,
    Duration idleTimeout) {

  /// Settings with every default.
  public static DtlsSettings of(Function<@Nullable String, TlsIdentity> identities) {
    return new DtlsSettings(
        identities, 10_000, 256, 64, Duration.ofSeconds(10), Duration.ofSeconds(60));
  }
}
