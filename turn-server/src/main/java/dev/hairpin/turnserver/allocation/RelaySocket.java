package dev.hairpin.turnserver.allocation;

import dev.hairpin.turnserver.net.TransportAddress;
import dev.hairpin.turnserver.udp.Packet;
import java.util.function.Predicate;

/// The relayed transport address that an allocation owns.
public interface RelaySocket {
  /// As clients and peers are told it.
  TransportAddress relayedAddress();

  /// Sends a part of the packet that is being handled to a peer, without copying it.
  void relay(Packet packet, int skip, int length, long high, long low, int port);

  /// As [#relay], but what does not fit into one packet on its way is lost, not cut up.
  void relayUnfragmented(Packet packet, int skip, int length, long high, long low, int port);

  /// Whether peers are reached by TCP connections (RFC 6062); then nothing is sent by [#relay].
  default boolean isTcp() {
    return false;
  }

  /// Ends connections with peers against which something stands.
  default void closePeers(Predicate<TransportAddress> denied) {}

  /// Tells whose data passes here.
  void serve(Allocation owner);

  /// Gives port and descriptor back. The second call does nothing.
  void close();
}
