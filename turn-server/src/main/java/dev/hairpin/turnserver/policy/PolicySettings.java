package dev.hairpin.turnserver.policy;

import dev.hairpin.turnserver.net.IpAddress;
import dev.hairpin.turnserver.net.IpPrefix;
import java.util.List;

/// What clients may do.
///
/// @param allowedPeers special-purpose ranges that are opened as peers in spite of the default
///   rules
/// @param deniedPeers ranges that are denied in addition; they win over `allowedPeers`
public record PolicySettings(List<IpPrefix> allowedPeers, List<IpPrefix> deniedPeers) {
  public static final PolicySettings DEFAULT = new PolicySettings(List.of(), List.of());

  public PolicySettings {
    allowedPeers = List.copyOf(allowedPeers);
    deniedPeers = List.copyOf(deniedPeers);
  }

  /// Whether an address is public, or of a special-purpose range that the operator has opened.
  public boolean opens(IpAddress ip) {
    return !SpecialRanges.isNever(ip)
        && (!SpecialRanges.isSpecial(ip) || SpecialRanges.contains(allowedPeers, ip));
  }
}
