package dev.hairpin.turnserver.server;

import dev.hairpin.turnserver.credential.SharedSecrets;
import dev.hairpin.turnserver.net.IpPrefix;
import dev.hairpin.turnserver.net.ListenUrl;
import dev.hairpin.turnserver.net.Transport;
import dev.hairpin.turnserver.telemetry.DropReason;
import dev.hairpin.turnserver.testkit.Await;
import dev.hairpin.turnserver.testkit.EchoPeer;
import dev.hairpin.turnserver.testkit.StreamWire;
import dev.hairpin.turnserver.testkit.TestCertificate;
import dev.hairpin.turnserver.testkit.TestTurnClient;
import dev.hairpin.turnserver.testkit.TlsProfile;
import dev.hairpin.turnserver.transport.StreamSettings;
import dev.hairpin.turnserver.transport.StreamSettings.CertificateFiles;
import dev.hairpin.turnserver.udp.UdpMode;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;

/// A server with TCP and TLS listeners on loopback, a clock that stands still, and a peer.
final class StreamScene implements AutoCloseable {
  static final String SECRET = "north";
  static final InetAddress LOOPBACK = InetAddress.ofLiteral("127.0.0.1");
  static final Duration PATIENCE = Duration.ofSeconds(10);

  final ManualClock clock = new ManualClock();
  final TurnServer server;
  final EchoPeer peer = EchoPeer.at(LOOPBACK);

  private StreamScene(TurnSettings settings) {
    server = TurnServer.start(settings, clock);
  }

  static StreamScene plain(UdpMode mode) {
    return start(mode, List.of("tcp://127.0.0.1:0"), d -> {});
  }

  static StreamScene start(UdpMode mode, List<String> urls, Consumer<TurnSettings.Draft> change) {
    var settings =
        TurnSettings.of(SharedSecrets.of(SECRET), ListenUrl.parse("udp://127.0.0.1:0"))
            .but(d -> d.udp = mode)
            .but(d -> d.loops = 2)
            .allowingPeers("127.0.0.1/32")
            .but(change)
            .but(d -> d.listeners = urls.stream().map(ListenUrl::parse).toList());
    return new StreamScene(settings);
  }

  static StreamScene secure(TestCertificate... certificates) {
    return start(
        UdpMode.AUTO,
        List.of("tcp://127.0.0.1:0", "tls://127.0.0.1:0"),
        d -> d.streams = shown(certificates));
  }

  static StreamSettings shown(TestCertificate... certificates) {
    return StreamSettings.DEFAULT.withCertificates(
        Stream.of(certificates).map(c -> files(c.file(), c.key())).toList());
  }

  static CertificateFiles files(Path chain, Path key) {
    return new CertificateFiles(chain, key);
  }

  static StreamScene behindBalancer(String prefix, TestCertificate... certificates) {
    return start(
        UdpMode.AUTO,
        List.of("tcp://127.0.0.1:0"),
        d -> d.streams = Services.behind(shown(certificates), List.of(IpPrefix.parse(prefix))));
  }

  InetSocketAddress address(Transport transport) {
    return server.listeners().stream()
        .filter(url -> url.transport() == transport)
        .findFirst()
        .orElseThrow()
        .address()
        .toInetSocketAddress();
  }

  StreamWire tcp() {
    return StreamWire.to(address(Transport.TCP));
  }

  StreamWire tls(TlsProfile profile) {
    return StreamWire.to(address(Transport.TLS)).secured(profile);
  }

  TestTurnClient over(StreamWire wire) {
    return TestTurnClient.over(wire).withSecret(SECRET).as("alice");
  }

  long dropped(DropReason reason) {
    return server.telemetry().get(reason);
  }

  void awaitDrops(DropReason reason, long count) {
    Await.until(PATIENCE, () -> dropped(reason) >= count, () -> reason + ": " + dropped(reason));
  }

  void awaitAllocations(long count) {
    Await.until(
        PATIENCE,
        () -> server.telemetry().liveAllocations() == count,
        () -> "allocations: " + server.telemetry().liveAllocations());
  }

  @Override
  public void close() {
    peer.close();
    server.close();
  }
}
