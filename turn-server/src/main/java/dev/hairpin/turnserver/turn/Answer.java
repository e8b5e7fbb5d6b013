package dev.hairpin.turnserver.turn;

import dev.hairpin.turnserver.net.TransportAddress;
import dev.hairpin.turnserver.stun.ErrorCode;
import org.jspecify.annotations.Nullable;

/// What to tell a client. Handlers decide on one; [AnswerWriter] alone says it.
public sealed interface Answer {
  /// To a Binding request (RFC 8489 §6.3.1).
  record Reflexive(TransportAddress mapped) implements Answer {}

  /// To an Allocate request.
  ///
  /// @param reservationToken of the next higher port, or null where none was reserved
  record Allocated(
      TransportAddress relayed,
      TransportAddress mapped,
      long lifetimeSeconds,
      @Nullable Long reservationToken)
      implements Answer {}

  record Refreshed(long lifetimeSeconds) implements Answer {}

  /// To CreatePermission and ChannelBind.
  enum Done implements Answer {
    DONE
  }

  record Refused(ErrorCode error) implements Answer {}

  record UnknownAttributes(int[] attributes) implements Answer {}

  /// An error with REALM and NONCE, which asks for credentials (RFC 8489 §9.2.4).
  ///
  /// @param passwordAlgorithms the value of PASSWORD-ALGORITHMS; empty where it is not sent
  record Challenge(ErrorCode error, byte[] realm, byte[] nonce, byte[] passwordAlgorithms)
      implements Answer {}

  static Answer refused(ErrorCode error) {
    return new Refused(error);
  }
}
