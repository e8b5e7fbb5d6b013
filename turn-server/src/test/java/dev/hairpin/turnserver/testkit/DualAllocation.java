package dev.hairpin.turnserver.testkit;

import java.net.Inet4Address;
import java.net.InetSocketAddress;

/// One allocation with a relayed address of each family (RFC 8656 §7.2).
public record DualAllocation(
    InetSocketAddress relayedIpv4, InetSocketAddress relayedIpv6, long lifetimeSeconds) {
  public static DualAllocation of(Message success) {
    var relayed = success.addresses(Attributes.XOR_RELAYED_ADDRESS);
    Expect.that(relayed.size() == 2, "not two relayed addresses: ", success);
    boolean ipv4First = relayed.getFirst().getAddress() instanceof Inet4Address;
    var ipv4 = ipv4First ? relayed.getFirst() : relayed.getLast();
    var ipv6 = ipv4First ? relayed.getLast() : relayed.getFirst();
    Expect.that(
        ipv4.getAddress() instanceof Inet4Address && !(ipv6.getAddress() instanceof Inet4Address),
        "not one of each family: ",
        success);
    return new DualAllocation(ipv4, ipv6, success.uint32(Attributes.LIFETIME));
  }
}
