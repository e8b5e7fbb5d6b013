package dev.hairpin.turnserver.model;

import dev.hairpin.turnserver.allocation.AllocationSettings;
import dev.hairpin.turnserver.auth.AuthSettings;
import dev.hairpin.turnserver.auth.ProcessKeys;
import dev.hairpin.turnserver.credential.SharedSecrets;
import dev.hairpin.turnserver.loop.RelayLoop;
import dev.hairpin.turnserver.loop.ServiceSettings;
import dev.hairpin.turnserver.loop.SourceLimits;
import dev.hairpin.turnserver.net.IpAddress;
import dev.hairpin.turnserver.net.IpPrefix;
import dev.hairpin.turnserver.net.ListenUrl;
import dev.hairpin.turnserver.net.PortRange;
import dev.hairpin.turnserver.net.Sharing;
import dev.hairpin.turnserver.net.Transport;
import dev.hairpin.turnserver.net.TransportAddress;
import dev.hairpin.turnserver.policy.Descriptors;
import dev.hairpin.turnserver.policy.OwnAddresses;
import dev.hairpin.turnserver.policy.PeerPolicy;
import dev.hairpin.turnserver.policy.PolicySettings;
import dev.hairpin.turnserver.policy.QuotaSettings;
import dev.hairpin.turnserver.policy.Quotas;
import dev.hairpin.turnserver.relay.ExternalAddress;
import dev.hairpin.turnserver.relay.RelayPools;
import dev.hairpin.turnserver.relay.RelaySettings;
import dev.hairpin.turnserver.server.Services;
import dev.hairpin.turnserver.telemetry.Counters;
import dev.hairpin.turnserver.telemetry.Telemetry;
import dev.hairpin.turnserver.transport.StreamGate;
import dev.hairpin.turnserver.transport.StreamListener;
import dev.hairpin.turnserver.transport.StreamSettings;
import dev.hairpin.turnserver.transport.StreamSettings.Strangers;
import dev.hairpin.turnserver.transport.TlsIdentities;
import io.netty.channel.ManualIoEventLoop;
import io.netty.channel.local.LocalIoHandler;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.DatagramChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;

/// The loops of a server, run by the thread of the test, with a clock, sockets and peers that are
/// not real. Everything between sockets and settings is.
final class World implements AutoCloseable {
  static final int LISTENER_PORT = 3478;
  static final String SECRET = "a secret of this world";
  static final IpAddress RELAY_IPV4 = IpAddress.parse("127.77.0.1");
  static final IpAddress RELAY_IPV6 = IpAddress.parse("::1");
  static final IpAddress EXTERNAL_IPV4 = IpAddress.parse("198.51.100.7");
  static final TransportAddress LISTENER_IPV4 =
      new TransportAddress(IpAddress.parse("127.66.0.1"), LISTENER_PORT);
  static final TransportAddress LISTENER_IPV6 =
      new TransportAddress(IpAddress.parse("::1"), LISTENER_PORT);

  final Setup setup;
  final VirtualClock clock = new VirtualClock();
  final FakeUdp udp = new FakeUdp();
  final Descriptors descriptors = new Descriptors(1_000);
  final Quotas quotas = new Quotas(new QuotaSettings(Setup.QUOTA, 0, 0, 0, 0), descriptors);
  final RelayPools pools;

  private final List<RelayLoop> loops = new ArrayList<>();
  private final List<ManualIoEventLoop> eventLoops = new ArrayList<>();
  private final List<FakeUdp.Engine> engines = new ArrayList<>();
  private final List<DatagramChannel> foreign = new ArrayList<>();

  /// How a server is set up.
  ///
  /// @param loops clients belong to them in turn
  /// @param translated whether a NAT shows another relay address outside
  /// @param firstPort of the relay ports, of which there are few
  record Setup(int loops, boolean ipv6, boolean translated, boolean mobility, int firstPort) {
    static final int PORTS = 6;

    /// Allocations and reserved ports of a user.
    static final int QUOTA = 3;

    static final Duration MAX_AGE = Duration.ofHours(2);

    IpAddress advertisedIpv4() {
      return translated ? EXTERNAL_IPV4 : RELAY_IPV4;
    }

    PortRange ports() {
      return new PortRange(firstPort, firstPort + PORTS - 1);
    }
  }

