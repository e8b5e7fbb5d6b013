package dev.hairpin.turnserver.conformance;

import static dev.hairpin.turnserver.conformance.Expected.error;
import static dev.hairpin.turnserver.conformance.Expected.success;
import static dev.hairpin.turnserver.conformance.Rows.HOUSE;
import static dev.hairpin.turnserver.conformance.Rows.TURN;
import static dev.hairpin.turnserver.testkit.Attributes.EVEN_PORT;
import static dev.hairpin.turnserver.testkit.Attributes.RESERVATION_TOKEN;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.hairpin.turnserver.conformance.Question.Content;
import dev.hairpin.turnserver.testkit.Allocation;
import dev.hairpin.turnserver.testkit.Bytes;
import dev.hairpin.turnserver.testkit.Message;
import dev.hairpin.turnserver.testkit.Methods;
import java.util.List;

/// Even ports and the reservation of the port above.
final class ReservationRows {
  private static final Content REDEEM =
      (m, scene) -> m.requestedTransport().attribute(RESERVATION_TOKEN, scene.token());

  private final Rows rows = new Rows("Allocate", Methods.ALLOCATE);

  static List<Row> list() {
    var reservation = new ReservationRows();
    reservation.evenPorts();
    reservation.tokens();
    return reservation.rows.list();
  }

  private void evenPorts() {
    rows.ask(
        "EVEN-PORT",
        evenPort(0),
        State.NONE,
        success("an even port", ReservationRows::checkEven),
        TURN + "§7.2");
    rows.ask(
        "EVEN-PORT with the reserved bits set",
        evenPort(0x7F),
        State.NONE,
        success("an even port", ReservationRows::checkEven),
        TURN + "§18.7");
    rows.ask(
        "EVEN-PORT with R bit",
        evenPort(0x80),
        State.NONE,
        success("an even port, RESERVATION-TOKEN", ReservationRows::checkReservation),
        TURN + "§7.2");
    rows.ask(
        "EVEN-PORT of 0 bytes",
        (m, _) -> m.requestedTransport().flag(EVEN_PORT),
        State.NONE,
        error(400),
        TURN + "§18.7");
    rows.ask("EVEN-PORT", evenPort(0), State.NONE_AND_PORTS_TAKEN, error(508), TURN + "§7.2");
    rows.ask(
        "EVEN-PORT with R bit",
        evenPort(0x80),
        State.NONE_AND_PORTS_TAKEN,
        error(508),
        TURN + "§7.2");
  }

  private static Content evenPort(int bits) {
    return (m, _) -> m.requestedTransport().attribute(EVEN_PORT, Bytes.octets(bits));
  }

  private void tokens() {
    rows.ask(
        "RESERVATION-TOKEN",
        REDEEM,
        State.RESERVED,
        success("the reserved port, once", ReservationRows::checkRedeemed),
        TURN + "§7.2");
    rows.ask(
        "RESERVATION-TOKEN", REDEEM, Credentials.OTHER_USER, State.RESERVED, error(508), HOUSE);
    rows.ask(
        "an unknown RESERVATION-TOKEN",
        (m, _) -> m.requestedTransport().attribute(RESERVATION_TOKEN, Bytes.random(8)),
        State.NONE,
        error(508),
        TURN + "§7.2");
    rows.ask(
        "RESERVATION-TOKEN of 4 bytes",
        (m, _) -> m.requestedTransport().attribute(RESERVATION_TOKEN, Bytes.random(4)),
        State.NONE,
        error(400),
        TURN + "§18.10");
    rows.ask(
        "RESERVATION-TOKEN and EVEN-PORT",
        (m, scene) ->
            m.requestedTransport()
                .attribute(RESERVATION_TOKEN, scene.token())
                .attribute(EVEN_PORT, Bytes.octets(0)),
        State.RESERVED,
        error(400),
        TURN + "§7.2");
    rows.ask(
        "RESERVATION-TOKEN and REQUESTED-ADDRESS-FAMILY",
        (m, scene) ->
            m.requestedTransport().requestedFamily(1).attribute(RESERVATION_TOKEN, scene.token()),
        State.RESERVED,
        error(400),
        TURN + "§7.2");
  }

  private static void checkEven(Scene scene, Bytes question, Message answer) {
    assertEquals(0, Allocation.of(answer).relayed().getPort() % 2);
    assertFalse(answer.has(RESERVATION_TOKEN));
  }

  private static void checkReservation(Scene scene, Bytes question, Message answer) {
    assertEquals(0, Allocation.of(answer).relayed().getPort() % 2);
    assertEquals(8, answer.require(RESERVATION_TOKEN).length());
  }

  private static void checkRedeemed(Scene scene, Bytes question, Message answer) {
    assertEquals(scene.reservedPort(), Allocation.of(answer).relayed().getPort());
    try (var again = new Scene(scene.turnServer())) {
      var refusal =
          again.client.call(
              Methods.ALLOCATE,
              m -> m.requestedTransport().attribute(RESERVATION_TOKEN, scene.token()));
      assertTrue(refusal.isError(508), refusal::toString);
    }
  }
}
