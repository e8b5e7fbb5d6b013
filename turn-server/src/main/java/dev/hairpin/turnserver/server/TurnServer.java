package dev.hairpin.turnserver.server;

import dev.hairpin.turnserver.allocation.Allocation;
import dev.hairpin.turnserver.auth.ProcessKeys;
import dev.hairpin.turnserver.credential.CredentialUsername;
import dev.hairpin.turnserver.credential.CredentialVerifier.Standing;
import dev.hairpin.turnserver.credential.SharedSecrets;
import dev.hairpin.turnserver.loop.Clock;
import dev.hairpin.turnserver.loop.RelayLoop;
import dev.hairpin.turnserver.loop.Session;
import dev.hairpin.turnserver.loop.SourceLimits;
import dev.hairpin.turnserver.net.ListenUrl;
import dev.hairpin.turnserver.net.TransportAddress;
import dev.hairpin.turnserver.policy.Descriptors;
import dev.hairpin.turnserver.policy.OwnAddresses;
import dev.hairpin.turnserver.policy.PeerPolicy;
import dev.hairpin.turnserver.policy.PolicySettings;
import dev.hairpin.turnserver.policy.Quotas;
import dev.hairpin.turnserver.policy.Quotas.Holder.Realm;
import dev.hairpin.turnserver.policy.Quotas.Holder.Source;
import dev.hairpin.turnserver.policy.Quotas.Holder.User;
import dev.hairpin.turnserver.relay.RelayPools;
import dev.hairpin.turnserver.telemetry.Gauge;
import dev.hairpin.turnserver.telemetry.Telemetry;
import dev.hairpin.turnserver.transport.StreamGate;
import dev.hairpin.turnserver.transport.StreamListener;
import dev.hairpin.turnserver.transport.StreamSettings.CertificateFiles;
import dev.hairpin.turnserver.transport.TlsIdentities;
import dev.hairpin.turnserver.udp.UdpEngine;
import dev.hairpin.turnserver.udp.UdpMode;
import io.netty.channel.IoEventLoop;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.IntSupplier;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// A STUN and TURN server that runs until it is closed.
///
/// ```java
/// var settings = TurnSettings.of(SharedSecrets.of(secret), ListenUrl.parse("udp://192.0.2.1:3478"));
/// try (var server = TurnServer.start(settings)) { … }
/// ```
public final class TurnServer implements AutoCloseable {
  private static final int STOP_SECONDS = 5;
  private static final int WATCH_SECONDS = 10;
  private static final int DISCOVERY_LISTENERS = 3;
  private static final int LOOP_DESCRIPTORS = 4;

  private volatile TurnSettings settings;
  final RelayLoop.Shared shared;
  private final MultiThreadIoEventLoopGroup eventLoops;
  private final Binder binder;
  private final ScheduledExecutorService watcher = // of two, for a file may keep one waiting
      Executors.newScheduledThreadPool(2, new DefaultThreadFactory("hairpin-watch", true));

  private TurnServer(TurnSettings settings, Clock clock) {
    var own = InterfaceAddresses.own(settings);
    this.settings = settings;
    this.shared = shared(settings, own, clock);
    this.eventLoops = settings.udp().loops(settings.loopCount());
    this.binder = new Binder(settings, own);
    try {
      admit(settings.tenants());
      startLoops();
      watch();
    } catch (RuntimeException e) {
      close();
      throw e;
    }
  }

  /// Binds every listener, or fails and leaves nothing behind.
  ///
  /// @throws UncheckedIOException where an address cannot be bound
  public static TurnServer start(TurnSettings settings) {
    return start(settings, Clock.system());
  }

  /// Starts with a clock of the caller's own.
  static TurnServer start(TurnSettings settings, Clock clock) {
    return new TurnServer(settings, clock);
  }

  private static RelayLoop.Shared shared(TurnSettings settings, OwnAddresses own, Clock clock) {
    // each loop has its listeners, those of NAT behaviour discovery, and what it waits by
    int ofLoop = settings.listeners().size() + DISCOVERY_LISTENERS + LOOP_DESCRIPTORS;
    var descriptors = Descriptors.ofProcess(settings.loopCount() * ofLoop);
    var quotas = new Quotas(settings.quotas(), descriptors);
    var pools = new RelayPools(settings.relay(), quotas);
    return new RelayLoop.Shared(
        settings.auth(),
        settings.auth().verifier(clock.wallSeconds()),
        settings.allocation(),
        new PeerPolicy(settings.policy(), policies(settings), own, pools),
        quotas,
        pools,
        new StreamListener.Shared(
            settings.streams(),
            identities(settings),
            new StreamGate(settings.streams().strangers()),
            settings.http(),
            descriptors.clients),
        settings.service(),
        SourceLimits.Budgets.of(settings.service().limits()),
        new ProcessKeys(),
        new CopyOnWriteArrayList<>(),
        new AtomicBoolean(),
        new AtomicReference<>(),
        clock);
  }

