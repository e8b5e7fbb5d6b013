package dev.hairpin.turnserver.conformance;

import dev.hairpin.turnserver.allocation.AllocationSettings;
import dev.hairpin.turnserver.auth.AuthSettings;
import dev.hairpin.turnserver.credential.CredentialIssuer;
import dev.hairpin.turnserver.credential.IssuedUsernames;
import dev.hairpin.turnserver.credential.SharedSecrets;
import dev.hairpin.turnserver.credential.UserId;
import dev.hairpin.turnserver.loop.ServiceSettings.Feature;
import dev.hairpin.turnserver.net.IpAddress;
import dev.hairpin.turnserver.net.ListenUrl;
import dev.hairpin.turnserver.net.PortRange;
import dev.hairpin.turnserver.relay.RelaySettings;
import dev.hairpin.turnserver.server.Services;
import dev.hairpin.turnserver.server.TurnServer;
import dev.hairpin.turnserver.server.TurnSettings;
import dev.hairpin.turnserver.testkit.Allocation;
import dev.hairpin.turnserver.testkit.StreamWire;
import dev.hairpin.turnserver.testkit.TestTurnClient;
import dev.hairpin.turnserver.testkit.TurnCredential;
import dev.hairpin.turnserver.testkit.UdpWire;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;

/// The servers that the rows of the conformance table are asked of.
final class Venue implements AutoCloseable {
  static final String SECRET = "the secret of the conformance tests";
  static final InetAddress IPV4 = InetAddress.ofLiteral("127.0.0.1");
  static final InetAddress IPV6 = InetAddress.ofLiteral("::1");

  private static final Duration ONE_SECOND = Duration.ofSeconds(1);
  private static final Duration ONE_HOUR = Duration.ofHours(1);

  /// The usernames of every `alice`.
  private static final IssuedUsernames ISSUED = new IssuedUsernames(AuthSettings.DEFAULT_REALM);

  private static final CredentialIssuer ISSUER =
      new CredentialIssuer(SharedSecrets.of(SECRET), ISSUED);

  /// Every default, but that loopback is allowed as a peer, and that it knows issued usernames by
  /// their hash.
  final TurnServer ipv4 = TurnServer.start(knowingUsernames(settings(IPV4)));

  /// Every default on IPv6 alone, but that loopback is allowed as a peer.
  final TurnServer ipv6 = TurnServer.start(settings(IPV6));

  /// It listens on IPv4 and relays both families.
  final TurnServer both = TurnServer.start(settings(IPV4).but(d -> d.relay = bothFamilies()));

  /// It listens for TCP and has TCP allocations.
  final TurnServer stream = TurnServer.start(streaming());

  /// Its nonces last for one second.
  final TurnServer hasty = TurnServer.start(settings(IPV4).but(d -> d.auth = shortNonces()));

  /// Its allocations last for one second where the client asks for no more.
  final TurnServer brief =
      TurnServer.start(settings(IPV4).but(d -> d.allocation = lasting(ONE_SECOND)));

  /// It has one port to relay from, which is taken.
  final TurnServer narrow = TurnServer.start(settings(IPV4).but(d -> d.relay = onePort()));

  private final TestTurnClient holderOfThePort = alice(narrow);

  Venue() {
    var _ = holderOfThePort.allocate();
  }

  static TurnSettings settings(InetAddress ip) {
    var url = ListenUrl.parse("udp://" + IpAddress.of(ip).toUrlHost() + ":0");
    return TurnSettings.of(SharedSecrets.of(SECRET), url).allowingPeers("127.0.0.0/8", "::1");
  }

  static TurnSettings knowingUsernames(TurnSettings settings) {
    return settings.but(d -> d.auth = settings.auth().withIssued(ISSUED));
  }

  static InetSocketAddress addressOf(TurnServer server) {
    return server.listenAddresses().getFirst().toInetSocketAddress();
  }

  static TestTurnClient alice(TurnServer server) {
    var credential = ISSUER.issue(new UserId("alice"), ONE_HOUR, Instant.now());
    boolean stream = !server.listeners().getFirst().transport().isDatagram();
    var wire = stream ? StreamWire.to(addressOf(server)) : UdpWire.to(addressOf(server));
    return TestTurnClient.over(wire)
        .withSecret(SECRET)
        .with(new TurnCredential(credential.username(), credential.password()));
  }

  /// Allocates in the family that the server relays.
  static Allocation allocate(TestTurnClient client) {
    boolean ipv6 = client.server().getAddress().equals(IPV6);
    return client.allocate(m -> m.requestedFamily(ipv6 ? 2 : 1));
  }

  static AllocationSettings lasting(Duration atLeast) {
    var standard = AllocationSettings.DEFAULT;
    return new AllocationSettings(
        atLeast, standard.maxLifetime(), standard.maxAge(), standard.maxIdle());
  }

  static AuthSettings shortNonces() {
    return new AuthSettings(
        AuthSettings.DEFAULT_REALM,
        SharedSecrets.of(SECRET),
        ONE_SECOND,
        AuthSettings.DEFAULT_MAX_CREDENTIAL_TTL,
        null,
        ONE_HOUR,
        false,
        List.of());
  }

  private static TurnSettings streaming() {
    var features = Services.with(Set.of(Feature.TCP_RELAY));
    return knowingUsernames(settings(IPV4))
        .but(d -> d.listeners = List.of(ListenUrl.parse("tcp://127.0.0.1:0")))
        .but(d -> d.service = features);
  }

  private static RelaySettings bothFamilies() {
    var addresses = List.of(IpAddress.of(IPV4), IpAddress.of(IPV6));
    return new RelaySettings(addresses, List.of(), PortRange.DYNAMIC);
  }

  private static RelaySettings onePort() {
    try (var socket = new DatagramSocket(0, IPV4)) {
      int port = socket.getLocalPort();
      return new RelaySettings(List.of(IpAddress.of(IPV4)), List.of(), new PortRange(port, port));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    holderOfThePort.close();
    List.of(ipv4, ipv6, both, stream, hasty, brief, narrow).forEach(TurnServer::close);
  }
}
