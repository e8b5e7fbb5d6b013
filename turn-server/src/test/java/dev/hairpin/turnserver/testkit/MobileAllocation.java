package dev.hairpin.turnserver.testkit;

/// An allocation that may move to another 5-tuple (RFC 8016 §3.1).
public record MobileAllocation(Allocation allocation, Bytes ticket) {
  public static MobileAllocation of(Message success) {
    return new MobileAllocation(
        Allocation.of(success), success.require(Attributes.MOBILITY_TICKET));
  }
}
