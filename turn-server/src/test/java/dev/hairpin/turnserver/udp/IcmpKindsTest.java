package dev.hairpin.turnserver.udp;

import static dev.hairpin.turnserver.udp.SocketStructs.CMSG_DATA;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import dev.hairpin.turnserver.net.IpAddress;
import dev.hairpin.turnserver.net.TransportAddress;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// Which of the errors that the kernel keeps are told to clients, read from its structures.
class IcmpKindsTest {
  private static final TransportAddress IPV4 =
      new TransportAddress(IpAddress.parse("192.0.2.1"), 9);
  private static final TransportAddress IPV6 =
      new TransportAddress(IpAddress.parse("2001:db8::1"), 9);
  private static final int LOCAL = 1;
  private static final int ICMP = 2;
  private static final int ICMP6 = 3;
  private static final int TIMESTAMP = 4;
  private static final int EMSGSIZE = 90;
  private static final int EHOSTUNREACH = 113;
  private static final int MTU = 1_400;

  @Test
  void clientsAreToldThreeKindsAndNoOther() {
    assertEquals(List.of(3, 11), typesTold(ICMP, IPV4));
    assertEquals(List.of(1, 2, 3), typesTold(ICMP6, IPV6));
    assertEquals(List.of(), typesTold(TIMESTAMP, IPV4));
    assertEquals(List.of(), typesTold(LOCAL, IPV4));
    assertEquals(new UdpHandler.Icmp(IPV4, 3, 4, MTU), read(ICMP, EMSGSIZE, 3, 4, IPV4));
    assertEquals(new UdpHandler.Icmp(IPV4, 3, 1, 0), read(ICMP, EHOSTUNREACH, 3, 1, IPV4));
    assertEquals(new UdpHandler.Icmp(IPV6, 2, 0, MTU), read(ICMP6, EMSGSIZE, 2, 0, IPV6));
    assertEquals(new UdpHandler.Icmp(IPV6, 3, 0, 0), read(ICMP6, EHOSTUNREACH, 3, 0, IPV6));
  }

  @Test
  void whatThisMachineFindsTooLongReadsAsARoutersWord() {
    assertEquals(new UdpHandler.Icmp(IPV4, 3, 4, MTU), read(LOCAL, EMSGSIZE, 0, 0, IPV4));
    assertEquals(new UdpHandler.Icmp(IPV6, 2, 0, MTU), read(LOCAL, EMSGSIZE, 0, 0, IPV6));
  }

  @Test
  void whoSentTheErrorDoesNotMatter() {
    var error = error(ICMP, EHOSTUNREACH, 3, 1);
    SocketStructs.writeSockaddr(error, CMSG_DATA + 16, 0, 0xffff_0a00_0001L, 0);
    var icmp = SocketStructs.readError(error, 0, IPV4);
    assertNotNull(icmp);
    assertEquals(IPV4, icmp.peer());
  }

  private static List<Integer> typesTold(int origin, TransportAddress peer) {
    var told = new ArrayList<Integer>();
    for (int type = 0; type < 256; type++) {
      if (read(origin, EHOSTUNREACH, type, 0, peer) != null) {
        told.add(type);
      }
    }
    return told;
  }

  private static UdpHandler.@Nullable Icmp read(
      int origin, int errno, int type, int code, TransportAddress peer) {
    return SocketStructs.readError(error(origin, errno, type, code), 0, peer);
  }

  /// A cmsghdr with a `struct sock_extended_err` and room for the offender's address.
  private static MemorySegment error(int origin, int errno, int type, int code) {
    var control = MemorySegment.ofArray(new byte[SocketStructs.CONTROL_BYTES]);
    control.set(ValueLayout.JAVA_INT_UNALIGNED, CMSG_DATA, errno);
    control.set(ValueLayout.JAVA_BYTE, CMSG_DATA + 4, (byte) origin);
    control.set(ValueLayout.JAVA_BYTE, CMSG_DATA + 5, (byte) type);
    control.set(ValueLayout.JAVA_BYTE, CMSG_DATA + 6, (byte) code);
    control.set(ValueLayout.JAVA_INT_UNALIGNED, CMSG_DATA + 8, MTU);
    return control;
  }
}
