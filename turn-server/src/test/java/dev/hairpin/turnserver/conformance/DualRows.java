package dev.hairpin.turnserver.conformance;

import static dev.hairpin.turnserver.conformance.Expected.SUCCESS;
import static dev.hairpin.turnserver.conformance.Expected.error;
import static dev.hairpin.turnserver.conformance.Expected.success;
import static dev.hairpin.turnserver.conformance.Expected.unknown;
import static dev.hairpin.turnserver.conformance.Rows.HOUSE;
import static dev.hairpin.turnserver.conformance.Rows.TURN;
import static dev.hairpin.turnserver.testkit.Attributes.ADDITIONAL_ADDRESS_FAMILY;
import static dev.hairpin.turnserver.testkit.Attributes.ADDRESS_ERROR_CODE;
import static dev.hairpin.turnserver.testkit.Attributes.DONT_FRAGMENT;
import static dev.hairpin.turnserver.testkit.Attributes.EVEN_PORT;
import static dev.hairpin.turnserver.testkit.Attributes.RESERVATION_TOKEN;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import dev.hairpin.turnserver.testkit.Allocation;
import dev.hairpin.turnserver.testkit.Bytes;
import dev.hairpin.turnserver.testkit.DualAllocation;
import dev.hairpin.turnserver.testkit.Message;
import dev.hairpin.turnserver.testkit.MessageBuilder;
import dev.hairpin.turnserver.testkit.Methods;
import java.util.List;
import java.util.function.BiConsumer;

/// Allocate requests for a relayed address of each family.
final class DualRows {
  private static final int IPV4 = 1;
  private static final int IPV6 = 2;
  private static final int NO_FAMILY = 3;

  private final Rows rows = new Rows("Allocate", Methods.ALLOCATE);

  static List<Row> list() {
    var dual = new DualRows();
    dual.whatIsHad();
    dual.whatDoesNotGoTogether();
    dual.dontFragment();
    return dual.rows.list();
  }

  private void whatIsHad() {
    String name = "ADDITIONAL-ADDRESS-FAMILY";
    ask(name, (_, _) -> {}, State.NONE_ON_BOTH, success("one address of each", DualRows::checkTwo));
    ask(
        name,
        (_, _) -> {},
        State.NONE,
        success("ADDRESS-ERROR-CODE 440", (_, _, answer) -> checkOne(answer, IPV6)));
    rows.ask(
        name,
        (m, _) -> m.requestedTransport().additionalFamily(IPV6),
        State.NONE_ON_IPV6,
        success("ADDRESS-ERROR-CODE 440", (_, _, answer) -> checkOne(answer, IPV4)),
        HOUSE);
    ask(name, (_, _) -> {}, State.NONE_AND_PORTS_TAKEN, error(508));
    ask(name, (_, _) -> {}, State.LIVE_ON_BOTH, error(437));
    ask(
        name + " and EVEN-PORT",
        (m, _) -> m.attribute(EVEN_PORT, Bytes.octets(0)),
        State.NONE_ON_BOTH,
        success("two even ports", DualRows::checkEven));
  }

  /// A client that comes by IPv4: the server cannot see whether its datagrams may be cut.
  private void dontFragment() {
    rows.ask(
        "for IPv6 with DONT-FRAGMENT",
        (m, _) -> m.requestedTransport().requestedFamily(IPV6).flag(DONT_FRAGMENT),
        State.NONE_ON_BOTH,
        unknown(DONT_FRAGMENT),
        TURN + "§3.7");
    rows.ask(
        "for IPv4 with DONT-FRAGMENT",
        (m, _) -> m.requestedTransport().requestedFamily(IPV4).flag(DONT_FRAGMENT),
        State.NONE_ON_BOTH,
        SUCCESS,
        TURN + "§7.2");
    rows.ask(
        "for IPv6 with DONT-FRAGMENT",
        (m, _) -> m.requestedTransport().requestedFamily(IPV6).flag(DONT_FRAGMENT),
        State.NONE_ON_IPV6,
        SUCCESS,
        TURN + "§7.2");
    ask(
        "ADDITIONAL-ADDRESS-FAMILY with DONT-FRAGMENT",
        (m, _) -> m.flag(DONT_FRAGMENT),
        State.NONE_ON_BOTH,
        unknown(DONT_FRAGMENT));
  }

  private void whatDoesNotGoTogether() {
    String name = "ADDITIONAL-ADDRESS-FAMILY";
    wrong(name + " of IPv4", Bytes.octets(IPV4, 0, 0, 0));
    wrong(name + " of an unknown family", Bytes.octets(NO_FAMILY, 0, 0, 0));
    wrong(name + " of 1 byte", Bytes.octets(IPV6));
    ask(
        name + " and REQUESTED-ADDRESS-FAMILY",
        (m, _) -> m.requestedFamily(IPV4),
        State.NONE_ON_BOTH,
        error(400));
    ask(
        name + " and EVEN-PORT with R bit",
        (m, _) -> m.attribute(EVEN_PORT, Bytes.octets(0x80)),
        State.NONE_ON_BOTH,
        error(400));
    ask(
        name + " and RESERVATION-TOKEN",
        (m, scene) -> m.attribute(RESERVATION_TOKEN, scene.token()),
        State.RESERVED,
        error(400));
  }

  private void ask(
      String variant, BiConsumer<MessageBuilder, Scene> more, State state, Expected expected) {
    rows.ask(
        variant,
        (m, scene) -> more.accept(m.requestedTransport().additionalFamily(IPV6), scene),
        state,
        expected,
        TURN + "§7.2");
  }

  private void wrong(String variant, Bytes value) {
    rows.ask(
        variant,
        (m, _) -> m.requestedTransport().attribute(ADDITIONAL_ADDRESS_FAMILY, value),
        State.NONE_ON_BOTH,
        error(400),
        TURN + "§7.2");
  }

  private static void checkTwo(Scene scene, Bytes question, Message answer) {
    var dual = DualAllocation.of(answer);
    assertEquals(Venue.IPV4, dual.relayedIpv4().getAddress());
    assertEquals(Venue.IPV6, dual.relayedIpv6().getAddress());
    assertFalse(answer.has(ADDRESS_ERROR_CODE));
    var again = DualAllocation.of(scene.client.exchange(question));
    assertEquals(dual.relayedIpv4(), again.relayedIpv4());
    assertEquals(dual.relayedIpv6(), again.relayedIpv6());
  }

  private static void checkEven(Scene scene, Bytes question, Message answer) {
    var dual = DualAllocation.of(answer);
    assertEquals(0, dual.relayedIpv4().getPort() % 2);
    assertEquals(0, dual.relayedIpv6().getPort() % 2);
  }

  private static void checkOne(Message answer, int missing) {
    assertEquals(Bytes.octets(missing, 0, 4, 40), answer.require(ADDRESS_ERROR_CODE));
    int family = Allocation.of(answer).relayed().getAddress().equals(Venue.IPV4) ? IPV4 : IPV6;
    assertEquals(missing == IPV4 ? IPV6 : IPV4, family);
  }
}
