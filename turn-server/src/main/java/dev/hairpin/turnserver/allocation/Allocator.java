package dev.hairpin.turnserver.allocation;

import dev.hairpin.turnserver.net.Family;
import dev.hairpin.turnserver.policy.PeerPolicy;
import dev.hairpin.turnserver.policy.Quotas;
import dev.hairpin.turnserver.stun.Attribute;
import dev.hairpin.turnserver.stun.ErrorCode;
import dev.hairpin.turnserver.stun.TransactionId;
import dev.hairpin.turnserver.turn.Answer;
import dev.hairpin.turnserver.turn.PortWish;
import dev.hairpin.turnserver.turn.TurnRequest;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Brings allocations into being (RFC 8656 §7.2).
public record Allocator(
    AllocationSettings settings, PeerPolicy policy, RelaySockets sockets, Quotas quotas) {
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
    var source = applicant.fiveTuple().client().ip();
    if (PeerPolicy.isTunnelled(source)) {
      return new Outcome.Refused(Answer.refused(ErrorCode.FORBIDDEN));
    }
    boolean translates =
        applicant.fiveTuple().transport().isDatagram()
            && source.isIpv4()
            && request.families().contains(Family.IPV6);
    if (request.dontFragment() && translates) {
      // the DF bit of what comes is out of sight (RFC 8656 §3.7)
      return new Outcome.Refused(new Answer.UnknownAttributes(new int[] {Attribute.DONT_FRAGMENT}));
    }
    var owner = applicant.owner();
    boolean redeems = request.port() instanceof PortWish.Reserved;
    var unit = quotas.allocation(owner.credential(), owner.endNanos(), source, redeems, nowNanos);
    if (unit == null) {
      return new Outcome.Refused(Answer.refused(ErrorCode.ALLOCATION_QUOTA_REACHED));
    }
    var opened = new ArrayList<RelaySocket>(request.families().size());
    Outcome outcome = null;
    try {
      outcome = open(applicant, request, opened, unit, id, nowNanos);
      return outcome;
    } finally {
      if (!(outcome instanceof Outcome.Granted)) { // a defect included: nothing is held for nobody
        unit.release();
        opened.forEach(RelaySocket::close);
      }
    }
  }

  private Outcome open(
      Applicant applicant,
      TurnRequest.Allocate request,
      List<RelaySocket> opened,
      Quotas.Unit unit,
      TransactionId id,
      long nowNanos) {
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
    var opening = new Allocation.Opening(policy, settings, unit, id, token, missing, nowNanos);
    var allocation = new Allocation(applicant, opened, opening, request.lifetimeSeconds());
    return new Outcome.Granted(allocation, allocation.opened(nowNanos));
  }
}
