package dev.hairpin.turnserver.turn;

import dev.hairpin.turnserver.net.Family;
import dev.hairpin.turnserver.net.TransportAddress;
import dev.hairpin.turnserver.stun.ErrorCode;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What to tell a client. Handlers decide on one; [AnswerWriter] alone says it.
public sealed interface Answer extends TurnRequestDecoder.Decoded {
  /// What it refuses by, or null where it is a success.
  default @Nullable ErrorCode error() {
    return null;
  }

  /// To a Binding request (RFC 8489 §6.3.1).
  record Reflexive(TransportAddress mapped) implements Answer {}

  /// To a Binding request on the sockets of NAT behaviour discovery (RFC 5780 §6.1).
  ///
  /// @param origin where the answer comes from
  /// @param other the address and the port that are neither those that were asked
  /// @param padding bytes of PADDING
  record Discovered(
      TransportAddress mapped, TransportAddress origin, TransportAddress other, int padding)
      implements Answer {}

  /// To an Allocate request.
  ///
  /// @param relayed one, or one of each family
  /// @param reservationToken of the next higher port, or null where none was reserved
  /// @param missing the family that was asked for and not had, or null
  record Allocated(
      List<TransportAddress> relayed,
      TransportAddress mapped,
      long lifetimeSeconds,
      @Nullable Long reservationToken,
      @Nullable MissingFamily missing)
      implements Answer {}

  /// Why there is no relayed address of a family (RFC 8656 §18.12).
  record MissingFamily(Family family, ErrorCode error) {}

  /// To a Connect request (RFC 6062 §5.2).
  record Connected(int connectionId) implements Answer {}

  record Refreshed(long lifetimeSeconds) implements Answer {}

  /// A success with a ticket to take along (RFC 8016 §3).
  record Ticketed(Answer success, byte[] ticket) implements Answer {}

  /// To CreatePermission, ChannelBind and ConnectionBind.
  enum Done implements Answer {
    DONE
  }

  record Refused(ErrorCode error) implements Answer {}

  /// To an Allocate request that another server is to answer (RFC 8489 §10).
  ///
  /// @param domain in that server's certificate, or empty where it is not to be told
  record Redirected(TransportAddress alternate, String domain) implements Answer {
    @Override
    public ErrorCode error() {
      return ErrorCode.TRY_ALTERNATE;
    }
  }

  record UnknownAttributes(int[] attributes) implements Answer {
    @Override
    public ErrorCode error() {
      return ErrorCode.UNKNOWN_ATTRIBUTE;
    }
  }

  /// An error with REALM and NONCE, which asks for credentials (RFC 8489 §9.2.4).
  ///
  /// @param passwordAlgorithms the value of PASSWORD-ALGORITHMS; empty where it is not sent
  record Challenge(ErrorCode error, String realm, byte[] nonce, byte[] passwordAlgorithms)
      implements Answer {}

  static Answer refused(ErrorCode error) {
    return new Refused(error);
  }
}
