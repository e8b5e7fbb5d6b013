package dev.hairpin.turnserver.relay;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.hairpin.turnserver.allocation.Applicant;
import dev.hairpin.turnserver.allocation.ClientLink;
import dev.hairpin.turnserver.allocation.FiveTuple;
import dev.hairpin.turnserver.allocation.RelaySocket;
import dev.hairpin.turnserver.auth.AuthResult.Known;
import dev.hairpin.turnserver.credential.CredentialScope;
import dev.hairpin.turnserver.credential.CredentialUsername;
import dev.hairpin.turnserver.credential.UserId;
import dev.hairpin.turnserver.net.Family;
import dev.hairpin.turnserver.net.IpAddress;
import dev.hairpin.turnserver.net.PortRange;
import dev.hairpin.turnserver.net.Transport;
import dev.hairpin.turnserver.net.TransportAddress;
import dev.hairpin.turnserver.policy.Descriptors;
import dev.hairpin.turnserver.policy.QuotaSettings;
import dev.hairpin.turnserver.policy.Quotas;
import dev.hairpin.turnserver.stun.IntegrityAlgorithm;
import dev.hairpin.turnserver.stun.IntegrityKey;
import dev.hairpin.turnserver.turn.PortWish;
import dev.hairpin.turnserver.udp.UdpEngine;
import dev.hairpin.turnserver.udp.UdpSocket;
import java.lang.reflect.Proxy;
import java.util.List;
import org.junit.jupiter.api.Test;

/// Relay ports are drawn so that nobody can guess the next: uniformly, and each without regard to
/// the one before.
class RelayPortDrawTest {
  private static final IpAddress LOCAL = IpAddress.parse("192.0.2.1");
  private static final PortRange RANGE = PortRange.DYNAMIC;
  private static final int DRAWS = 300_000;
  private static final int BINS = 256;

  private final UdpRelaySockets sockets =
      new UdpRelaySockets(
          new RelayPools(
              new RelaySettings(List.of(LOCAL), List.of(), RANGE),
              new Quotas(QuotaSettings.DEFAULT, new Descriptors(100))),
          fake(UdpEngine.class),
          events(),
          0);

  @Test
  void thePortsOfManyAllocationsAreUniformAndUncorrelated() {
    var ports = new double[DRAWS];
    for (int i = 0; i < DRAWS; i++) {
      ports[i] = draw();
    }
    assertTrue(chiSquared(ports) < 366, () -> "chi squared " + chiSquared(ports)); // p = 10^-5.5
    double correlation = serialCorrelation(ports);
    assertTrue(Math.abs(correlation) < 0.01, () -> "serial correlation " + correlation);
    int repeated = 0;
    for (int i = 2; i < DRAWS; i++) {
      repeated += ports[i] - ports[i - 1] == ports[i - 1] - ports[i - 2] ? 1 : 0;
    }
    assertTrue(repeated < 60, repeated + " steps were made twice"); // some 12 by chance
  }

  private int draw() {
    var opened = sockets.open(Family.IPV4, PortWish.Parity.ANY, APPLICANT, 0);
    var socket = assertInstanceOf(RelaySocket.class, opened);
    int port = socket.relayedAddress().port();
    assertTrue(port >= RANGE.first() && port <= RANGE.last());
    socket.close();
    return port;
  }

  private static double chiSquared(double[] ports) {
    assertEquals(0, RANGE.size() % BINS);
    var counts = new int[BINS];
    for (double port : ports) {
      counts[(int) (port - RANGE.first()) / (RANGE.size() / BINS)]++;
    }
    double expected = (double) ports.length / BINS;
    double sum = 0;
    for (int count : counts) {
      sum += (count - expected) * (count - expected) / expected;
    }
    return sum;
  }

  private static double serialCorrelation(double[] ports) {
    double mean = 0;
    for (double port : ports) {
      mean += port / ports.length;
    }
    double product = 0;
    double square = 0;
    for (int i = 1; i < ports.length; i++) {
      product += (ports[i] - mean) * (ports[i - 1] - mean);
      square += (ports[i] - mean) * (ports[i] - mean);
    }
    return product / square;
  }

  static final Applicant APPLICANT =
      new Applicant(
          new FiveTuple(
              Transport.UDP,
              new TransportAddress(IpAddress.parse("198.51.100.1"), 1),
              new TransportAddress(LOCAL, 3478)),
          ClientLink.NOWHERE,
          new Known(
              "1:a",
              new CredentialUsername(1, CredentialScope.NONE, new UserId("a")),
              new IntegrityKey(IntegrityAlgorithm.SHA1, new byte[16]),
              0));

  /// Nobody listens.
  static PeerEvents events() {
    return fake(PeerEvents.class);
  }

  /// Opens sockets that do nothing.
  private static <T> T fake(Class<T> type) {
    return type.cast(
        Proxy.newProxyInstance(
            type.getClassLoader(),
            new Class<?>[] {type},
            (_, method, arguments) ->
                switch (method.getName()) {
                  case "open" -> fake(UdpSocket.class);
                  case "isClosed" -> false;
                  case "hashCode" -> 1;
                  case "equals" -> arguments[0] == null;
                  default -> null;
                }));
  }
}
