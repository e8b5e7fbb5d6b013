package dev.hairpin.turnserver.policy;

import dev.hairpin.turnserver.net.IpAddress;
import dev.hairpin.turnserver.net.IpPrefix;
import java.util.List;
import java.util.stream.Stream;

/// The special-purpose ranges of IANA's registries and of clouds, none of which a client of a
/// public relay has business with.
final class SpecialRanges {
  /// Denied whatever the settings say, as [#TUNNELS] are: no peer can live there.
  private static final List<IpPrefix> NEVER =
      prefixes(
          "0.0.0.0/8", // this network; reaches loopback on Linux
          "224.0.0.0/4", // multicast
          "240.0.0.0/4", // reserved, and broadcast
          "::/128",
          "::/96", // IPv4-compatible; ::1 is told apart below
          "::ffff:0:0:0/96", // IPv4-translated (SIIT)
          "64:ff9b::/96", // NAT64
          "64:ff9b:1::/48", // local NAT64
          "ff00::/8"); // multicast

  /// What lives there gives out the keys of a cloud.
  private static final List<IpPrefix> METADATA =
      prefixes(
          "169.254.169.254", // most clouds
          "169.254.170.2", // AWS, containers
          "169.254.170.23", // AWS, pods
          "100.100.100.200", // Alibaba Cloud
          "192.0.0.192", // Oracle Cloud
          "168.63.129.16", // Azure's platform, in a public range
          "fd00:ec2::254", // AWS
          "fd00:ec2::23", // AWS, pods
          "fd20:ce::254"); // Google Cloud

  /// What comes from there has been through a tunnel (RFC 8656 §21.4).
  static final List<IpPrefix> TUNNELS = prefixes("2001::/32", "2002::/16");

  /// Denied unless the operator allows a part.
  private static final List<IpPrefix> SPECIAL =
      prefixes(
          "10.0.0.0/8",
          "100.64.0.0/10", // carrier-grade NAT
          "127.0.0.0/8",
          "169.254.0.0/16",
          "172.16.0.0/12",
          "192.0.0.0/24",
          "192.0.2.0/24", // documentation
          "192.88.99.0/24", // 6to4 anycast
          "192.168.0.0/16",
          "198.18.0.0/15", // benchmarks
          "198.51.100.0/24", // documentation
          "203.0.113.0/24", // documentation
          "2001::/23",
          "2001:db8::/32", // documentation
          "3fff::/20"); // documentation

  private static final IpPrefix GLOBAL_UNICAST = IpPrefix.parse("2000::/3");

  private SpecialRanges() {}

  static boolean isNever(IpAddress address) {
    boolean loopback = !address.isIpv4() && address.isLoopback();
    return !loopback
        && (contains(NEVER, address) || contains(TUNNELS, address) || isIsatap(address));
  }

  static boolean isMetadata(IpAddress address) {
    return contains(METADATA, address);
  }

  /// Whether an address is special in any way. Of IPv6 only global unicast is not.
  static boolean isSpecial(IpAddress address) {
    return contains(SPECIAL, address) || (!address.isIpv4() && !GLOBAL_UNICAST.contains(address));
  }

  /// An interface identifier of `0000:5efe` or `0200:5efe`, then an IPv4 address (RFC 5214 §6.1).
  private static boolean isIsatap(IpAddress address) {
    return !address.isIpv4() && (address.low() >>> 32 & ~0x0200_0000L) == 0x5efe;
  }

  /// Asked of packets to this machine's addresses: an iterator would be an object for each.
  static boolean contains(List<IpPrefix> prefixes, IpAddress address) {
    for (int i = 0; i < prefixes.size(); i++) {
      if (prefixes.get(i).contains(address)) {
        return true;
      }
    }
    return false;
  }

  private static List<IpPrefix> prefixes(String... texts) {
    return Stream.of(texts).map(IpPrefix::parse).toList();
  }
}
