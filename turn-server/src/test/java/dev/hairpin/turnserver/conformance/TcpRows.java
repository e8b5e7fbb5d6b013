package dev.hairpin.turnserver.conformance;

import static dev.hairpin.turnserver.conformance.Expected.error;
import static dev.hairpin.turnserver.conformance.Expected.success;
import static dev.hairpin.turnserver.conformance.Expected.unknown;
import static dev.hairpin.turnserver.conformance.PermissionRows.ALLOWED_IPV6;
import static dev.hairpin.turnserver.conformance.PermissionRows.DENIED_IPV4;
import static dev.hairpin.turnserver.conformance.PermissionRows.DENIED_IPV6;
import static dev.hairpin.turnserver.conformance.Rows.STUN;
import static dev.hairpin.turnserver.conformance.Rows.TURN;
import static dev.hairpin.turnserver.conformance.State.LIVE_OVER_TCP;
import static dev.hairpin.turnserver.conformance.State.NONE_OVER_TCP;
import static dev.hairpin.turnserver.conformance.State.TCP_LIVE;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.hairpin.turnserver.conformance.Question.Content;
import dev.hairpin.turnserver.testkit.Allocation;
import dev.hairpin.turnserver.testkit.Attributes;
import dev.hairpin.turnserver.testkit.Bytes;
import dev.hairpin.turnserver.testkit.Message;
import dev.hairpin.turnserver.testkit.MessageBuilder;
import dev.hairpin.turnserver.testkit.Methods;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/// TCP allocations (RFC 6062): Allocate, Connect and ConnectionBind.
final class TcpRows {
  private static final String TCP = "RFC 6062 ";
  private static final Content PLAIN = (m, scene) -> m.peer(scene.listeningPeer());
  private static final Content ANY_ID = (m, _) -> m.connectionId(0x0102_0304);
  private static final Expected CONNECTED =
      success("a CONNECTION-ID", (_, _, answer) -> answer.uint32(Attributes.CONNECTION_ID));

  private final Rows allocate = new Rows("Allocate", Methods.ALLOCATE);
  private final Rows connect = new Rows("Connect", Methods.CONNECT);
  private final Rows bind = new Rows("ConnectionBind", Methods.CONNECTION_BIND);
  private final Rows others = new Rows("ChannelBind", Methods.CHANNEL_BIND);

  static List<Row> list() {
    var tcp = new TcpRows();
    tcp.allocations();
    tcp.connects();
    tcp.binds();
    tcp.others.ask(
        "",
        (m, scene) -> m.channel(Scene.CHANNEL).peer(scene.peer.address()),
        TCP_LIVE,
        error(400),
        TCP + "§1");
    var all = new ArrayList<>(tcp.allocate.list());
    all.addAll(tcp.connect.list());
    all.addAll(tcp.bind.list());
    all.addAll(tcp.others.list());
    return all;
  }

  private void allocations() {
    allocates("", _ -> {}, success("an address of TCP", TcpRows::checkAllocation));
    allocates("with EVEN-PORT", m -> m.attribute(Attributes.EVEN_PORT, Bytes.octets(0)));
    allocates(
        "with RESERVATION-TOKEN", m -> m.attribute(Attributes.RESERVATION_TOKEN, Bytes.random(8)));
    allocates("with DONT-FRAGMENT", m -> m.flag(Attributes.DONT_FRAGMENT));
    allocates("for IPv6", m -> m.requestedFamily(2), error(440));
    allocate.ask("for TCP", (m, _) -> m.requestedTcp(), TCP_LIVE, error(437), TURN + "§7.2");
    allocate.ask("for TCP", (m, _) -> m.requestedTcp(), LIVE_OVER_TCP, error(437), TURN + "§7.2");
  }

  private void allocates(String what, Consumer<MessageBuilder> more) {
    allocates(what, more, error(400));
  }

  private void allocates(String what, Consumer<MessageBuilder> more, Expected expected) {
    allocate.ask(
        what.isEmpty() ? "for TCP" : "for TCP, " + what,
        (m, _) -> more.accept(m.requestedTcp()),
        NONE_OVER_TCP,
        expected,
        TCP + "§5.1");
  }

  private static void checkAllocation(Scene scene, Bytes question, Message answer) {
    assertFalse(answer.has(Attributes.RESERVATION_TOKEN), answer::toString);
    var relayed = Allocation.of(answer).relayed();
    try (var peer = new Socket(relayed.getAddress(), relayed.getPort())) {
      assertTrue(peer.isConnected());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void connects() {
    connect.askByEveryCredential(PLAIN, TCP_LIVE, State.LIVE_AND_OLD_NONCE);
    connects("", PLAIN, TCP_LIVE, CONNECTED);
    connects("to whom nobody listens", (m, s) -> m.peer(s.peer.address()), TCP_LIVE, error(447));
    connects("without a peer", (_, _) -> {}, TCP_LIVE, error(400));
    connects("port 0", (m, _) -> m.peer(Bytes.octets(127, 0, 0, 1), 0), TCP_LIVE, error(400));
    connects(
        "a peer of 3 bytes",
        (m, _) -> m.attribute(Attributes.XOR_PEER_ADDRESS, Bytes.octets(0, 1, 0)),
        TCP_LIVE,
        error(400));
    connects("a denied peer", (m, _) -> m.peer(DENIED_IPV4), TCP_LIVE, error(403));
    connects("a denied IPv6 peer", (m, _) -> m.peer(DENIED_IPV6), TCP_LIVE, error(403));
    connect.ask(
        "an IPv6 peer", (m, _) -> m.peer(ALLOWED_IPV6), TCP_LIVE, error(443), "RFC 6156 §6.2");
    connect.ask(
        "with an unknown attribute",
        (m, scene) -> m.peer(scene.listeningPeer()).flag(Rows.UNKNOWN_REQUIRED),
        TCP_LIVE,
        unknown(Rows.UNKNOWN_REQUIRED),
        STUN + "§6.3.1");
    connect.ask("", PLAIN, Credentials.OTHER_USER, TCP_LIVE, error(441), TURN + "§5");
    for (var state : List.of(NONE_OVER_TCP, State.NONE, State.DELETED, State.EXPIRED)) {
      connects("", PLAIN, state, error(437));
    }
    for (var state : List.of(LIVE_OVER_TCP, State.LIVE)) {
      connect.ask("", PLAIN, state, error(400), Rows.HOUSE);
    }
  }

  private void connects(String variant, Content content, State state, Expected expected) {
    connect.ask(variant, content, state, expected, TCP + "§5.2");
  }

  private void binds() {
    bind.askByEveryCredential(ANY_ID, NONE_OVER_TCP, State.NONE_AND_OLD_NONCE);
    binds("an id of nothing", ANY_ID, NONE_OVER_TCP);
    binds("without an id", (_, _) -> {}, NONE_OVER_TCP);
    binds(
        "an id of 2 bytes",
        (m, _) -> m.attribute(Attributes.CONNECTION_ID, Bytes.uint16(1)),
        NONE_OVER_TCP);
    for (var state : List.of(TCP_LIVE, LIVE_OVER_TCP, State.NONE, State.LIVE)) {
      binds("", ANY_ID, state);
    }
  }

  private void binds(String variant, Content content, State state) {
    bind.ask(variant, content, state, error(400), TCP + "§5.4");
  }
}
