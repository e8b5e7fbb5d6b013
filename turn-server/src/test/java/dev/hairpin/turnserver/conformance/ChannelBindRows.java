package dev.hairpin.turnserver.conformance;

import static dev.hairpin.turnserver.conformance.Expected.SUCCESS;
import static dev.hairpin.turnserver.conformance.Expected.error;
import static dev.hairpin.turnserver.conformance.Expected.unknown;
import static dev.hairpin.turnserver.conformance.PermissionRows.ALLOWED_IPV4;
import static dev.hairpin.turnserver.conformance.PermissionRows.ALLOWED_IPV6;
import static dev.hairpin.turnserver.conformance.PermissionRows.DENIED_IPV4;
import static dev.hairpin.turnserver.conformance.PermissionRows.DENIED_IPV6;
import static dev.hairpin.turnserver.conformance.Rows.HOUSE;
import static dev.hairpin.turnserver.conformance.Rows.STUN;
import static dev.hairpin.turnserver.conformance.Rows.TURN;
import static dev.hairpin.turnserver.conformance.Scene.CHANNEL;

import dev.hairpin.turnserver.conformance.Question.Content;
import dev.hairpin.turnserver.testkit.Attributes;
import dev.hairpin.turnserver.testkit.Bytes;
import dev.hairpin.turnserver.testkit.Methods;
import java.net.InetSocketAddress;
import java.util.List;

/// The ChannelBind request.
final class ChannelBindRows {
  private static final Content PLAIN = (m, scene) -> m.channel(CHANNEL).peer(scene.peer.address());

  private final Rows rows = new Rows("ChannelBind", Methods.CHANNEL_BIND);

  static List<Row> list() {
    var bind = new ChannelBindRows();
    bind.rows.askByEveryCredential(PLAIN, State.LIVE, State.LIVE_AND_OLD_NONCE);
    bind.numbers();
    bind.form();
    bind.peers();
    bind.conflicts();
    bind.states();
    return bind.rows.list();
  }

  private void numbers() {
    rows.ask("", PLAIN, State.LIVE, SUCCESS, TURN + "§12.2");
    for (int number : new int[] {0, 0x3FFF, 0x8000, 0xFFFF}) {
      number(number, error(400), TURN + "§12.2");
    }
    number(0x4001, SUCCESS, TURN + "§12.2");
    number(0x4FFF, SUCCESS, TURN + "§12.2");
    number(0x5000, SUCCESS, "house rule, RFC 5766 §11");
    number(0x7FFF, SUCCESS, "house rule, RFC 5766 §11");
  }

  private void number(int number, Expected expected, String source) {
    rows.ask(
        "channel 0x%04X".formatted(number),
        (m, scene) -> m.channel(number).peer(scene.peer.address()),
        State.LIVE,
        expected,
        source);
  }

  private void form() {
    bad("without a channel", (m, scene) -> m.peer(scene.peer.address()));
    bad("without a peer", (m, _) -> m.channel(CHANNEL));
    bad("without anything", (_, _) -> {});
    bad(
        "channel of 2 bytes",
        (m, scene) ->
            m.attribute(Attributes.CHANNEL_NUMBER, Bytes.uint16(CHANNEL))
                .peer(scene.peer.address()));
    bad(
        "a peer of 3 bytes",
        (m, _) -> m.channel(CHANNEL).attribute(Attributes.XOR_PEER_ADDRESS, Bytes.octets(0, 1, 0)));
    rows.ask(
        "with the reserved bytes set",
        (m, scene) ->
            m.attribute(
                    Attributes.CHANNEL_NUMBER, Bytes.uint16(CHANNEL).plus(Bytes.octets(0xFF, 0xFF)))
                .peer(scene.peer.address()),
        State.LIVE,
        SUCCESS,
        TURN + "§18.1");
    rows.ask(
        "a peer with port 0",
        (m, scene) ->
            m.channel(CHANNEL).peer(new InetSocketAddress(scene.peer.address().getAddress(), 0)),
        State.LIVE,
        error(400),
        HOUSE);
    rows.ask(
        "with an unknown attribute",
        (m, scene) -> m.channel(CHANNEL).peer(scene.peer.address()).flag(Rows.UNKNOWN_REQUIRED),
        State.LIVE,
        unknown(Rows.UNKNOWN_REQUIRED),
        STUN + "§6.3.1");
  }

  private void bad(String name, Content content) {
    rows.ask(name, content, State.LIVE, error(400), TURN + "§12.2");
  }

  private void peers() {
    one("a denied peer", DENIED_IPV4, State.LIVE, error(403));
    one("a denied peer of the other family", DENIED_IPV6, State.LIVE, error(403));
    one("a denied peer of the other family", DENIED_IPV4, State.LIVE_ON_IPV6, error(403));
    one("a peer of the other family", ALLOWED_IPV6, State.LIVE, error(443));
    one("a peer of the other family", ALLOWED_IPV4, State.LIVE_ON_IPV6, error(443));
    one("an IPv6 peer", ALLOWED_IPV6, State.LIVE_ON_IPV6, SUCCESS);
    rows.ask(
        "the server's listener",
        (m, scene) -> m.channel(CHANNEL).peer(scene.server()),
        State.LIVE,
        error(403),
        HOUSE);
  }

  private void one(String name, InetSocketAddress peer, State state, Expected expected) {
    rows.ask(name, (m, _) -> m.channel(CHANNEL).peer(peer), state, expected, TURN + "§12.2");
  }

  private void conflicts() {
    rows.ask("the same channel and peer", PLAIN, State.BOUND, SUCCESS, TURN + "§12.2");
    rows.ask(
        "the same channel, another peer",
        (m, scene) -> m.channel(CHANNEL).peer(scene.otherPeer.address()),
        State.BOUND,
        error(400),
        TURN + "§12.2");
    rows.ask(
        "another channel, the same peer",
        (m, scene) -> m.channel(CHANNEL + 1).peer(scene.peer.address()),
        State.BOUND,
        error(400),
        TURN + "§12.2");
    rows.ask(
        "another channel, another peer",
        (m, scene) -> m.channel(CHANNEL + 1).peer(scene.otherPeer.address()),
        State.BOUND,
        SUCCESS,
        TURN + "§12.2");
  }

  private void states() {
    for (var gone : List.of(State.NONE, State.DELETED, State.EXPIRED)) {
      rows.ask("", PLAIN, gone, error(437), TURN + "§5");
    }
    rows.ask("", PLAIN, Credentials.NONE, State.NONE, error(401), STUN + "§9.2.4");
    rows.ask("", PLAIN, Credentials.OTHER_USER, State.LIVE, error(441), TURN + "§5");
    rows.ask("", PLAIN, Credentials.LATER_CREDENTIAL, State.LIVE, SUCCESS, HOUSE);
  }
}
