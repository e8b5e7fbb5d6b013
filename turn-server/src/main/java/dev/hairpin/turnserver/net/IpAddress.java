package dev.hairpin.turnserver.net;

import io.netty.util.NetUtil;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.util.regex.Pattern;

/// An IP address in its one canonical form: 128 bits, in which IPv4 is `::ffff:a.b.c.d`.
///
/// An IPv4 address and its IPv4-mapped IPv6 form are therefore equal, and no rule can be passed by
/// writing an address in the other way.
public record IpAddress(long high, long low) {
  private static final long MAPPED = 0xffff_0000_0000L;
  private static final long MASK_32 = 0xffff_ffffL;

  /// Four decimal parts without leading zeros.
  private static final Pattern DOTTED =
      Pattern.compile("(0|[1-9]\\d{0,2})(\\.(0|[1-9]\\d{0,2})){3}");

  /// The IPv4 address with these 32 bits.
  public static IpAddress ofIpv4(int bits) {
    return new IpAddress(0, MAPPED | (bits & MASK_32));
  }

  /// An address of 4 or 16 bytes, in network order.
  public static IpAddress of(byte[] bytes) {
    return switch (bytes.length) {
      case 4 -> ofIpv4(ByteBuffer.wrap(bytes).getInt());
      case 16 -> new IpAddress(ByteBuffer.wrap(bytes).getLong(), ByteBuffer.wrap(bytes).getLong(8));
      default -> throw new IllegalArgumentException("an address has 4 or 16 bytes");
    };
  }

  public static IpAddress of(InetAddress address) {
    return of(address.getAddress());
  }

  /// Reads a literal; never asks a name server. Forms that readers disagree about are refused:
  /// leading zeros (octal to some), fewer than four parts, zone identifiers.
  public static IpAddress parse(String literal) {
    boolean ipv6 = literal.indexOf(':') >= 0;
    String dotted = literal.substring(literal.lastIndexOf(':') + 1);
    boolean wellFormed =
        literal.chars().noneMatch(c -> c == '%' || c == '[' || c > '~')
            && ((ipv6 && dotted.indexOf('.') < 0) || DOTTED.matcher(dotted).matches());
    try {
      if (wellFormed) {
        return of(ipv6 ? Inet6Address.ofLiteral(literal) : Inet4Address.ofLiteral(literal));
      }
    } catch (IllegalArgumentException _) {
      // said below, in one way
    }
    throw new IllegalArgumentException("'" + literal + "' is not an IP address");
  }

  public Family family() {
    return isIpv4() ? Family.IPV4 : Family.IPV6;
  }

  public boolean isIpv4() {
    return isIpv4(high, low);
  }

  /// Whether these 128 bits are an IPv4 address.
  public static boolean isIpv4(long high, long low) {
    return high == 0 && (low & ~MASK_32) == MAPPED;
  }

  public int ipv4Bits() {
    return (int) low;
  }

  public boolean isUnspecified() {
    return high == 0 && (low == 0 || low == MAPPED);
  }

  public boolean isLoopback() {
    return isIpv4() ? (ipv4Bits() >>> 24) == 127 : high == 0 && low == 1;
  }

  /// 4 bytes for IPv4, 16 for IPv6.
  public byte[] toBytes() {
    return isIpv4()
        ? ByteBuffer.allocate(4).putInt(ipv4Bits()).array()
        : ByteBuffer.allocate(16).putLong(high).putLong(low).array();
  }

  public InetAddress toInetAddress() {
    try {
      return InetAddress.getByAddress(toBytes());
    } catch (UnknownHostException e) {
      throw new AssertionError("4 or 16 bytes are always an address", e);
    }
  }

  /// The address as it stands in a URL: an IPv6 literal in brackets.
  public String toUrlHost() {
    return isIpv4() ? toString() : "[" + this + "]";
  }

  @Override
  public String toString() {
    return NetUtil.toAddressString(toInetAddress());
  }
}
