package dev.hairpin.turnserver.server;

import static dev.hairpin.turnserver.net.Checks.require;

import dev.hairpin.turnserver.allocation.AllocationSettings;
import dev.hairpin.turnserver.auth.AuthSettings;
import dev.hairpin.turnserver.credential.SharedSecrets;
import dev.hairpin.turnserver.loop.NatDiscovery;
import dev.hairpin.turnserver.loop.ServiceSettings;
import dev.hairpin.turnserver.net.IpPrefix;
import dev.hairpin.turnserver.net.ListenUrl;
import dev.hairpin.turnserver.net.PortRange;
import dev.hairpin.turnserver.net.Transport;
import dev.hairpin.turnserver.net.TransportAddress;
import dev.hairpin.turnserver.policy.PolicySettings;
import dev.hairpin.turnserver.policy.QuotaSettings;
import dev.hairpin.turnserver.relay.RelaySettings;
import dev.hairpin.turnserver.transport.HttpBackend;
import dev.hairpin.turnserver.transport.StreamSettings;
import dev.hairpin.turnserver.udp.UdpMode;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Everything that a server is started with.
///
/// @param listeners where clients are served
/// @param tenants who share the server beside its own users, each name once
/// @param ownAddresses further addresses of this very process that no client may have as a peer,
///   such as its HTTP listener
/// @param http who is given the HTTP that comes to TLS listeners, or null
/// @param loops the number of event loops; 0 is one per core
/// @param udp which form of UDP socket is used
/// @param onStuck run where a loop has not come round for some seconds; after a line in the log
public record TurnSettings(
    List<ListenUrl> listeners,
    AuthSettings auth,
    List<TenantSettings> tenants,
    RelaySettings relay,
    PolicySettings policy,
    QuotaSettings quotas,
    AllocationSettings allocation,
    StreamSettings streams,
    ServiceSettings service,
    List<TransportAddress> ownAddresses,
    @Nullable HttpBackend http,
    int loops,
    UdpMode udp,
    Runnable onStuck) {
  private static final int MAX_LOOPS = 256;

  public TurnSettings {
    listeners = List.copyOf(listeners);
    ownAddresses = List.copyOf(ownAddresses);
    tenants = List.copyOf(tenants);
    long names = tenants.stream().map(t -> t.tenant().name()).distinct().count();
    require(names == tenants.size(), "two tenants have one name");
    require(!listeners.isEmpty(), "at least one listener is needed");
    for (var url : listeners) {
      boolean isServed = !url.transport().isEncrypted() || !streams.certificates().isEmpty();
      require(isServed, url + " needs a certificate");
    }
    if (service.discovery() != null) {
      requirePublic(service.discovery(), listeners, policy);
    }
    require(loops >= 0 && loops <= MAX_LOOPS, "loops is 0 to " + MAX_LOOPS + ", not " + loops);
  }

  /// Clients are sent to these addresses: private ones would lead them astray.
  private static void requirePublic(
      NatDiscovery discovery, List<ListenUrl> listeners, PolicySettings policy) {
    require(
        listeners.contains(new ListenUrl(Transport.UDP, discovery.primary())),
        "NAT discovery needs a listener udp://" + discovery.primary());
    for (var ip : List.of(discovery.primaryTold(), discovery.otherTold())) {
      require(
          policy.opens(ip),
          "NAT discovery would tell clients of " + ip + ", which is no public address");
    }
  }

  /// A server with every default: the listener's own address relays, private peers are denied.
  public static TurnSettings of(SharedSecrets secrets, ListenUrl listener) {
    return new TurnSettings(
        List.of(listener),
        AuthSettings.of(AuthSettings.DEFAULT_REALM, secrets),
        List.of(),
        new RelaySettings(List.of(listener.address().ip()), List.of(), PortRange.DYNAMIC),
        PolicySettings.DEFAULT,
        QuotaSettings.DEFAULT,
        AllocationSettings.DEFAULT,
        StreamSettings.DEFAULT,
        ServiceSettings.DEFAULT,
        List.of(),
        null,
        0,
        UdpMode.AUTO,
        () -> {});
  }

  int loopCount() {
    return loops > 0 ? loops : Runtime.getRuntime().availableProcessors();
  }

  /// A copy in the making.
  public final class Draft {
    public List<ListenUrl> listeners = TurnSettings.this.listeners;
    public AuthSettings auth = TurnSettings.this.auth;
    public List<TenantSettings> tenants = TurnSettings.this.tenants;
    public RelaySettings relay = TurnSettings.this.relay;
    public PolicySettings policy = TurnSettings.this.policy;
    public QuotaSettings quotas = TurnSettings.this.quotas;
    public AllocationSettings allocation = TurnSettings.this.allocation;
    public StreamSettings streams = TurnSettings.this.streams;
    public ServiceSettings service = TurnSettings.this.service;
    public List<TransportAddress> ownAddresses = TurnSettings.this.ownAddresses;
    public @Nullable HttpBackend http = TurnSettings.this.http;
    public int loops = TurnSettings.this.loops;
    public UdpMode udp = TurnSettings.this.udp;
    public Runnable onStuck = TurnSettings.this.onStuck;
  }

  /// A copy that differs in what the change assigns.
  public TurnSettings but(Consumer<Draft> change) {
    var draft = new Draft();
    change.accept(draft);
    return new TurnSettings(
        draft.listeners,
        draft.auth,
        draft.tenants,
        draft.relay,
        draft.policy,
        draft.quotas,
        draft.allocation,
        draft.streams,
        draft.service,
        draft.ownAddresses,
        draft.http,
        draft.loops,
        draft.udp,
        draft.onStuck);
  }

  /// Opens ranges that are denied by default, for tests and for private networks.
  public TurnSettings allowingPeers(String... prefixes) {
    var more = Stream.of(prefixes).map(IpPrefix::parse);
    var allowed = Stream.concat(policy.allowedPeers().stream(), more).toList();
    return but(d -> d.policy = policy.withPeers(allowed, policy.deniedPeers()));
  }
}
