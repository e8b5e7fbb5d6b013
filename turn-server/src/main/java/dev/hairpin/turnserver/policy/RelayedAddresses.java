package dev.hairpin.turnserver.policy;

/// Which transport addresses this server relays from at this moment.
public interface RelayedAddresses {
  /// Whether the address, as clients are told it, belongs to a live allocation. Any thread may ask;
  /// no object is made.
  boolean isLive(long high, long low, int port);
}
