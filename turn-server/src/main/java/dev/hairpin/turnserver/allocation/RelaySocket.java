package dev.hairpin.turnserver.allocation;

import dev.hairpin.turnserver.allocation.Allocator.RelaySockets.Opened;
import dev.hairpin.turnserver.net.TransportAddress;
import dev.hairpin.turnserver.udp.Packet;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// The relayed transport address that an allocation owns.
public abstract non-sealed class RelaySocket implements Opened {
  private final TransportAddress relayedAddress;
  private @Nullable Allocation allocation;
  private @Nullable Long reservationToken;

  /// When it runs out.
  long endsNanos;

  /// @param relayedAddress as clients and peers are told it
  protected RelaySocket(TransportAddress relayedAddress) {
    this.relayedAddress = relayedAddress;
  }

  public final TransportAddress relayedAddress() {
    return relayedAddress;
  }

  /// Whose data passes here, or null before it is told.
  public final @Nullable Allocation allocation() {
    return allocation;
  }

  /// Of the next higher port, or null where none was reserved with this one.
  public final @Nullable Long reservationToken() {
    return reservationToken;
  }

  public final void reserved(long token) {
    reservationToken = token;
  }

  final void serve(Allocation owner) {
    allocation = owner;
  }

  /// Sends a part of the packet that is being handled to a peer, without copying it.
  public void relay(Packet packet, int skip, int length, long high, long low, int port) {}

  /// As [#relay], but what does not fit into one packet on its way is lost, not cut up.
  public void relayUnfragmented(
      Packet packet, int skip, int length, long high, long low, int port) {}

  /// Whether peers are reached by TCP connections (RFC 6062); then nothing is sent by [#relay].
  public boolean isTcp() {
    return false;
  }

  /// Ends connections with peers against which something stands.
  public void closePeers(Predicate<TransportAddress> denied) {}

  /// Ends connections with peers that have waited too long.
  public void sweep(long nowNanos) {}

  /// Gives port and descriptor back. The second call does nothing.
  public abstract void close();
}
