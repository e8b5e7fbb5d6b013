package dev.hairpin.turnserver.udp;

import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_SHORT_UNALIGNED;

import dev.hairpin.turnserver.net.IpAddress;
import dev.hairpin.turnserver.net.TransportAddress;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import org.jspecify.annotations.Nullable;

/// The layout of `struct mmsghdr`, `iovec`, `sockaddr_in`, `sockaddr_in6` and `cmsghdr` on 64-bit
/// Linux, as offsets.
final class SocketStructs {
  static final int MMSGHDR_BYTES = 64;
  static final int MSG_NAME = 0;
  static final int MSG_NAMELEN = 8;
  static final int MSG_IOV = 16;
  static final int MSG_IOVLEN = 24;
  static final int MSG_CONTROL = 32;
  static final int MSG_CONTROLLEN = 40;
  static final int MSG_FLAGS = 48;
  static final int MSG_LEN = 56;

  static final int IOVEC_BYTES = 16;
  static final int IOV_LEN = 8;

  static final int SOCKADDR_BYTES = 32; // room for either family
  static final int SOCKADDR_IN_BYTES = 16;
  static final int SOCKADDR_IN6_BYTES = 28;

  static final int CONTROL_BYTES = 64; // room for an error, or for a size and an address
  static final int CMSG_LEVEL = 8;
  static final int CMSG_TYPE = 12;
  static final int CMSG_DATA = 16;

  static final int SOL_UDP = 17;
  static final int UDP_SEGMENT = 103;
  static final int UDP_GRO = 104;
  static final int MSG_TRUNC = 0x20;

  static final int IPPROTO_IP = 0;
  static final int IPPROTO_IPV6 = 41;
  static final int IP_MTU_DISCOVER = 10;
  static final int IPV6_MTU_DISCOVER = 23;
  static final int PMTUDISC_WANT = 1;
  static final int PMTUDISC_DO = 2;
  static final int PMTUDISC_OMIT = 5;
  static final int IP_RECVERR = 11;
  static final int IPV6_RECVERR = 25;

  static final int IP_PKTINFO = 8;
  static final int IP_MULTICAST_TTL = 33;
  static final int IPV6_MULTICAST_HOPS = 18;
  static final int IPV6_RECVPKTINFO = 49;
  private static final int IPV6_PKTINFO = 50;

  /// `struct in_pktinfo` and `in6_pktinfo` behind a cmsghdr.
  private static final int SPEC_DST = CMSG_DATA + 4;

  private static final int PKTINFO_BYTES = 12;
  private static final int PKTINFO6_BYTES = 20;

  /// `struct sock_extended_err` behind a cmsghdr.
  private static final int EE_ERRNO = CMSG_DATA;

  private static final int EE_ORIGIN = CMSG_DATA + 4;
  private static final int EE_TYPE = CMSG_DATA + 5;
  private static final int EE_CODE = CMSG_DATA + 6;
  private static final int EE_INFO = CMSG_DATA + 8;
  private static final int ORIGIN_LOCAL = 1;
  private static final int ORIGIN_ICMP = 2;
  private static final int ORIGIN_ICMP6 = 3;
  private static final int EMSGSIZE = 90;

  private static final long MAPPED = 0xffff_0000_0000L;
  private static final short AF_INET = 2;
  static final short AF_INET6 = 10;
  private static final int PORT = 2;
  private static final int IN_ADDRESS = 4;
  private static final int IN6_ADDRESS = 8;

  static final ValueLayout.OfShort BE_SHORT = JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
  static final ValueLayout.OfInt BE_INT = JAVA_INT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
  static final ValueLayout.OfLong BE_LONG = JAVA_LONG_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

  private SocketStructs() {}

  /// Has a pointer tell of a place beside it.
  static void setPointer(MemorySegment in, long at, long target) {
    in.set(JAVA_LONG_UNALIGNED, at, in.address() + target);
  }

  /// Writes a socket address and returns its length.
  static int writeSockaddr(MemorySegment to, long at, long high, long low, int port) {
    to.set(BE_SHORT, at + PORT, (short) port);
    if (IpAddress.isIpv4(high, low)) {
      to.set(JAVA_SHORT_UNALIGNED, at, AF_INET);
      to.set(BE_INT, at + IN_ADDRESS, (int) low);
      return SOCKADDR_IN_BYTES;
    }
    to.set(JAVA_SHORT_UNALIGNED, at, AF_INET6);
    to.set(BE_INT, at + IN_ADDRESS, 0); // flow
    to.set(BE_LONG, at + IN6_ADDRESS, high);
    to.set(BE_LONG, at + IN6_ADDRESS + 8, low);
    to.set(JAVA_INT_UNALIGNED, at + IN6_ADDRESS + 16, 0); // scope
    return SOCKADDR_IN6_BYTES;
  }

