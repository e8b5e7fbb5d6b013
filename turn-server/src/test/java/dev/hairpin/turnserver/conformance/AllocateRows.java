package dev.hairpin.turnserver.conformance;

import static dev.hairpin.turnserver.conformance.Expected.SUCCESS;
import static dev.hairpin.turnserver.conformance.Expected.error;
import static dev.hairpin.turnserver.conformance.Expected.lifetime;
import static dev.hairpin.turnserver.conformance.Expected.success;
import static dev.hairpin.turnserver.conformance.Expected.unknown;
import static dev.hairpin.turnserver.conformance.Rows.HOUSE;
import static dev.hairpin.turnserver.conformance.Rows.STUN;
import static dev.hairpin.turnserver.conformance.Rows.TURN;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.hairpin.turnserver.conformance.Question.Content;
import dev.hairpin.turnserver.testkit.Allocation;
import dev.hairpin.turnserver.testkit.Attributes;
import dev.hairpin.turnserver.testkit.Bytes;
import dev.hairpin.turnserver.testkit.Message;
import dev.hairpin.turnserver.testkit.MessageBuilder;
import dev.hairpin.turnserver.testkit.Methods;
import java.util.List;
import java.util.function.Consumer;

/// The Allocate request.
final class AllocateRows {
  private static final int IPV4 = 1;
  private static final int IPV6 = 2;
  private static final int NO_FAMILY = 3;
  private static final int TCP = 6;
  private static final int UDP = 17;
  private static final int SCTP = 132;
  private static final Content PLAIN = (m, _) -> m.requestedTransport();

  private final Rows rows = new Rows("Allocate", Methods.ALLOCATE);

  static List<Row> list() {
    var allocate = new AllocateRows();
    allocate.rows.askByEveryCredential(PLAIN, State.NONE, State.NONE_AND_OLD_NONCE);
    allocate.rows.askByEveryAlgorithm(PLAIN, State.NONE, SUCCESS);
    allocate.whatIsAsked();
    allocate.lifetimes();
    allocate.unknownAttributes();
    allocate.states();
    return allocate.rows.list();
  }

  private void whatIsAsked() {
    var granted = success("its own addresses", AllocateRows::checkAddresses);
    rows.ask("", PLAIN, State.NONE, granted, TURN + "§7.2");
    rows.ask("without REQUESTED-TRANSPORT", (_, _) -> {}, State.NONE, error(400), TURN + "§7.2");
    rows.ask(
        "without REQUESTED-TRANSPORT",
        (_, _) -> {},
        Credentials.NONE,
        State.NONE,
        error(400),
        HOUSE);
    rows.ask(
        "REQUESTED-TRANSPORT of 3 bytes",
        (m, _) -> m.attribute(Attributes.REQUESTED_TRANSPORT, Bytes.octets(17, 0, 0)),
        State.NONE,
        error(400),
        TURN + "§7.2");
    rows.ask("for TCP", (m, _) -> m.requestedTransport(TCP), State.NONE, error(442), TURN + "§7.2");
    rows.ask(
        "for SCTP", (m, _) -> m.requestedTransport(SCTP), State.NONE, error(442), TURN + "§7.2");
    rows.ask(
        "with the reserved bits of REQUESTED-TRANSPORT set",
        (m, _) -> m.attribute(Attributes.REQUESTED_TRANSPORT, withAllReserved(UDP)),
        State.NONE,
        SUCCESS,
        TURN + "§18.8");
    rows.ask(
        "for IPv4, with the reserved bits set",
        (m, _) ->
            m.requestedTransport()
                .attribute(Attributes.REQUESTED_ADDRESS_FAMILY, withAllReserved(IPV4)),
        State.NONE,
        SUCCESS,
        TURN + "§18.6");
    family("for IPv4", IPV4, State.NONE, SUCCESS);
    family("for IPv6", IPV6, State.NONE, error(440));
    family("for an unknown family", NO_FAMILY, State.NONE, error(440));
    family("for IPv4", IPV4, State.NONE_ON_IPV6, error(440));
    family("for IPv6", IPV6, State.NONE_ON_IPV6, SUCCESS);
    rows.ask("", PLAIN, State.NONE_ON_IPV6, error(440), TURN + "§7.2");
  }

