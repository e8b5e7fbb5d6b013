package dev.hairpin.turnserver.transport;

import dev.hairpin.turnserver.net.TransportAddress;

/// One loop's socket on an address where clients come in.
public interface ClientListener {
  TransportAddress localAddress();

  /// Ends what has waited for too long.
  default void sweep(long nowNanos) {}

  void close();
}
