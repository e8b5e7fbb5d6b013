package dev.hairpin.turnserver.testkit;

import java.net.InetSocketAddress;

/// What the success response to an Allocate request says.
public record Allocation(
    InetSocketAddress relayed, InetSocketAddress mapped, long lifetimeSeconds) {
  public static Allocation of(Message success) {
    return new Allocation(
        success.address(Attributes.XOR_RELAYED_ADDRESS),
        success.address(Attributes.XOR_MAPPED_ADDRESS),
        success.uint32(Attributes.LIFETIME));
  }
}
