package dev.hairpin.turnserver.policy;

import dev.hairpin.turnserver.credential.CredentialScope;
import dev.hairpin.turnserver.net.IpAddress;
import java.util.BitSet;
import java.util.Map;

/// Decides whether a client may reach a peer. The rules, in the order in which they decide:
///
/// 1. what the client's own credential does not allow is denied;
/// 2. a relayed address of a live allocation of this server is allowed: two clients meet;
/// 3. ranges that nobody may reach are denied, as are broadcasts of the subnets here, this
///    process's own listeners, and denied ports;
/// 4. the operator's denied ranges and back ends are denied;
/// 5. metadata addresses of clouds are denied but for those that the operator names one by one;
/// 6. the operator's allowed ranges are allowed, but an address of this machine only by a range
///    that holds nothing else;
/// 7. special-purpose ranges and this machine's own addresses are denied;
/// 8. the rest is allowed.
///
/// An address behind a NAT64 prefix must pass both as it is and as the IPv4 address within.
///
/// Each loop has its own: the settings are changed on that loop, and read without a barrier.
public final class PeerPolicy {
  private final OwnAddresses own;
  private final RelayedAddresses relayed;
  private PolicySettings settings;
  private Map<String, PolicySettings> tenants;
  private BitSet deniedPorts;

  /// @param tenants the settings for those of a tenant, by its name; ports and rates are the same
  ///   for everybody. Whose tenant is not there, or not yet, reaches relayed addresses alone
  public PeerPolicy(
      PolicySettings settings,
      Map<String, PolicySettings> tenants,
      OwnAddresses own,
      RelayedAddresses relayed) {
    this.own = own;
    this.relayed = relayed;
    follow(settings, tenants);
  }

  /// Whether a client comes through Teredo or 6to4, whose endpoints an allocation could be made to
  /// send in circles (RFC 8656 §21.4).
  public static boolean isTunnelled(IpAddress client) {
    return SpecialRanges.contains(SpecialRanges.TUNNELS, client);
  }

  /// The same rules beside other relayed addresses.
  public PeerPolicy withRelayed(RelayedAddresses others) {
    return new PeerPolicy(settings, tenants, own, others);
  }

  /// Follows other settings from now on.
  public void follow(PolicySettings newSettings, Map<String, PolicySettings> ofTenants) {
    settings = newSettings;
    tenants = ofTenants;
    deniedPorts = new BitSet();
    newSettings.deniedPorts().forEach(ports -> deniedPorts.set(ports.first(), ports.last() + 1));
  }

  /// Whether a client may have an address as a peer; its port says which relayed address or
  /// listener is meant. Whether data may go to the port is asked by [#allowsNow] or [#deniesPort].
  public boolean allows(IpAddress ip, int port, CredentialScope scope) {
    var rules = scope.tenant().isEmpty() ? settings : tenants.get(scope.tenant());
    return scope.permits(ip)
        && (relayed.isLive(ip.high(), ip.low(), port)
            || (rules != null
                && !scope.relayOnly()
                && !own.isListener(ip, port)
                && opens(ip, rules)));
  }

  private boolean opens(IpAddress ip, PolicySettings rules) {
    var embedded = rules.embeddedIn(ip);
    return !SpecialRanges.isNever(ip)
        && !own.broadcasts().contains(ip)
        && !SpecialRanges.contains(rules.deniedPeers(), ip)
        && rules.opens(ip, isOwn(ip))
        && (embedded == null || (!isOwn(embedded) && opens(embedded, rules)));
  }

  /// Whether no data may go to a port or come from it, relayed addresses apart.
  public boolean deniesPort(int port) {
    return deniedPorts.get(port);
  }

  /// Whether the answer for this address depends on the port, so that a permission for the address
  /// alone says too little.
  public boolean isOwn(IpAddress ip) {
    return own.contains(ip);
  }

  /// Whether a peer that is allowed may be reached at its port, for one packet too.
  public boolean allowsNow(IpAddress ip, int port, CredentialScope scope) {
    return relayed.isLive(ip.high(), ip.low(), port)
        || (!deniesPort(port) && allows(ip, port, scope));
  }

  public PolicySettings.PeerRate newPeers() {
    return settings.newPeers();
  }
}
