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

import dev.hairpin.turnserver.conformance.Question.Content;
import dev.hairpin.turnserver.testkit.Attributes;
import dev.hairpin.turnserver.testkit.Bytes;
import dev.hairpin.turnserver.testkit.Message;
import dev.hairpin.turnserver.testkit.Methods;
import java.util.List;

/// The Refresh request.
final class RefreshRows {
  private static final Content PLAIN = (_, _) -> {};
  private static final Content DELETION = (m, _) -> m.lifetime(0);

  private final Rows rows = new Rows("Refresh", Methods.REFRESH);

  static List<Row> list() {
    var refresh = new RefreshRows();
    refresh.rows.askByEveryCredential(PLAIN, State.LIVE, State.LIVE_AND_OLD_NONCE);
    refresh.rows.askByEveryAlgorithm(PLAIN, State.LIVE, lifetime(600));
    refresh.lifetimes();
    refresh.attributes();
    refresh.states();
    return refresh.rows.list();
  }

  private void lifetimes() {
    rows.ask("", PLAIN, State.LIVE, lifetime(600), TURN + "§8.2");
    rows.ask("LIFETIME 0", DELETION, State.LIVE, lifetime(0), TURN + "§8.2");
    rows.ask(
        "LIFETIME 0, and the same bytes again",
        DELETION,
        State.LIVE,
        success("LIFETIME 0 both times", RefreshRows::checkRepetition),
        TURN + "§5");
    for (long wish : new long[] {1, 599, 600, 601, 3600, 3601, 0xFFFF_FFFFL}) {
      rows.ask(
          "LIFETIME " + wish,
          (m, _) -> m.lifetime(wish),
          State.LIVE,
          lifetime(Math.clamp(wish, 600, 3600)),
          TURN + "§8.2");
    }
    rows.ask(
        "LIFETIME of 2 bytes",
        (m, _) -> m.attribute(Attributes.LIFETIME, Bytes.uint16(600)),
        State.LIVE,
        error(400),
        STUN + "§6.3");
  }

  private void attributes() {
    rows.ask("for IPv4", (m, _) -> m.requestedFamily(1), State.LIVE, SUCCESS, TURN + "§8.2");
    rows.ask("for IPv6", (m, _) -> m.requestedFamily(2), State.LIVE, error(443), TURN + "§8.2");
    rows.ask(
        "for IPv4", (m, _) -> m.requestedFamily(1), State.LIVE_ON_IPV6, error(443), TURN + "§8.2");
    for (int family : new int[] {1, 2}) {
      String variant = family == 1 ? "for IPv4" : "for IPv6";
      rows.ask(
          variant,
          (m, _) -> m.requestedFamily(family),
          State.LIVE_ON_BOTH,
          lifetime(600),
          TURN + "§8.1");
      rows.ask(
          variant + ", LIFETIME 0",
          (m, _) -> m.requestedFamily(family).lifetime(0),
          State.LIVE_ON_BOTH,
          success("the other family lives on", (s, _, _) -> checkHalf(s, family)),
          TURN + "§8.1");
    }
    rows.ask(
        "LIFETIME 0",
        DELETION,
        State.LIVE_ON_BOTH,
        success("neither family is left", (s, _, _) -> assertEquals(437, codeFor(s, 1))),
        TURN + "§8.1");
    rows.ask(
        "with an unknown attribute",
        (m, _) -> m.flag(Rows.UNKNOWN_REQUIRED),
        State.LIVE,
        unknown(Rows.UNKNOWN_REQUIRED),
        STUN + "§6.3.1");
  }

  private void states() {
    for (var gone : List.of(State.NONE, State.DELETED, State.EXPIRED)) {
      rows.ask("", PLAIN, gone, error(437), TURN + "§5");
      rows.ask("LIFETIME 0", DELETION, gone, error(437), TURN + "§5");
    }
    rows.ask("", PLAIN, Credentials.NONE, State.NONE, error(401), STUN + "§9.2.4");
    rows.ask("", PLAIN, Credentials.OTHER_USER, State.LIVE, error(441), TURN + "§5");
    rows.ask("", PLAIN, Credentials.LATER_CREDENTIAL, State.LIVE, SUCCESS, HOUSE);
    rows.ask("LIFETIME 0", DELETION, Credentials.OTHER_USER, State.LIVE, error(441), TURN + "§5");
    rows.ask("", PLAIN, State.LIVE_ON_IPV6, lifetime(600), TURN + "§8.2");
  }

  private static void checkHalf(Scene scene, int gone) {
    assertEquals(443, codeFor(scene, gone));
    assertEquals(0, codeFor(scene, 3 - gone));
    assertEquals(443, codeFor(scene, gone));
  }

  private static int codeFor(Scene scene, int family) {
    var answer = scene.client.call(Methods.REFRESH, m -> m.requestedFamily(family));
    return answer.isSuccess() ? 0 : answer.errorCode();
  }

  private static void checkRepetition(Scene scene, Bytes question, Message answer) {
    assertEquals(0, answer.uint32(Attributes.LIFETIME));
    assertEquals(0, scene.client.exchange(question).uint32(Attributes.LIFETIME));
  }
}
