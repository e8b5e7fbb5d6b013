package dev.hairpin.turnserver.allocation;

import dev.hairpin.turnserver.net.Family;
import dev.hairpin.turnserver.policy.PeerPolicy;
import dev.hairpin.turnserver.stun.Attribute;
import dev.hairpin.turnserver.stun.ErrorCode;
import dev.hairpin.turnserver.stun.TransactionId;
import dev.hairpin.turnserver.turn.Answer;
import dev.hairpin.turnserver.turn.PortWish;
import dev.hairpin.turnserver.turn.TurnRequest;
import java.util.ArrayList;
import org.jspecify.annotations.Nullable;

/// Brings allocations into being (RFC 8656 §7.2).
public final class Allocator {
  private final AllocationSettings settings;
  private final PeerPolicy policy;
  private final RelaySockets sockets;

  public Allocator(AllocationSettings settings, PeerPolicy policy, RelaySockets sockets) {
    this.settings = settings;
    this.policy = policy;
    this.sockets = sockets;
  }

  /// Where relayed addresses come from.
  public interface RelaySockets {
    Opened open(Family family, PortWish port, Applicant applicant, long nowNanos);

    /// A socket, or why there is none.
    sealed interface Opened {
      /// A bound socket.
      ///
      /// @param reservationToken of the next higher port, or null where none was reserved
      record Socket(RelaySocket socket, @Nullable Long reservationToken) implements Opened {}

      record Failed(ErrorCode error) implements Opened {}
    }
  }

  /// An allocation with the answer that tells of it, or an answer alone.
  public sealed interface Outcome {
    record Granted(Allocation allocation, Answer answer) implements Outcome {}

    record Refused(Answer answer) implements Outcome {}
  }

  /// Allocates for a 5-tuple that has no allocation. Of two relayed addresses, one is better than
  /// none (RFC 8656 §7.2).
  public Outcome allocate(
      Applicant applicant, TurnRequest.Allocate request, TransactionId id, long nowNanos) {
    if (PeerPolicy.isTunnelled(applicant.fiveTuple().client().ip())) {
      return new Outcome.Refused(Answer.refused(ErrorCode.FORBIDDEN));
    }
    boolean translates =
        applicant.fiveTuple().transport().isDatagram()
            && applicant.fiveTuple().client().ip().isIpv4()
            && request.families().contains(Family.IPV6);
    if (request.dontFragment() && translates) {
      // the DF bit of what comes is out of sight (RFC 8656 §3.7)
      return new Outcome.Refused(new Answer.UnknownAttributes(new int[] {Attribute.DONT_FRAGMENT}));
    }
    var opened = new ArrayList<RelaySocket>(request.families().size());
    Long token = null;
    Answer.MissingFamily missing = null;
    for (var family : request.families()) {
      switch (sockets.open(family, request.port(), applicant, nowNanos)) {
        case RelaySockets.Opened.Failed(var error) ->
            missing = new Answer.MissingFamily(family, error);
        case RelaySockets.Opened.Socket(var socket, var reserved) -> {
          opened.add(socket);
          token = reserved;
        }
      }
    }
    if (missing != null && opened.isEmpty()) {
      boolean dual = request.families().size() > 1;
      var error = dual ? ErrorCode.INSUFFICIENT_CAPACITY : missing.error();
      return new Outcome.Refused(Answer.refused(error));
    }
    var opening = new Allocation.Opening(policy, settings, id, token, missing, nowNanos);
    long lifetimeSeconds = settings.grantedSeconds(request.lifetimeSeconds());
    var allocation = new Allocation(applicant, opened, opening, lifetimeSeconds);
    return new Outcome.Granted(allocation, allocation.opened(nowNanos));
  }
}
