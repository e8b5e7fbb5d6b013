package dev.hairpin.turnserver.stun;

import dev.hairpin.turnserver.net.Family;
import dev.hairpin.turnserver.net.IpAddress;
import dev.hairpin.turnserver.net.TransportAddress;
import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/// An XOR-ed transport address in a received message (RFC 8489 §14.2), used again for the next. The
/// canonical 128 bits are kept, so a mapped IPv4 address reads as IPv4 whatever family was claimed.
public final class XorAddress {
  private static final int IPV4_BYTES = 8;
  private static final int IPV6_BYTES = 20;

  private long high;
  private long low;
  private int port;

  /// Reads the attribute at `index`. False where its length and its family do not agree.
  public boolean read(StunMessage message, int index) {
    ByteBuf buffer = message.buffer();
    int at = message.offsetOf(index);
    int length = message.lengthOf(index);
    long mask = maskHigh(message.transactionHigh());
    if (length == IPV4_BYTES && buffer.getByte(at + 1) == Family.IPV4.code()) {
      high = 0;
      low = 0xffff_0000_0000L | ((buffer.getInt(at + 4) ^ StunMessage.MAGIC_COOKIE) & 0xffff_ffffL);
    } else if (length == IPV6_BYTES && buffer.getByte(at + 1) == Family.IPV6.code()) {
      high = buffer.getLong(at + 4) ^ mask;
      low = buffer.getLong(at + 12) ^ message.transactionLow();
    } else {
      return false;
    }
    port = buffer.getUnsignedShort(at + 2) ^ (int) (mask >>> 48);
    return true;
  }

  public long high() {
    return high;
  }

  public long low() {
    return low;
  }

  public int port() {
    return port;
  }

  /// The address in the attribute at `index`, or null where it is malformed.
  public static @Nullable TransportAddress decode(StunMessage message, int index) {
    var address = new XorAddress();
    return address.read(message, index)
        ? new TransportAddress(new IpAddress(address.high, address.low), address.port)
        : null;
  }

  /// Appends length and value of an address attribute.
  ///
  /// @param maskHigh the upper half of what it is XOR-ed with; a mask of zero leaves it as it is
  static void write(ByteBuf out, long maskHigh, long maskLow, long high, long low, int port) {
    boolean ipv4 = IpAddress.isIpv4(high, low);
    out.writeShort(ipv4 ? IPV4_BYTES : IPV6_BYTES);
    out.writeShort((ipv4 ? Family.IPV4 : Family.IPV6).code());
    out.writeShort(port ^ (int) (maskHigh >>> 48));
    if (ipv4) {
      out.writeInt((int) (low ^ maskHigh >>> 32));
    } else {
      out.writeLong(high ^ maskHigh).writeLong(low ^ maskLow);
    }
  }

  /// The magic cookie and the first 32 bits of the transaction id (RFC 8489 §14.2).
  static long maskHigh(int transactionHigh) {
    return (long) StunMessage.MAGIC_COOKIE << 32 | (transactionHigh & 0xffff_ffffL);
  }
}