  /// Reads what a peer's side said of a datagram, or null where clients are not told it (RFC 8656
  /// §11.5). What this machine itself found too long reads as if the first router had said so.
  static UdpHandler.@Nullable Icmp readError(MemorySegment from, long at, TransportAddress peer) {
    int type = from.get(ValueLayout.JAVA_BYTE, at + EE_TYPE) & 0xff;
    int code = from.get(ValueLayout.JAVA_BYTE, at + EE_CODE) & 0xff;
    int info = from.get(JAVA_INT_UNALIGNED, at + EE_INFO);
    int origin = from.get(ValueLayout.JAVA_BYTE, at + EE_ORIGIN);
    boolean ipv4 = peer.ip().isIpv4();
    if (origin == ORIGIN_LOCAL && from.get(JAVA_INT_UNALIGNED, at + EE_ERRNO) == EMSGSIZE) {
      return ipv4 ? new UdpHandler.Icmp(peer, 3, 4, info) : new UdpHandler.Icmp(peer, 2, 0, info);
    }
    boolean told =
        (origin == ORIGIN_ICMP && (type == 3 || type == 11))
            || (origin == ORIGIN_ICMP6 && type >= 1 && type <= 3);
    boolean tooLong = ipv4 ? type == 3 && code == 4 : type == 2;
    return told ? new UdpHandler.Icmp(peer, type, code, tooLong ? info : 0) : null;
  }

  /// Where a control message ends and the next begins.
  static long nextControl(MemorySegment in, long at) {
    return at + (in.get(JAVA_LONG_UNALIGNED, at) + 7 & ~7L);
  }

  /// Reads whither a packet was sent, where a control message tells it.
  static void readDestination(MemorySegment from, long at, Packet into) {
    int level = from.get(JAVA_INT_UNALIGNED, at + CMSG_LEVEL);
    int type = from.get(JAVA_INT_UNALIGNED, at + CMSG_TYPE);
    if (level == IPPROTO_IP && type == IP_PKTINFO) {
      into.localHigh = 0;
      into.localLow = MAPPED | (from.get(BE_INT, at + SPEC_DST) & 0xffff_ffffL);
    } else if (level == IPPROTO_IPV6 && type == IPV6_PKTINFO) {
      into.localHigh = from.get(BE_LONG, at + CMSG_DATA);
      into.localLow = from.get(BE_LONG, at + CMSG_DATA + 8);
    }
  }

  /// Writes a control message that tells whence to send, and returns its length.
  static int writeSource(MemorySegment to, long at, long high, long low) {
    boolean ipv4 = IpAddress.isIpv4(high, low);
    int length = CMSG_DATA + (ipv4 ? PKTINFO_BYTES : PKTINFO6_BYTES);
    to.set(JAVA_LONG_UNALIGNED, at, length);
    to.set(JAVA_INT_UNALIGNED, at + CMSG_LEVEL, ipv4 ? IPPROTO_IP : IPPROTO_IPV6);
    to.set(JAVA_INT_UNALIGNED, at + CMSG_TYPE, ipv4 ? IP_PKTINFO : IPV6_PKTINFO);
    if (ipv4) {
      to.set(JAVA_INT_UNALIGNED, at + CMSG_DATA, 0); // any interface
      to.set(BE_INT, at + SPEC_DST, (int) low);
    } else {
      to.set(BE_LONG, at + CMSG_DATA, high);
      to.set(BE_LONG, at + CMSG_DATA + 8, low);
      to.set(JAVA_INT_UNALIGNED, at + CMSG_DATA + 16, 0);
    }
    return length + 7 & ~7;
  }

  /// Reads a socket address into a packet's source.
  static void readSockaddr(MemorySegment from, long at, Packet into) {
    into.sourcePort = from.get(BE_SHORT, at + PORT) & 0xffff;
    if (from.get(JAVA_SHORT_UNALIGNED, at) == AF_INET) {
      into.sourceHigh = 0;
      into.sourceLow = MAPPED | (from.get(BE_INT, at + IN_ADDRESS) & 0xffff_ffffL);
    } else {
      into.sourceHigh = from.get(BE_LONG, at + IN6_ADDRESS);
      into.sourceLow = from.get(BE_LONG, at + IN6_ADDRESS + 8);
    }
  }
}
