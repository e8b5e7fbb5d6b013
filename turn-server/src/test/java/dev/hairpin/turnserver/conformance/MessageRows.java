package dev.hairpin.turnserver.conformance;

import static dev.hairpin.turnserver.conformance.Expected.SILENCE;
import static dev.hairpin.turnserver.conformance.Expected.success;
import static dev.hairpin.turnserver.conformance.Expected.unknown;
import static dev.hairpin.turnserver.conformance.Rows.HOUSE;
import static dev.hairpin.turnserver.conformance.Rows.STUN;
import static dev.hairpin.turnserver.conformance.Rows.TURN;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.hairpin.turnserver.conformance.Question.Content;
import dev.hairpin.turnserver.testkit.Attributes;
import dev.hairpin.turnserver.testkit.Bytes;
import dev.hairpin.turnserver.testkit.MessageBuilder;
import dev.hairpin.turnserver.testkit.MessageClass;
import dev.hairpin.turnserver.testkit.Methods;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

/// The Binding request, and all that is not for a server or no message at all.
final class MessageRows {
  private static final int UNASSIGNED_METHOD = 0x0FF;
  private static final Expected MAPPED =
      success(
          "the client's address",
          (scene, _, answer) ->
              assertEquals(
                  scene.client.localAddress(), answer.address(Attributes.XOR_MAPPED_ADDRESS)));
  private static final Content EMPTY = (_, _) -> {};

  private final Rows rows = new Rows("Binding", Methods.BINDING);

  static List<Row> list() {
    var messages = new MessageRows();
    messages.binding();
    messages.notForServers();
    messages.malformed();
    return messages.rows.list();
  }

  private void binding() {
    for (var state : List.of(State.NONE, State.NONE_ON_IPV6, State.LIVE)) {
      rows.ask("", EMPTY, Credentials.NONE, state, MAPPED, STUN + "§6.3.1");
    }
    binding("with FINGERPRINT", m -> m.fingerprint(), MAPPED, "§7");
    binding("with an unknown attribute", m -> m.flag(0x7FFF), unknown(0x7FFF), "§6.3.1");
    binding("with an unknown attribute to be ignored", m -> m.flag(0xFFFF), MAPPED, "§6.3.1");
    binding(
        "with an unknown attribute behind MESSAGE-INTEGRITY",
        m -> m.attribute(Attributes.MESSAGE_INTEGRITY, Bytes.random(20)).flag(0x7FFF),
        MAPPED,
        "§14.5");
    var odd =
        Question.request(
            "Binding", Methods.BINDING, (m, _) -> m.text(Attributes.SOFTWARE, "5 by!"));
    rows.send(
        odd.but(
            ", with padding that is not zero", b -> b.with(b.length() - 3, Bytes.octets(1, 2, 3))),
        State.NONE,
        MAPPED,
        STUN + "§14");
    rows.ask("", EMPTY, Credentials.WRONG_PASSWORD, State.NONE, MAPPED, HOUSE);
  }

  private void binding(
      String variant, Consumer<MessageBuilder> content, Expected expected, String section) {
    rows.ask(
        variant,
        (m, _) -> content.accept(m),
        Credentials.NONE,
        State.NONE,
        expected,
        STUN + section);
  }

  private void notForServers() {
    silent("Binding indication", MessageClass.INDICATION, Methods.BINDING, STUN + "§6.3.2");
    silent("Data indication", MessageClass.INDICATION, Methods.DATA, TURN + "§11");
    silent("Allocate indication", MessageClass.INDICATION, Methods.ALLOCATE, STUN + "§6.3");
    silent("Binding success response", MessageClass.SUCCESS, Methods.BINDING, STUN + "§6.3.3");
    silent("Binding error response", MessageClass.ERROR, Methods.BINDING, STUN + "§6.3.4");
    silent("Allocate success response", MessageClass.SUCCESS, Methods.ALLOCATE, STUN + "§6.3.3");
    silent("Data request", MessageClass.REQUEST, Methods.DATA, STUN + "§6.3");
    silent(
        "ConnectionAttempt indication",
        MessageClass.INDICATION,
        Methods.CONNECTION_ATTEMPT,
        STUN + "§6.3");
    silent("Request of an unknown method", MessageClass.REQUEST, UNASSIGNED_METHOD, STUN + "§6.3");
    silent(
        "Indication of an unknown method",
        MessageClass.INDICATION,
        UNASSIGNED_METHOD,
        STUN + "§6.3");
  }

  private void silent(String name, MessageClass messageClass, int method, String source) {
    for (var state : List.of(State.NONE, State.BOUND)) {
      rows.send(Question.of(name, messageClass, method, EMPTY), state, SILENCE, source);
    }
  }

  private void malformed() {
    broken("without the magic cookie", b -> b.with(4, Bytes.random(4)), "§6.3");
    broken("with its first bit set", b -> b.with(0, Bytes.octets(0x80)), "§5");
    broken("one byte short", b -> b.slice(0, b.length() - 1), "§5");
    broken("with a byte behind it", b -> b.plus(Bytes.octets(0)), "§5");
    broken("with four bytes behind it", b -> b.plus(Bytes.uint32(0)), "§5");
    broken("length field 0", b -> b.with(2, Bytes.uint16(0)), "§5");
    broken("length field 65532", b -> b.with(2, Bytes.uint16(0xFFFC)), "§5");
    broken("an attribute reaches beyond its end", b -> b.with(22, Bytes.uint16(9)), "§14");
    broken("an attribute of 65535 bytes", b -> b.with(22, Bytes.uint16(0xFFFF)), "§14");
    Question plain = Question.request("Binding", Methods.BINDING, (m, _) -> m.fingerprint());
    rows.send(
        plain.but(", with a wrong FINGERPRINT", b -> b.with(24, Bytes.random(4))),
        State.NONE,
        SILENCE,
        STUN + "§6.3");
    rows.send(
        Question.request(
            "Binding, with SOFTWARE behind FINGERPRINT",
            Methods.BINDING,
            (m, _) -> m.fingerprint().text(Attributes.SOFTWARE, "late")),
        State.NONE,
        SILENCE,
        STUN + "§14.7");
    rows.send(
        Question.raw("Datagram of 0 bytes", (_, _) -> Bytes.EMPTY), State.NONE, SILENCE, HOUSE);
    rows.send(
        Question.raw("First bytes of a DTLS record", (_, _) -> Bytes.hex("16fefd0000")),
        State.NONE,
        SILENCE,
        TURN + "§12");
    rows.send(
        Question.raw("RTP packet", (_, _) -> Bytes.hex("80000001 00000002 00000003 ffff")),
        State.NONE,
        SILENCE,
        TURN + "§12");
  }

  /// A Binding request with one attribute of 8 bytes, then changed.
  private void broken(String change, UnaryOperator<Bytes> mangle, String section) {
    var whole =
        Question.request(
            "Binding", Methods.BINDING, (m, _) -> m.text(Attributes.SOFTWARE, "8 bytes!"));
    rows.send(whole.but(", " + change, mangle), State.NONE, SILENCE, STUN + section);
  }
}
