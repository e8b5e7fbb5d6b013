package dev.hairpin.turnserver.net;

/// Whether other sockets bind the same address.
public enum Sharing {
  EXCLUSIVE,
  /// `SO_REUSEPORT`: the kernel spreads clients over the sockets by their addresses.
  SHARED
}