  World(Setup setup) {
    this.setup = setup;
    var relays = setup.ipv6() ? List.of(RELAY_IPV4, RELAY_IPV6) : List.of(RELAY_IPV4);
    var external =
        setup.translated()
            ? List.of(new ExternalAddress(EXTERNAL_IPV4, RELAY_IPV4))
            : List.<ExternalAddress>of();
    this.pools = new RelayPools(new RelaySettings(relays, external, setup.ports()), quotas);
    var own = new HashSet<>(relays);
    own.add(LISTENER_IPV4.ip());
    own.add(setup.advertisedIpv4());
    var shared = shared(new OwnAddresses(own, Set.of(), List.of(LISTENER_IPV4, LISTENER_IPV6)));
    for (int i = 0; i < setup.loops(); i++) {
      var eventLoop =
          new ManualIoEventLoop(null, Thread.currentThread(), LocalIoHandler.newFactory());
      eventLoops.add(eventLoop);
      var loop =
          new RelayLoop(
              eventLoop,
              (_, events) -> {
                engines.add(udp.new Engine(events));
                return engines.getLast();
              },
              shared);
      loops.add(loop);
      listen(loop, LISTENER_IPV4);
      listen(loop, LISTENER_IPV6);
    }
  }

  private RelayLoop.Shared shared(OwnAddresses own) {
    var policy =
        new PolicySettings(
            List.of(IpPrefix.parse("192.168.0.0/16")),
            List.of(IpPrefix.parse("192.168.66.0/24")),
            List.of(),
            List.of(),
            PolicySettings.DEFAULT.deniedPorts(),
            new PolicySettings.PeerRate(0, 1)); // the model knows no rates
    var features =
        setup.mobility()
            ? Set.of(ServiceSettings.Feature.MOBILITY)
            : Set.<ServiceSettings.Feature>of();
    var auth = AuthSettings.of(AuthSettings.DEFAULT_REALM, SharedSecrets.of(SECRET));
    try {
      return new RelayLoop.Shared(
          auth,
          auth.verifier(clock.wallSeconds()),
          new AllocationSettings(
              Duration.ofMinutes(10), Duration.ofHours(1), Setup.MAX_AGE, Duration.ZERO),
          new PeerPolicy(policy, Map.of(), own, pools),
          quotas,
          pools,
          new StreamListener.Shared(
              StreamSettings.DEFAULT,
              new TlsIdentities(List.of(), false),
              new StreamGate(new Strangers(0, 0, 0, Duration.ZERO)),
              null,
              descriptors.clients),
          Services.with(features),
          SourceLimits.Budgets.of(new SourceLimits(0, 0, 0)),
          new ProcessKeys(),
          loops,
          new AtomicBoolean(),
          new AtomicReference<>(),
          clock);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void listen(RelayLoop loop, TransportAddress address) {
    var _ = loop.listeners().listen(new ListenUrl(Transport.UDP, address), Sharing.SHARED);
  }

  /// A datagram comes to a listener, on the loop that its source hashes to.
  void fromClient(int loop, TransportAddress source, byte[] bytes) {
    var listener = source.ip().isIpv4() ? LISTENER_IPV4 : LISTENER_IPV6;
    socket(engines.get(loop), listener).receive(bytes, source);
    run();
  }

  private static FakeUdp.Socket socket(FakeUdp.Engine engine, TransportAddress listener) {
    var socket = engine.listeners.get(listener);
    if (socket == null) {
      throw new AssertionError("no listener at " + listener);
    }
    return socket;
  }

  /// Lets the loops do what they have told each other.
  void run() {
    int done;
    do {
      done = 0;
      for (var eventLoop : eventLoops) {
        done += eventLoop.runNow();
      }
    } while (done > 0);
  }

  /// Lets every loop look for what has run out; twice, for one look need not see all.
  void sweep() {
    for (int i = 0; i < 2; i++) {
      loops.forEach(RelayLoop::tick);
      run();
    }
  }

  /// Another program takes a port; false where it cannot.
  boolean takeForOthers(TransportAddress address) {
    if (udp.sockets.containsKey(address) || udp.foreign.contains(address)) {
      return false;
    }
    try {
      var channel = DatagramChannel.open();
      try {
        channel.bind(address.toInetSocketAddress());
      } catch (IOException _) {
        channel.close();
        return false;
      }
      foreign.add(channel);
      udp.foreign.add(address);
      return true;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  List<Counters> counters() {
    return loops.stream().map(RelayLoop::counters).toList();
  }

  Telemetry telemetry() {
    return new Telemetry(counters(), Map.of());
  }

  @Override
  public void close() {
    loops.forEach(RelayLoop::stop);
    run();
    pools.close();
    for (var channel : foreign) {
      try {
        channel.close();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
