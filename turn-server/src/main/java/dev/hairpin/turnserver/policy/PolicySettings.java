package dev.hairpin.turnserver.policy;

import static dev.hairpin.turnserver.net.Checks.require;

import dev.hairpin.turnserver.net.IpAddress;
import dev.hairpin.turnserver.net.IpPrefix;
import dev.hairpin.turnserver.net.PortRange;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Whom clients may reach. [PeerPolicy] says which rule wins.
///
/// @param allowedPeers special-purpose ranges that are opened as peers in spite of the default
///   rules
/// @param deniedPeers ranges that are denied in addition, and where the operator's own services
///   run; they win over `allowedPeers`
/// @param openedMetadata those metadata addresses of clouds that clients may reach; nothing else
///   opens one
/// @param nat64Prefixes behind which a translator reaches IPv4 (RFC 6052 §2.2): the IPv4 address
///   within is judged too
/// @param deniedPorts ports of peers that no data go to or come from
/// @param newPeers how fast an allocation may turn to ever new peers
public record PolicySettings(
    List<IpPrefix> allowedPeers,
    List<IpPrefix> deniedPeers,
    List<IpAddress> openedMetadata,
    List<IpPrefix> nat64Prefixes,
    List<PortRange> deniedPorts,
    PeerRate newPeers) {
  private static final Set<Integer> NAT64_LENGTHS = Set.of(32, 40, 48, 56, 64, 96); // RFC 6052 §2.2
  private static final int LOOPBACK_LENGTH = 96 + 8;

  /// At once, as many addresses as one CreatePermission holds.
  public static final PolicySettings DEFAULT =
      new PolicySettings(
          List.of(),
          List.of(),
          List.of(),
          List.of(),
          List.of(new PortRange(0, 0)),
          new PeerRate(32, 5));

  /// How many addresses that it has not known an allocation may turn to.
  ///
  /// @param atOnce 0 is without limit
  /// @param perSecond after those
  public record PeerRate(int atOnce, int perSecond) {
    public PeerRate {
      require(atOnce >= 0 && perSecond >= 1, "a rate of new peers is at least 1 a second");
    }
  }

  public PolicySettings {
    allowedPeers = List.copyOf(allowedPeers);
    deniedPeers = List.copyOf(deniedPeers);
    openedMetadata = List.copyOf(openedMetadata);
    nat64Prefixes = List.copyOf(nat64Prefixes);
    deniedPorts = List.copyOf(deniedPorts);
    for (var ip : openedMetadata) {
      require(SpecialRanges.isMetadata(ip), ip + " is no metadata address");
    }
    for (var prefix : nat64Prefixes) {
      require(
          NAT64_LENGTHS.contains(prefix.length()) && !prefix.base().isIpv4(),
          prefix + " is no NAT64 prefix: those have 32, 40, 48, 56, 64 or 96 bits");
    }
  }

  /// These, with other ranges allowed and denied.
  public PolicySettings withPeers(List<IpPrefix> allowed, List<IpPrefix> denied) {
    return new PolicySettings(
        allowed, denied, openedMetadata, nat64Prefixes, deniedPorts, newPeers);
  }

  /// What is unsafe about them, in words for the operator.
  public List<String> warnings() {
    return Stream.concat(
            openedMetadata.stream().map(ip -> ip + ", which gives out the keys of a cloud"),
            allowedPeers.stream()
                .filter(PolicySettings::isLoopback)
                .map(range -> range + ", the services of this machine itself"))
        .map(danger -> "clients may reach " + danger)
        .toList();
  }

  /// Whether an address is public, or of a special-purpose range that the operator has opened.
  public boolean opens(IpAddress ip) {
    return !SpecialRanges.isNever(ip) && opens(ip, false);
  }

  /// A range that holds more than an address of this machine does not open that.
  boolean opens(IpAddress ip, boolean own) {
    if (SpecialRanges.isMetadata(ip)) {
      return openedMetadata.contains(ip);
    }
    for (int i = 0; i < allowedPeers.size(); i++) { // no iterator: asked of packets
      var range = allowedPeers.get(i);
      if (range.contains(ip) && (!own || range.length() == 128 || isLoopback(range))) {
        return true;
      }
    }
    return !own && !SpecialRanges.isSpecial(ip);
  }

  private static boolean isLoopback(IpPrefix range) {
    return range.base().isLoopback() && range.length() >= LOOPBACK_LENGTH;
  }

  /// The IPv4 address that a translator makes of an address, or null. Bits 64 to 71 are skipped
  /// (RFC 6052 §2.2).
  @Nullable IpAddress embeddedIn(IpAddress ip) {
    for (int i = 0; i < nat64Prefixes.size(); i++) {
      var prefix = nat64Prefixes.get(i);
      if (prefix.contains(ip)) {
        int above = 64 - prefix.length(); // how many of its bits stand before bit 64
        long bits =
            switch (above) {
              case -32 -> ip.low();
              case 32 -> ip.high();
              default -> ip.high() << (32 - above) | ip.low() << 8 >>> (32 + above);
            };
        return IpAddress.ofIpv4((int) bits);
      }
    }
    return null;
  }
}
