package dev.hairpin.turnserver.net;

import java.security.SecureRandom;

/// Which cell of a table of fixed size a source has. A source is an IPv4 address, or 64 bits of an
/// IPv6 one, which is what one customer gets. Some sources share a cell; the hash is keyed, so that
/// nobody can choose with whom.
final class SourceCells {
  static final int COUNT = 1 << 16;

  private final long seed = new SecureRandom().nextLong();

  int of(IpAddress source) {
    long key = source.isIpv4() ? source.low() : source.high();
    return (int) (AddressTable.mix(seed ^ key) >>> 48);
  }
}
