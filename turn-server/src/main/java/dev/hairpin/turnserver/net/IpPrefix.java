package dev.hairpin.turnserver.net;

import static dev.hairpin.turnserver.net.Checks.require;

/// A range of addresses in CIDR notation. The length counts from the top of the canonical 128 bits,
/// so `10.0.0.0/8` has a length of 104 here and prints as 8.
public record IpPrefix(IpAddress base, int length) {
  private static final int IPV4_OFFSET = 96;

  public IpPrefix {
    if (length < 0 || length > 128) {
      throw new IllegalArgumentException("a prefix has 0 to 128 bits, not " + length);
    }
    base = new IpAddress(base.high() & highMask(length), base.low() & lowMask(length));
  }

  /// Reads `10.0.0.0/8`, `2001:db8::/32`, or a single address.
  public static IpPrefix parse(String text) {
    int slash = text.indexOf('/');
    var address = IpAddress.parse(slash < 0 ? text : text.substring(0, slash));
    int bits = address.isIpv4() ? 32 : 128;
    String digits = slash < 0 ? String.valueOf(bits) : text.substring(slash + 1);
    int length = digits.matches("\\d{1,3}") ? Integer.parseInt(digits) : -1;
    require(
        length >= 0 && length <= bits,
        "a prefix length is 0 to " + bits + ", not '" + digits + "'");
    var prefix = new IpPrefix(address, length + (128 - bits));
    require(
        prefix.base.equals(address),
        "'" + text + "' has bits set beyond its length; did you mean " + prefix + "?");
    return prefix;
  }

  /// What counts as one source: an IPv4 address, or the 64 bits of an IPv6 one that one customer
  /// gets.
  public static IpPrefix ofSource(IpAddress address) {
    return new IpPrefix(address, address.isIpv4() ? 128 : 64);
  }

  /// Whether an address lies in the range. An IPv6 range never holds an IPv4 address: `::/0` says
  /// nothing about IPv4.
  public boolean contains(IpAddress address) {
    return (address.high() & highMask(length)) == base.high()
        && (address.low() & lowMask(length)) == base.low()
        && (length >= IPV4_OFFSET || !address.isIpv4());
  }

  @Override
  public String toString() {
    boolean ipv4 = base.isIpv4() && length >= IPV4_OFFSET;
    return base + "/" + (ipv4 ? length - IPV4_OFFSET : length);
  }

  private static long highMask(int length) {
    return length >= 64 ? -1L : length == 0 ? 0 : -1L << (64 - length);
  }

  private static long lowMask(int length) {
    return length <= 64 ? 0 : -1L << (128 - length);
  }
}