  private static Bytes withAllReserved(int first) {
    return Bytes.octets(first, 0xFF, 0xFF, 0xFF);
  }

  private void family(String variant, int family, State state, Expected expected) {
    rows.ask(
        variant,
        (m, _) -> m.requestedTransport().requestedFamily(family),
        state,
        expected,
        TURN + "§7.2");
  }

  private void lifetimes() {
    rows.ask("without LIFETIME", PLAIN, State.NONE, lifetime(600), TURN + "§7.2");
    for (long wish : new long[] {0, 1, 599, 600, 601, 3600, 3601, 0xFFFF_FFFFL}) {
      rows.ask(
          "LIFETIME " + wish,
          (m, _) -> m.requestedTransport().lifetime(wish),
          State.NONE,
          lifetime(Math.clamp(wish, 600, 3600)),
          TURN + "§7.2");
    }
    rows.ask(
        "LIFETIME of 2 bytes",
        (m, _) -> m.requestedTransport().attribute(Attributes.LIFETIME, Bytes.uint16(600)),
        State.NONE,
        error(400),
        STUN + "§6.3");
  }

  private void unknownAttributes() {
    with(
        "an unknown attribute", m -> m.flag(Rows.UNKNOWN_REQUIRED), unknown(Rows.UNKNOWN_REQUIRED));
    with(
        "two unknown attributes, one of them twice",
        m -> m.flag(0x7FFE).flag(Rows.UNKNOWN_REQUIRED).flag(0x7FFE),
        unknown(0x7FFE, Rows.UNKNOWN_REQUIRED));
    with("an unknown attribute to be ignored", m -> m.flag(Rows.UNKNOWN_OPTIONAL), SUCCESS);
    rows.ask(
        "with an unknown attribute",
        (m, _) -> m.requestedTransport().flag(Rows.UNKNOWN_REQUIRED),
        Credentials.NONE,
        State.NONE,
        error(401),
        STUN + "§6.3");
    rows.ask(
        "with DONT-FRAGMENT",
        (m, _) -> m.requestedTransport().flag(Attributes.DONT_FRAGMENT),
        State.NONE,
        SUCCESS,
        TURN + "§7.2");
  }

  private void with(String what, Consumer<MessageBuilder> attributes, Expected expected) {
    rows.ask(
        "with " + what,
        (m, _) -> attributes.accept(m.requestedTransport()),
        State.NONE,
        expected,
        STUN + "§6.3.1");
  }

  private void states() {
    rows.ask("", PLAIN, State.NONE_AND_PORTS_TAKEN, error(508), TURN + "§7.2");
    rows.ask("", PLAIN, State.DELETED, SUCCESS, TURN + "§8.2");
    rows.ask("", PLAIN, State.EXPIRED, SUCCESS, TURN + "§6");
    rows.ask("", PLAIN, State.LIVE, error(437), TURN + "§7.2");
    rows.ask("", PLAIN, Credentials.OTHER_USER, State.LIVE, error(437), TURN + "§7.2");
    rows.ask("", PLAIN, Credentials.NONE, State.LIVE, error(401), STUN + "§9.2.4");
    rows.ask("for TCP", (m, _) -> m.requestedTransport(TCP), State.LIVE, error(437), TURN + "§7.2");
    family("for IPv6", IPV6, State.LIVE, error(437));
    rows.send(
        Question.raw("Allocate, the same bytes again", (scene, _) -> scene.firstAllocate()),
        State.LIVE,
        success("the same relayed address", AllocateRows::checkRepetition),
        TURN + "§5");
  }

  private static void checkAddresses(Scene scene, Bytes question, Message answer) {
    var allocation = Allocation.of(answer);
    assertEquals(scene.client.localAddress(), allocation.mapped());
    assertEquals(scene.server().getAddress(), allocation.relayed().getAddress());
    assertTrue(allocation.relayed().getPort() >= 49152, allocation::toString);
  }

  private static void checkRepetition(Scene scene, Bytes question, Message answer) {
    var again = scene.client.exchange(question);
    assertEquals(Allocation.of(answer).relayed(), Allocation.of(again).relayed());
    assertEquals(scene.relayed(), Allocation.of(again).relayed());
  }
}
