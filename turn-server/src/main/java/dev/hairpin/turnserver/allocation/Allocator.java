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

/// Brings allocations into being (RFC 8656 §7.2).
public record Allocator(
    AllocationSettings settings, PeerPolicy policy, RelaySockets sockets, Quotas quotas) {
  /// Where relayed addresses come from.
  public interface RelaySockets {
    Opened open(Family family, PortWish port, Applicant applicant, long nowNanos);

    /// A bound socket, or why there is none.
    sealed interface Opened permits RelaySocket, Failed {}

    record Failed(ErrorCode error) implements Opened {}
  }

  /// An allocation, or the answer that tells why there is none.
  public sealed interface Outcome permits Allocation, Refused {}

  public record Refused(Answer answer) implements Outcome {}

  /// Allocates for a 5-tuple that has no allocation. Of two relayed addresses, one is better than
  /// none (RFC 8656 §7.2).
  public Outcome allocate(
      Applicant applicant, TurnRequest.Allocate request, TransactionId id, long nowNanos) {
    var source = applicant.fiveTuple().client().ip();
    if (PeerPolicy.isTunnelled(source)) {
      return new Refused(Answer.refused(ErrorCode.FORBIDDEN));
    }
    boolean translates =
        applicant.fiveTuple().transport().isDatagram()
            && source.isIpv4()
            && request.families().contains(Family.IPV6);
    if (request.dontFragment() && translates) {
      // the DF bit of what comes is out of sight (RFC 8656 §3.7)
      return new Refused(new Answer.UnknownAttributes(new int[] {Attribute.DONT_FRAGMENT}));
    }
    var owner = applicant.owner();
    boolean redeems = request.port() instanceof PortWish.Reserved;
    var unit = quotas.allocation(owner.credential(), owner.endNanos(), source, redeems, nowNanos);
    if (unit == null) {
      return new Refused(Answer.refused(ErrorCode.ALLOCATION_QUOTA_REACHED));
    }
    var opened = new ArrayList<RelaySocket>(request.families().size());
    Outcome outcome = null;
    try {
      outcome = open(applicant, request, opened, unit, id, nowNanos);
      return outcome;
    } finally {
      if (!(outcome instanceof Allocation)) { // a defect included: nothing is held for nobody
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
    Answer.MissingFamily missing = null;
    for (var family : request.families()) {
      switch (sockets.open(family, request.port(), applicant, nowNanos)) {
        case RelaySockets.Failed(var error) -> missing = new Answer.MissingFamily(family, error);
        case RelaySocket socket -> opened.add(socket);
      }
    }
    if (missing != null && opened.isEmpty()) {
      boolean dual = request.families().size() > 1;
      var error = dual ? ErrorCode.INSUFFICIENT_CAPACITY : missing.error();
      return new Refused(Answer.refused(error));
    }
    var opening = new Allocation.Opening(policy, settings, unit, id, missing, nowNanos);
    return new Allocation(applicant, opened, opening, request.lifetimeSeconds());
  }
}
