package dev.hairpin.turnserver.net;

import java.security.SecureRandom;

/// A table of fixed size in which each source has a cell. A source is an IPv4 address, or 64 bits
/// of an IPv6 one, which is what one customer gets. Some sources share a cell; the hash is keyed,
/// so that nobody can choose with whom. Loopback has none, for nobody elsewhere can send from
/// there.
abstract class SourceCells {
  private static final int COUNT = 1 << 16;

  private final long seed = new SecureRandom().nextLong();
  final int count;

  /// @param max what a source may have; 0 is no bound
  SourceCells(int max) {
    this.count = max == 0 ? 0 : COUNT;
  }

  /// The cell of a source; negative where it has no bound.
  final int cellOf(IpAddress source) {
    if (count == 0 || source.isLoopback()) {
      return -1;
    }
    long key = source.isIpv4() ? source.low() : source.high();
    return (int) (AddressTable.mix(seed ^ key) >>> 48);
  }
}
