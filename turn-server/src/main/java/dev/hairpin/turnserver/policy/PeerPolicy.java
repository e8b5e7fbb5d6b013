package dev.hairpin.turnserver.policy;

import dev.hairpin.turnserver.net.IpAddress;

/// Decides whether a client may reach a peer. The rules, in the order in which they decide:
///
/// 1. a relayed address of a live allocation of this server is allowed: two clients meet;
/// 2. ranges that nobody may reach are denied, as are this process's own listeners;
/// 3. the operator's denied ranges are denied;
/// 4. the operator's allowed ranges are allowed;
/// 5. special-purpose ranges and this machine's own addresses are denied;
/// 6. the rest is allowed.
public final class PeerPolicy {
  private final PolicySettings settings;
  private final OwnAddresses own;
  private final RelayedAddresses relayed;

  public PeerPolicy(PolicySettings settings, OwnAddresses own, RelayedAddresses relayed) {
    this.settings = settings;
    this.own = own;
    this.relayed = relayed;
  }

  /// Whether a client comes through Teredo or 6to4, whose endpoints an allocation could be made to
  /// send in circles (RFC 8656 §21.4).
  public static boolean isTunnelled(IpAddress client) {
    return SpecialRanges.isTunnel(client);
  }

  /// The same rules beside other relayed addresses.
  public PeerPolicy withRelayed(RelayedAddresses others) {
    return new PeerPolicy(settings, own, others);
  }

  public enum Verdict {
    ALLOWED,
    /// Allowed as long as the peer is a relayed address of this server.
    ALLOWED_WHILE_RELAYED,
    DENIED
  }

  public Verdict judge(IpAddress ip, int port) {
    if (relayed.isLive(ip.high(), ip.low(), port)) {
      return Verdict.ALLOWED_WHILE_RELAYED;
    }
    if (SpecialRanges.isNever(ip)
        || own.isListener(ip, port)
        || SpecialRanges.contains(settings.deniedPeers(), ip)) {
      return Verdict.DENIED;
    }
    if (SpecialRanges.contains(settings.allowedPeers(), ip)) {
      return Verdict.ALLOWED;
    }
    return SpecialRanges.isSpecial(ip) || isOwn(ip) ? Verdict.DENIED : Verdict.ALLOWED;
  }

  /// Whether the verdict on this address depends on the port, so that a permission for the address
  /// alone says too little.
  public boolean isOwn(IpAddress ip) {
    return own.contains(ip);
  }

  /// The verdict on one packet towards an own address, without an object where it is a relayed one.
  public boolean allowsNow(long high, long low, int port) {
    return relayed.isLive(high, low, port)
        || judge(new IpAddress(high, low), port) != Verdict.DENIED;
  }

  public RelayedAddresses relayed() {
    return relayed;
  }
}