  private static Map<String, PolicySettings> policies(TurnSettings settings) {
    return TenantSettings.byName(settings.tenants(), TenantSettings::policy);
  }

  private void startLoops() {
    for (int i = 0; i < settings.loopCount(); i++) {
      var eventLoop = eventLoops.next();
      onLoop(
          eventLoop,
          Executors.callable(
              () -> {
                var loop = new RelayLoop(eventLoop, UdpEngine::of, shared);
                shared.loops().add(loop);
                binder.bind(loop);
              }));
    }
  }

  private static TlsIdentities identities(TurnSettings settings) {
    try {
      return new TlsIdentities(settings.streams().certificates(), settings.http() != null);
    } catch (IOException e) {
      throw new UncheckedIOException("a certificate cannot be used: " + e.getMessage(), e);
    }
  }

  /// Looks after the loops, and after files that change while the server runs.
  private void watch() {
    var look = new LoopWatch(shared.loops(), settings.onStuck());
    int interval = LoopWatch.INTERVAL_MILLIS;
    var _ = watcher.scheduleWithFixedDelay(look, interval, interval, TimeUnit.MILLISECONDS);
    var _ =
        watcher.scheduleWithFixedDelay(
            shared.streams().identities()::refresh, WATCH_SECONDS, WATCH_SECONDS, TimeUnit.SECONDS);
  }

  /// Reads certificates that take the place of those in force when the result is run.
  ///
  /// @throws IOException with the name of the file that is wrong
  public Runnable prepare(List<CertificateFiles> certificates) throws IOException {
    return shared.streams().identities().prepare(certificates);
  }

  /// When the first of the certificates ends, in seconds since 1970; 0 where there is none.
  public long certificatesEndSeconds() {
    return shared.streams().identities().endSeconds();
  }

  private void onEach(Consumer<RelayLoop> task) {
    running()
        .forEach(loop -> onLoop(loop.eventLoop(), Executors.callable(() -> task.accept(loop))));
  }

  /// All but those of a server that was closed.
  private Stream<RelayLoop> running() {
    return shared.loops().stream().filter(loop -> !loop.eventLoop().isShuttingDown());
  }

  /// Runs on a loop and waits.
  private static <T> T onLoop(IoEventLoop eventLoop, Callable<T> task) {
    var done = eventLoop.submit(task).awaitUninterruptibly();
    return switch (done.cause()) {
      case null -> done.getNow();
      case RuntimeException e -> throw e;
      case Throwable e -> throw new IllegalStateException("a loop could not run a task", e);
    };
  }

  public TurnSettings settings() {
    return settings;
  }

  /// Where clients are served, with the ports that the system chose for port 0.
  public List<ListenUrl> listeners() {
    return binder.served();
  }

  /// The addresses of [#listeners()].
  public List<TransportAddress> listenAddresses() {
    return listeners().stream().map(ListenUrl::address).toList();
  }

  /// Which form of UDP socket is in use; never `AUTO`.
  public UdpMode udpMode() {
    return settings.udp().here();
  }

  public Telemetry telemetry() {
    return new Telemetry(shared.loops().stream().map(RelayLoop::counters).toList(), gauges());
  }

  private Map<Gauge, IntSupplier> gauges() {
    var descriptors = shared.quotas().descriptors();
    return Map.of(
        Gauge.RELAY_PORTS, shared.pools()::ports,
        Gauge.RELAY_PORTS_USED, shared.pools()::portsInUse,
        Gauge.DESCRIPTORS, descriptors::max,
        Gauge.DESCRIPTORS_RELAYS, descriptors.relays::open,
        Gauge.DESCRIPTORS_CLIENTS, descriptors.clients::open,
        Gauge.QUOTA_REALM_USED, () -> shared.quotas().heldBy(new Realm()),
        Gauge.QUOTA_USER_USED, () -> shared.quotas().most(User.class),
        Gauge.QUOTA_SOURCE_USED, () -> shared.quotas().most(Source.class));
  }

  /// Puts these secrets in the place of the former ones, on all loops at once: new allocations need
  /// a credential by one of them. Running allocations go on, with whatever they began.
  public void apply(SharedSecrets secrets) {
    shared.verifier().apply(secrets);
  }

