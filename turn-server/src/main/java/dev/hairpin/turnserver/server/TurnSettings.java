package dev.hairpin.turnserver.server;

import dev.hairpin.turnserver.allocation.AllocationSettings;
import dev.hairpin.turnserver.auth.AuthSettings;
import dev.hairpin.turnserver.credential.SharedSecrets;
import dev.hairpin.turnserver.net.IpPrefix;
import dev.hairpin.turnserver.net.ListenUrl;
import dev.hairpin.turnserver.net.PortRange;
import dev.hairpin.turnserver.net.TransportAddress;
import dev.hairpin.turnserver.policy.PolicySettings;
import dev.hairpin.turnserver.relay.RelaySettings;
import dev.hairpin.turnserver.udp.UdpMode;
import java.util.ArrayList;
import java.util.List;

/// Everything that a server is started with.
///
/// @param listeners where clients are served
/// @param ownAddresses further addresses of this very process that no client may have as a peer,
///   such as its HTTP listener
/// @param loops the number of event loops; 0 is one per core
/// @param udp which form of UDP socket is used
public record TurnSettings(
    List<ListenUrl> listeners,
    AuthSettings auth,
    RelaySettings relay,
    PolicySettings policy,
    AllocationSettings allocation,
    List<TransportAddress> ownAddresses,
    int loops,
    UdpMode udp) {
  private static final int MAX_LOOPS = 256;

  public TurnSettings {
    listeners = List.copyOf(listeners);
    ownAddresses = List.copyOf(ownAddresses);
    if (listeners.isEmpty()) {
      throw new IllegalArgumentException("at least one listener is needed");
    }
    if (loops < 0 || loops > MAX_LOOPS) {
      throw new IllegalArgumentException("loops is 0 to " + MAX_LOOPS + ", not " + loops);
    }
  }

  /// A server with every default: the listener's own address relays, private peers are denied.
  public static TurnSettings of(SharedSecrets secrets, ListenUrl listener) {
    return new TurnSettings(
        List.of(listener),
        AuthSettings.of(AuthSettings.DEFAULT_REALM, secrets),
        new RelaySettings(List.of(listener.address().ip()), List.of(), PortRange.DYNAMIC),
        PolicySettings.DEFAULT,
        AllocationSettings.DEFAULT,
        List.of(),
        0,
        UdpMode.AUTO);
  }

  public TurnSettings withAuth(AuthSettings newAuth) {
    return new TurnSettings(
        listeners, newAuth, relay, policy, allocation, ownAddresses, loops, udp);
  }

  public TurnSettings withListeners(List<ListenUrl> newListeners) {
    return new TurnSettings(
        newListeners, auth, relay, policy, allocation, ownAddresses, loops, udp);
  }

  public TurnSettings withRelay(RelaySettings newRelay) {
    return new TurnSettings(
        listeners, auth, newRelay, policy, allocation, ownAddresses, loops, udp);
  }

  public TurnSettings withAllocation(AllocationSettings newAllocation) {
    return new TurnSettings(
        listeners, auth, relay, policy, newAllocation, ownAddresses, loops, udp);
  }

  public TurnSettings withUdp(UdpMode newUdp, int newLoops) {
    return new TurnSettings(
        listeners, auth, relay, policy, allocation, ownAddresses, newLoops, newUdp);
  }

  /// Opens ranges that are denied by default, for tests and for private networks.
  public TurnSettings allowingPeers(String... prefixes) {
    var allowed = new ArrayList<>(policy.allowedPeers());
    for (String prefix : prefixes) {
      allowed.add(IpPrefix.parse(prefix));
    }
    var opened = new PolicySettings(allowed, policy.deniedPeers());
    return new TurnSettings(listeners, auth, relay, opened, allocation, ownAddresses, loops, udp);
  }
}
