package dev.hairpin.turnserver.conformance;

import static dev.hairpin.turnserver.conformance.Expected.SUCCESS;
import static dev.hairpin.turnserver.conformance.Expected.error;
import static dev.hairpin.turnserver.conformance.Expected.unknown;
import static dev.hairpin.turnserver.conformance.Rows.HOUSE;
import static dev.hairpin.turnserver.conformance.Rows.STUN;
import static dev.hairpin.turnserver.conformance.Rows.TURN;
import static dev.hairpin.turnserver.testkit.Attributes.XOR_PEER_ADDRESS;

import dev.hairpin.turnserver.conformance.Question.Content;
import dev.hairpin.turnserver.testkit.Bytes;
import dev.hairpin.turnserver.testkit.Methods;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;

/// The CreatePermission request. Which addresses are denied is the matter of `DeniedPeersTest`.
final class PermissionRows {
  static final InetSocketAddress DENIED_IPV4 =
      new InetSocketAddress(InetAddress.ofLiteral("10.0.0.1"), 9);
  static final InetSocketAddress DENIED_IPV6 =
      new InetSocketAddress(InetAddress.ofLiteral("fc00::1"), 9);
  static final InetSocketAddress ALLOWED_IPV4 = new InetSocketAddress(Venue.IPV4, 9);
  static final InetSocketAddress ALLOWED_IPV6 = new InetSocketAddress(Venue.IPV6, 9);
  private static final int MAX_PEERS = 32;
  private static final Content PLAIN = (m, scene) -> m.peer(scene.peer.address());

  private final Rows rows = new Rows("CreatePermission", Methods.CREATE_PERMISSION);

  static List<Row> list() {
    var permission = new PermissionRows();
    permission.rows.askByEveryCredential(PLAIN, State.LIVE, State.LIVE_AND_OLD_NONCE);
    permission.form();
    permission.peers();
    permission.states();
    return permission.rows.list();
  }

  private void form() {
    rows.ask("", PLAIN, State.LIVE, SUCCESS, TURN + "§10.2");
    rows.ask("", PLAIN, State.PERMITTED, SUCCESS, TURN + "§9");
    rows.ask("without a peer", (_, _) -> {}, State.LIVE, error(400), TURN + "§10.2");
    malformed("a peer of 3 bytes", Bytes.octets(0, 1, 0));
    malformed("a peer of no family", Bytes.octets(0, 3, 0, 9, 127, 0, 0, 1));
    malformed("an IPv6 peer of 4 bytes", Bytes.octets(0, 2, 0, 9, 127, 0, 0, 1));
    rows.ask(
        "a good peer and a malformed one",
        (m, scene) -> m.peer(scene.peer.address()).attribute(XOR_PEER_ADDRESS, Bytes.octets(0, 1)),
        State.LIVE,
        error(400),
        TURN + "§10.2");
    rows.ask(
        "a peer whose first byte is not zero",
        (m, _) -> m.attribute(XOR_PEER_ADDRESS, Bytes.hex("ff01 211b 5e12a443")), // 127.0.0.1:9
        State.LIVE,
        SUCCESS,
        STUN + "§14.1");
    rows.ask(
        "with an unknown attribute",
        (m, scene) -> m.peer(scene.peer.address()).flag(Rows.UNKNOWN_REQUIRED),
        State.LIVE,
        unknown(Rows.UNKNOWN_REQUIRED),
        STUN + "§6.3.1");
  }

  private void malformed(String name, Bytes value) {
    rows.ask(
        name,
        (m, _) -> m.attribute(XOR_PEER_ADDRESS, value),
        State.LIVE,
        error(400),
        TURN + "§10.2");
  }

  private void peers() {
    rows.ask(
        "two peers",
        (m, scene) -> m.peer(scene.peer.address()).peer(scene.otherPeer.address()),
        State.LIVE,
        SUCCESS,
        TURN + "§10.2");
    many("32 peers", MAX_PEERS, SUCCESS);
    many("33 peers", MAX_PEERS + 1, error(400));
    rows.ask(
        "a peer with port 0",
        (m, scene) -> m.peer(new InetSocketAddress(scene.peer.address().getAddress(), 0)),
        State.LIVE,
        SUCCESS,
        TURN + "§10.2");
    rows.ask(
        "its own relayed address",
        (m, scene) -> m.peer(scene.relayed()),
        State.LIVE,
        SUCCESS,
        HOUSE);
    rows.ask(
        "the server's listener",
        (m, scene) -> m.peer(scene.server()),
        State.LIVE,
        error(403),
        HOUSE);
    one("a denied peer", DENIED_IPV4, State.LIVE, error(403));
    one("a denied peer of the other family", DENIED_IPV6, State.LIVE, error(403));
    one("a denied peer of the other family", DENIED_IPV4, State.LIVE_ON_IPV6, error(403));
    one("a peer of the other family", ALLOWED_IPV6, State.LIVE, error(443));
    one("a peer of the other family", ALLOWED_IPV4, State.LIVE_ON_IPV6, error(443));
    one("an IPv6 peer", ALLOWED_IPV6, State.LIVE_ON_IPV6, SUCCESS);
    rows.ask(
        "a peer of each family",
        (m, scene) -> m.peer(scene.peer.address()).peer(ALLOWED_IPV6),
        State.LIVE_ON_BOTH,
        SUCCESS,
        TURN + "§10.2");
    rows.ask(
        "a good peer and a denied one",
        (m, scene) -> m.peer(scene.peer.address()).peer(DENIED_IPV4),
        State.LIVE,
        error(403),
        TURN + "§10.2");
    rows.ask(
        "a good peer and one of the other family",
        (m, scene) -> m.peer(scene.peer.address()).peer(ALLOWED_IPV6),
        State.LIVE,
        error(443),
        TURN + "§10.2");
  }

  private void one(String name, InetSocketAddress peer, State state, Expected expected) {
    rows.ask(name, (m, _) -> m.peer(peer), state, expected, TURN + "§10.2");
  }

  private void many(String name, int count, Expected expected) {
    rows.ask(
        name,
        (m, _) -> {
          for (int i = 1; i <= count; i++) {
            m.peer(Bytes.octets(127, 0, 1, i), 9);
          }
        },
        State.LIVE,
        expected,
        HOUSE);
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