  /// Puts a list of revoked credentials in the place of the former one; what was revoked by
  /// [#revoke] stays so. Running allocations get no Refresh, permission or channel any more, and
  /// [#disconnectRevoked()] ends them.
  ///
  /// @param entries in the form of [dev.hairpin.turnserver.credential.Revocations]
  /// @throws IllegalArgumentException with the first that is no entry; nothing is changed then
  public void applyRevoked(List<String> entries) {
    shared.verifier().list(entries, shared.clock().wallSeconds());
  }

  /// Serves these tenants from now on, and no others: allocations of one that is gone end. Of those
  /// that stay, allocations go on as after [#apply(SharedSecrets)], and what was revoked singly
  /// stays so.
  ///
  /// @throws IllegalArgumentException where they do not go together; then nothing changes
  public void apply(List<TenantSettings> tenants) {
    var next = settings.but(d -> d.tenants = tenants);
    admit(tenants);
    follow(next);
    var _ = endWhere(a -> !shared.verifier().knows(a.owner().credential()), Session.End.REVOKED);
  }

  private void admit(List<TenantSettings> tenants) {
    shared.quotas().follow(TenantSettings.byName(tenants, TenantSettings::quotas));
    shared
        .verifier()
        .apply(tenants.stream().map(TenantSettings::tenant).toList(), shared.clock().wallSeconds());
  }

  private void follow(TurnSettings next) {
    settings = next;
    var ofTenants = policies(next);
    onEach(loop -> loop.follow(next.policy(), ofTenants));
  }

  /// Refuses credentials from now on that there can be now; those that are issued with a later end
  /// than any of them are good.
  ///
  /// @param tenant whose they are; empty for the server's own
  /// @param entry in the form of [dev.hairpin.turnserver.credential.Revocations]
  /// @throws IllegalArgumentException where it is none of that tenant, or there is no such one
  /// @throws IllegalStateException where 65,536 of it are kept already
  public void revoke(String tenant, String entry) {
    shared.verifier().revoke(tenant, entry, shared.clock().wallSeconds());
  }

  /// What a credential is worth now.
  ///
  /// @param password null where it is not at hand, and so not asked for
  public Standing standing(String username, @Nullable String password) {
    return shared.verifier().standing(username, password, shared.clock().wallSeconds());
  }

  /// Ends every allocation whose credential is revoked, and says how many there were.
  public int disconnectRevoked() {
    return disconnectRevoked(_ -> true);
  }

  /// Ends every allocation of these credentials that is revoked, and says how many there were.
  public int disconnectRevoked(Predicate<CredentialUsername> which) {
    return endWhere(
        a ->
            which.test(a.owner().credential())
                && shared.verifier().isRevoked(a.owner().credential()),
        Session.End.REVOKED);
  }

  /// Every allocation that lives now.
  public List<Session> sessions() {
    return running().flatMap(l -> onLoop(l.eventLoop(), l::sessions).stream()).toList();
  }

  /// Ends an allocation at once; whether there was one.
  ///
  /// @param id as [Session] tells it
  public boolean end(long id) {
    return endWhere(allocation -> allocation.id() == id, Session.End.ENDED) > 0;
  }

  private int endWhere(Predicate<Allocation> kind, Session.End end) {
    return running()
        .mapToInt(loop -> onLoop(loop.eventLoop(), () -> loop.endWhere(kind, end)))
        .sum();
  }

  /// Tells one listener, or nobody, in the place of the former, of every allocation that starts or
  /// ends from now on.
  public void tell(Session.@Nullable Listener newListener) {
    shared.listener().set(newListener);
  }

  /// Judges peers by other rules from now on. Permissions and connections that they deny end first.
  ///
  /// @throws IllegalArgumentException where they do not go with the rest; then nothing changes
  public void apply(PolicySettings policy) {
    follow(settings.but(d -> d.policy = policy));
  }

  /// Lets no new allocation begin: clients that ask for one are sent to the alternate servers, or
  /// get 508 where there is none for them. Those that there are go on, and Binding is answered.
  public void drain() {
    shared.draining().set(true);
  }

  /// Lets allocations begin again.
  public void resume() {
    shared.draining().set(false);
  }

  /// Whether new clients are sent away.
  public boolean isDraining() {
    return shared.draining().get();
  }

  /// Ends every allocation, closes every socket and stops the loops. The second call does nothing.
  @Override
  public void close() {
    watcher.shutdownNow();
    onEach(RelayLoop::stop);
    var stopped = eventLoops.shutdownGracefully(0, STOP_SECONDS, TimeUnit.SECONDS);
    stopped.awaitUninterruptibly();
    shared.streams().gate().close();
    shared.pools().close();
  }
}
