package dev.hairpin.turnserver.allocation;

import dev.hairpin.turnserver.auth.MobilityTickets;
import dev.hairpin.turnserver.auth.MobilityTickets.Ticket;
import dev.hairpin.turnserver.stun.TransactionId;
import dev.hairpin.turnserver.turn.Answer;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// The tickets of one allocation (RFC 8016 §3): one is good at a time. The one before it gets its
/// answer again where the request that it was used in is retransmitted.
public final class Mobility {
  /// RFC 8016 §3.2.2 asks for 30 seconds at least; RFC 8489 §6.2.1 retransmits for longer.
  private static final Duration MEMORY = Duration.ofSeconds(40);

  private final MobilityTickets tickets;
  private final int loop;
  private final long number;
  private int generation;
  private byte[] ticket;
  private @Nullable Move last;

  private record Move(FiveTuple to, TransactionId id, Answer answer, long nanos) {}

  /// @param loop that keeps the allocation
  /// @param number of the allocation, never used again by that loop
  public Mobility(MobilityTickets tickets, int loop, long number) {
    this.tickets = tickets;
    this.loop = loop;
    this.number = number;
    this.ticket = tickets.seal(new Ticket(loop, generation, number));
  }

  public long number() {
    return number;
  }

  boolean isCurrent(Ticket shown) {
    return shown.generation() == generation;
  }

  /// The answer with the ticket that is good now.
  Answer ticketed(Answer answer) {
    return new Answer.Ticketed(answer, ticket);
  }

  /// What a retransmitted request was answered, or null where it is none.
  @Nullable Answer repeated(Ticket shown, FiveTuple to, TransactionId id, long nowNanos) {
    var move = last;
    return move != null
            && shown.generation() == generation - 1
            && move.id().equals(id)
            && move.to().equals(to)
            && nowNanos - move.nanos() < MEMORY.toNanos()
        ? move.answer()
        : null;
  }

  /// The allocation moves: what was shown is used up.
  Answer moved(FiveTuple to, TransactionId id, Answer answer, long nowNanos) {
    generation++;
    ticket = tickets.seal(new Ticket(loop, generation, number));
    last = new Move(to, id, ticketed(answer), nowNanos);
    return last.answer();
  }
}
