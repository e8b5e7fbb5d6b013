package dev.hairpin.turnserver.conformance;

import static dev.hairpin.turnserver.conformance.Expected.SILENCE;
import static dev.hairpin.turnserver.conformance.Expected.delivered;
import static dev.hairpin.turnserver.conformance.Rows.HOUSE;
import static dev.hairpin.turnserver.conformance.Rows.STUN;
import static dev.hairpin.turnserver.conformance.Rows.TURN;
import static dev.hairpin.turnserver.conformance.Scene.CHANNEL;

import dev.hairpin.turnserver.conformance.Question.Content;
import dev.hairpin.turnserver.testkit.Attributes;
import dev.hairpin.turnserver.testkit.Bytes;
import dev.hairpin.turnserver.testkit.MessageClass;
import dev.hairpin.turnserver.testkit.Methods;
import java.util.List;

/// Send indications and ChannelData messages.
final class DataRows {
  private static final Bytes PAYLOAD = Bytes.utf8("seven b");
  private static final Bytes JUNK = Bytes.utf8("x");
  private static final Content PLAIN = (m, scene) -> m.peer(scene.peer.address()).data(PAYLOAD);

  private final Rows rows = new Rows("Send indication", Methods.SEND);

  static List<Row> list() {
    var data = new DataRows();
    data.sendStates();
    data.sendForm();
    data.channelStates();
    data.channelForm();
    return data.rows.list();
  }

  private void sendStates() {
    send("", PLAIN, State.PERMITTED, delivered(PAYLOAD), "§11.2");
    send("", PLAIN, State.BOUND, delivered(PAYLOAD), "§12.5");
    send("", PLAIN, State.LIVE, SILENCE, "§11.2");
    for (var gone : List.of(State.NONE, State.DELETED, State.EXPIRED)) {
      send("", PLAIN, gone, SILENCE, "§5");
    }
  }

  private void sendForm() {
    send("DATA of 0 bytes", data(Bytes.EMPTY), State.PERMITTED, delivered(Bytes.EMPTY), "§11.2");
    var large = Bytes.random(1400);
    send("DATA of 1400 bytes", data(large), State.PERMITTED, delivered(large), "§11.2");
    send("without DATA", (m, s) -> m.peer(s.peer.address()), State.PERMITTED, SILENCE, "§11.2");
    send("without a peer", (m, _) -> m.data(PAYLOAD), State.PERMITTED, SILENCE, "§11.2");
    send("two DATA", twoPayloads(), State.PERMITTED, delivered(PAYLOAD), "§11.2");
    send(
        "with DONT-FRAGMENT",
        (m, s) -> m.peer(s.peer.address()).data(PAYLOAD).flag(Attributes.DONT_FRAGMENT),
        State.PERMITTED,
        delivered(PAYLOAD),
        "§11.2");
    send(
        "with an unknown attribute",
        (m, s) -> m.peer(s.peer.address()).data(PAYLOAD).flag(Rows.UNKNOWN_REQUIRED),
        State.PERMITTED,
        SILENCE,
        "§11.2");
    send(
        "with an unknown attribute to be ignored",
        (m, s) -> m.peer(s.peer.address()).data(PAYLOAD).flag(Rows.UNKNOWN_OPTIONAL),
        State.PERMITTED,
        delivered(PAYLOAD),
        "§11.2");
    send(
        "a malformed peer",
        (m, _) -> m.attribute(Attributes.XOR_PEER_ADDRESS, Bytes.octets(0, 1, 0)).data(PAYLOAD),
        State.PERMITTED,
        SILENCE,
        "§11.2");
    rows.send(
        Question.request("Send request", Methods.SEND, PLAIN),
        State.PERMITTED,
        SILENCE,
        STUN + "§6.3");
  }

  private static Content data(Bytes payload) {
    return (m, scene) -> m.peer(scene.peer.address()).data(payload);
  }

  private static Content twoPayloads() {
    return (m, scene) -> m.peer(scene.peer.address()).data(PAYLOAD).data(JUNK);
  }

  private void send(
      String variant, Content content, State state, Expected expected, String section) {
    String name = variant.isEmpty() ? "Send indication" : "Send indication, " + variant;
    rows.send(
        Question.of(name, MessageClass.INDICATION, Methods.SEND, content),
        state,
        expected,
        TURN + section);
  }

  private void channelStates() {
    var onChannel = channelData(CHANNEL, PAYLOAD.length(), PAYLOAD);
    channel("", onChannel, State.BOUND, delivered(PAYLOAD), TURN + "§12.6");
    channel("", onChannel, State.LIVE, SILENCE, TURN + "§12.6");
    channel("", onChannel, State.PERMITTED, SILENCE, TURN + "§12.6");
    for (var gone : List.of(State.NONE, State.DELETED, State.EXPIRED)) {
      channel("", onChannel, gone, SILENCE, TURN + "§5");
    }
    for (int number : new int[] {0x4001, 0x5000, 0x7FFF, 0x8000, 0xFFFF}) {
      channel(
          "channel 0x%04X".formatted(number),
          channelData(number, PAYLOAD.length(), PAYLOAD),
          State.BOUND,
          SILENCE,
          TURN + "§12.6");
    }
  }

  private void channelForm() {
    int length = PAYLOAD.length();
    channel(
        "0 bytes",
        channelData(CHANNEL, 0, Bytes.EMPTY),
        State.BOUND,
        delivered(Bytes.EMPTY),
        TURN + "§12.6");
    channel(
        "padded",
        channelData(CHANNEL, length, PAYLOAD.plus(Bytes.octets(0))),
        State.BOUND,
        delivered(PAYLOAD),
        TURN + "§12.5");
    channel(
        "with a longer tail",
        channelData(CHANNEL, length, PAYLOAD.plus(Bytes.random(9))),
        State.BOUND,
        delivered(PAYLOAD),
        HOUSE);
    channel(
        "one byte missing",
        channelData(CHANNEL, length + 1, PAYLOAD),
        State.BOUND,
        SILENCE,
        TURN + "§12.6");
    channel(
        "length 65535",
        channelData(CHANNEL, 0xFFFF, PAYLOAD),
        State.BOUND,
        SILENCE,
        TURN + "§12.6");
    for (int head = 1; head < 4; head++) {
      var start = channelData(CHANNEL, 0, Bytes.EMPTY).slice(0, head);
      channel(
          "%d bytes of its header".formatted(head), start, State.BOUND, SILENCE, TURN + "§12.6");
    }
  }

  private static Bytes channelData(int number, int length, Bytes payload) {
    return Bytes.uint16(number).plus(Bytes.uint16(length)).plus(payload);
  }

  private void channel(
      String variant, Bytes datagram, State state, Expected expected, String source) {
    String name = variant.isEmpty() ? "ChannelData" : "ChannelData, " + variant;
    rows.send(Question.raw(name, (_, _) -> datagram), state, expected, source);
  }
}
