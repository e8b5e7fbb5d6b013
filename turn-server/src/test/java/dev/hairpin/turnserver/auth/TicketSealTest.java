package dev.hairpin.turnserver.auth;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.hairpin.turnserver.auth.MobilityTickets.Ticket;
import java.util.Random;
import org.junit.jupiter.api.Test;

/// The seal of mobility tickets (RFC 8016 §5).
class TicketSealTest {
  private static final Ticket TICKET = new Ticket(3, 5, 7);

  private final MobilityTickets tickets = new MobilityTickets(new ProcessKeys());

  @Test
  void whatWasSealedIsReadAgain() {
    assertEquals(TICKET, tickets.open(tickets.seal(TICKET)));
  }

  @Test
  void anotherProcessCannotReadIt() {
    var other = new MobilityTickets(new ProcessKeys());
    assertNull(other.open(tickets.seal(TICKET)));
  }

  @Test
  void noGuessIsATicket() {
    byte[] guess = tickets.seal(TICKET);
    var random = new Random(1);
    for (int i = 0; i < 1_000_000; i++) {
      random.nextBytes(guess);
      assertNull(tickets.open(guess));
    }
  }

  @Test
  void twoTicketsWithOneContentHaveNothingInCommon() {
    byte[] one = tickets.seal(TICKET);
    byte[] another = tickets.seal(TICKET);
    int same = 0;
    for (int i = 0; i < one.length; i++) {
      same += one[i] == another[i] ? 1 : 0;
    }
    assertTrue(same < 8, same + " of " + one.length + " bytes");
  }
}
