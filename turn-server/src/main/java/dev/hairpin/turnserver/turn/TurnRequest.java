package dev.hairpin.turnserver.turn;

import dev.hairpin.turnserver.net.Family;
import dev.hairpin.turnserver.net.TransportAddress;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A request whose attributes have been read and checked: what exists is valid.
public sealed interface TurnRequest extends TurnRequestDecoder.Decoded {
  /// Stands for a LIFETIME that was not sent: what a message says of a number that it has not.
  long NO_LIFETIME = -1;

  /// RFC 8656 §7.1, RFC 6062 §4.1.
  ///
  /// @param tcp whether peers are to be reached by connections
  /// @param families of the relayed addresses; IPv4 alone where the client did not say
  /// @param lifetimeSeconds what the client wishes, or [#NO_LIFETIME]
  /// @param dontFragment whether the client wants to use DONT-FRAGMENT later
  record Allocate(
      boolean tcp, List<Family> families, PortWish port, long lifetimeSeconds, boolean dontFragment)
      implements TurnRequest {}

  /// RFC 8656 §8.1.
  ///
  /// @param family of the relayed address that is meant, or null where all are
  record Refresh(long lifetimeSeconds, @Nullable Family family) implements TurnRequest {}

  /// RFC 8656 §10.1.
  record CreatePermission(List<TransportAddress> peers) implements TurnRequest {}

  /// RFC 8656 §12.1.
  record ChannelBind(int channel, TransportAddress peer) implements TurnRequest {}

  /// RFC 6062 §4.3.
  record Connect(TransportAddress peer) implements TurnRequest {}

  /// RFC 6062 §4.3, on a connection of its own.
  record ConnectionBind(int connectionId) implements TurnRequest {}
}
