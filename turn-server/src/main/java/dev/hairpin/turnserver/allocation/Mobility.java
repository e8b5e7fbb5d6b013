package dev.hairpin.turnserver.allocation;

import dev.hairpin.turnserver.auth.MobilityTickets;
import dev.hairpin.turnserver.auth.MobilityTickets.Ticket;
import dev.hairpin.turnserver.stun.ErrorCode;
import dev.hairpin.turnserver.stun.TransactionId;
import dev.hairpin.turnserver.turn.Answer;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// The tickets of one allocation (RFC 8016 §3): one is good at a time. The one before it gets its
/// answer again where the request that it was used in is retransmitted.
final class Mobility {
  /// RFC 8016 §3.2.2 asks for 30 seconds at least; RFC 8489 §6.2.1 retransmits for longer.
  private static final Duration MEMORY = Duration.ofSeconds(40);

  private final MobilityTickets tickets;
  private Ticket current;
  private byte[] sealed;
  private @Nullable Move last;

  private record Move(FiveTuple to, TransactionId id, Answer answer, long nanos) {}

  Mobility(MobilityTickets tickets, Ticket first) {
    this.tickets = tickets;
    this.current = first;
    this.sealed = tickets.seal(first);
  }

  /// The answer with the ticket that is good now.
  Answer ticketed(Answer answer) {
    return new Answer.Ticketed(answer, sealed);
  }

  /// What a request with a used ticket gets: a retransmission, the same answer again. Null where
  /// the ticket is good.
  @Nullable Answer settled(Ticket shown, FiveTuple to, TransactionId id, long nowNanos) {
    if (shown.equals(current)) {
      return null;
    }
    var move = last;
    return move != null
            && shown.next().equals(current)
            && move.id().equals(id)
            && move.to().equals(to)
            && nowNanos - move.nanos() < MEMORY.toNanos()
        ? move.answer()
        : Answer.refused(ErrorCode.ALLOCATION_MISMATCH);
  }

  /// The allocation moves: what was shown is used up.
  Answer moved(FiveTuple to, TransactionId id, Answer answer, long nowNanos) {
    current = current.next();
    sealed = tickets.seal(current);
    last = new Move(to, id, ticketed(answer), nowNanos);
    return last.answer();
  }
}
