package dev.hairpin.turnserver.loop;

import dev.hairpin.turnserver.allocation.Allocation;
import dev.hairpin.turnserver.allocation.Applicant;
import dev.hairpin.turnserver.auth.MobilityTickets;
import dev.hairpin.turnserver.auth.MobilityTickets.Ticket;
import dev.hairpin.turnserver.loop.RelayLoop.Shared;
import dev.hairpin.turnserver.loop.RequestPath.Request;
import dev.hairpin.turnserver.loop.ServiceSettings.Feature;
import dev.hairpin.turnserver.policy.PeerPolicy;
import dev.hairpin.turnserver.stun.Attribute;
import dev.hairpin.turnserver.stun.ErrorCode;
import dev.hairpin.turnserver.stun.Method;
import dev.hairpin.turnserver.stun.StunMessage;
import dev.hairpin.turnserver.telemetry.Counter;
import dev.hairpin.turnserver.turn.Answer;
import dev.hairpin.turnserver.turn.TurnRequest;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/// Allocations that follow their clients to other addresses (RFC 8016), on one loop. A ticket says
/// which loop keeps the allocation: a request that comes to another one is led there.
///
/// @param index of this loop among all
/// @param ledBytes requests on their way to other loops: strangers' perhaps, so they share a bound
record Roaming(
    RelayLoop here,
    Shared shared,
    int index,
    MobilityTickets tickets,
    AllocationBook book,
    AtomicInteger ledBytes) {
  private boolean isOn() {
    return shared.service().has(Feature.MOBILITY);
  }

  /// What stands against the wish for a ticket in an Allocate, or null (RFC 8016 §3.1.2). The
  /// connections of a TCP allocation could not follow their client.
  @Nullable ErrorCode refusal(StunMessage allocate, boolean tcp) {
    int wish = allocate.find(Attribute.MOBILITY_TICKET);
    if (wish >= 0 && allocate.lengthOf(wish) > 0) {
      return ErrorCode.BAD_REQUEST;
    }
    return wish >= 0 && (tcp || !isOn()) ? ErrorCode.MOBILITY_FORBIDDEN : null;
  }

  /// Gives a new allocation its first ticket, where the client wishes one.
  void granted(Allocation allocation, StunMessage allocate) {
    if (allocate.has(Attribute.MOBILITY_TICKET)) {
      allocation.becomeMobile(tickets, index);
    }
  }

  /// Whether a request is for the allocation of a ticket, not for that of its 5-tuple.
  static boolean isMove(StunMessage request) {
    return request.method() == Method.REFRESH && request.has(Attribute.MOBILITY_TICKET);
  }

  /// The ticket that a request shows, or null where it is none of ours.
  @Nullable Ticket ticket(StunMessage move) {
    return tickets.open(move.bytesOf(Attribute.MOBILITY_TICKET));
  }

  /// Hands a request over to the loop of its ticket; false where that is this one. Strangers get
  /// here with stolen tickets at most, and nothing is kept of them.
  boolean leads(@Nullable Ticket ticket, Request request) {
    if (ticket == null || ticket.loop() == index || request.socket() instanceof Passage) {
      return false;
    }
    var home = shared.loops().get(ticket.loop());
    new Passage(here, request, home).forward(request.packet(), ledBytes);
    return true;
  }

  /// The allocation of a ticket, or null where this loop has none.
  @Nullable Allocation allocation(@Nullable Ticket ticket, long nowNanos) {
    return ticket == null ? null : book.live(ticket.allocation(), nowNanos);
  }

  /// Answers a Refresh that shows a ticket (RFC 8016 §3.2.2).
  ///
  /// @param resident the allocation of the 5-tuple that the request came from
  Answer move(
      Request request, Applicant to, @Nullable Allocation resident, TurnRequest.Refresh refresh) {
    if (!isOn()) {
      return Answer.refused(ErrorCode.MOBILITY_FORBIDDEN);
    }
    if (PeerPolicy.isTunnelled(request.client().ip())) {
      return Answer.refused(ErrorCode.FORBIDDEN); // as an Allocate from there
    }
    var ticket = ticket(request.message());
    var moving = allocation(ticket, request.nanos());
    if (ticket == null) {
      return Answer.refused(ErrorCode.BAD_REQUEST);
    }
    if (moving == null || (resident != null && resident != moving)) {
      return Answer.refused(ErrorCode.ALLOCATION_MISMATCH);
    }
    boolean wasHere = moving.whereabouts().isAt(to.fiveTuple());
    var answer = moving.move(ticket, refresh, to, request.id(), request.nanos());
    if (!wasHere && moving.whereabouts().isAt(to.fiveTuple())) {
      request.socket().add(request.client(), moving);
      here.counters().increment(Counter.ALLOCATIONS_MOVED);
    }
    return answer;
  }
}
