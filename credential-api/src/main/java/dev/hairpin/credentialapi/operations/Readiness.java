package dev.hairpin.credentialapi.operations;

import dev.hairpin.turnserver.credential.CredentialIssuer;
import dev.hairpin.turnserver.credential.UserId;
import dev.hairpin.turnserver.net.Family;
import dev.hairpin.turnserver.net.IpAddress;
import dev.hairpin.turnserver.net.ListenUrl;
import dev.hairpin.turnserver.net.Transport;
import dev.hairpin.turnserver.net.TransportAddress;
import dev.hairpin.turnserver.server.TurnServer;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/// Says whether clients can be served: whether an allocation succeeds through every listener of the
/// TURN server in this process. What was found holds for some seconds and one probe runs at a time,
/// so that nobody can load the server by asking.
@Singleton
final class Readiness {
  static final Duration VALIDITY = Duration.ofSeconds(5);

  /// Another one in each process: of a name that is known, somebody could use up the quota.
  private static final UserId PROBER =
      new UserId("readyz-" + HexFormat.of().toHexDigits(new SecureRandom().nextLong()));

  private static final Duration CREDENTIAL_TTL = Duration.ofMinutes(1);

  private final @Nullable TurnServer turnServer;
  private final CredentialIssuer issuer;
  private final InstantSource clock;
  private Instant probedAt = Instant.EPOCH;
  private @Nullable String obstacle;

  Readiness(@Nullable TurnServer turnServer, CredentialIssuer issuer, InstantSource clock) {
    this.turnServer = turnServer;
    this.issuer = issuer;
    this.clock = clock;
  }

  /// Why clients cannot be served, or null where they can. May block for seconds.
  synchronized @Nullable String obstacle() {
    if (turnServer == null) {
      return null;
    }
    if (turnServer.isDraining()) {
      return "the server drains: it is to stop, and takes no new clients";
    }
    if (!isFresh(clock.instant())) {
      obstacle = probe(turnServer);
      probedAt = clock.instant();
    }
    return obstacle;
  }

  /// What was found in the future is not fresh either: a clock that was set back must not keep it.
  private boolean isFresh(Instant now) {
    return !probedAt.isAfter(now) && probedAt.plus(VALIDITY).isAfter(now);
  }

  private @Nullable String probe(TurnServer server) {
    var relayed =
        server.settings().relay().addresses().stream().anyMatch(IpAddress::isIpv4)
            ? Family.IPV4
            : Family.IPV6;
    for (var listener : server.listeners()) {
      if (listener.transport() == Transport.DTLS) {
        continue; // there is no client for it here
      }
      var credential = issuer.issue(PROBER, CREDENTIAL_TTL, clock.instant());
      var target = listener.withAddress(reachable(listener.address()));
      try (var probe = new TurnProbe(wire(target, server), credential)) {
        probe.allocateAndRelease(relayed);
      } catch (IOException e) {
        return listener + ": " + e.getMessage();
      }
    }
    return null;
  }

  private static Wire wire(ListenUrl listener, TurnServer server) throws IOException {
    return listener.transport().isDatagram()
        ? new DatagramWire(listener.address())
        : new StreamWire(listener, server.settings().streams());
  }

  /// A wildcard is no address to send to; the loopback of its family is one that it covers.
  private static TransportAddress reachable(TransportAddress listener) {
    if (!listener.ip().isUnspecified()) {
      return listener;
    }
    String loopback = listener.ip().isIpv4() ? "127.0.0.1" : "::1";
    return new TransportAddress(IpAddress.parse(loopback), listener.port());
  }
}
