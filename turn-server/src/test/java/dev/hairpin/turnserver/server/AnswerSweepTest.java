package dev.hairpin.turnserver.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.hairpin.turnserver.telemetry.DropReason;
import dev.hairpin.turnserver.testkit.Attributes;
import dev.hairpin.turnserver.testkit.Bytes;
import dev.hairpin.turnserver.testkit.Message;
import dev.hairpin.turnserver.testkit.MessageBuilder;
import dev.hairpin.turnserver.testkit.MessageClass;
import dev.hairpin.turnserver.testkit.Methods;
import java.net.InetSocketAddress;
import java.util.Set;
import org.junit.jupiter.api.Test;

/// What a whole server answers, for every value that a type, an attribute and a first byte can
/// have.
class AnswerSweepTest {
  private static final Set<Integer> REQUESTS =
      Set.of(0x0001, 0x0003, 0x0004, 0x0008, 0x0009, 0x000A, 0x000B);

  /// Comprehension-required attributes that a server of RFC 8489, 8656 and 6062 is sent.
  private static final Set<Integer> KNOWN =
      Set.of(
          0x0006, 0x0008, 0x000C, 0x000D, 0x0012, 0x0013, 0x0014, 0x0015, 0x0017, 0x0018, 0x0019,
          0x001A, 0x001C, 0x001D, 0x001E, 0x0022, 0x002A);

  private static final InetSocketAddress PEER = new InetSocketAddress(LoneLoop.PEER, 9);

  @Test
  void ofAllTypesOnlyTheSevenRequestsAreAnswered() {
    try (var loop = new LoneLoop()) {
      var _ = loop.client().allocate(); // a client that is known may say no more
      for (int type = 0; type <= 0xffff; type++) {
        var sent = MessageBuilder.request(Methods.BINDING).build().with(0, Bytes.uint16(type));
        var answers = loop.exchange(sent);
        assertEquals(REQUESTS.contains(type) ? 1 : 0, answers.size(), "type " + type);
        for (var answer : answers) {
          assertEquals(sent.slice(8, 20), Message.decode(answer).transaction());
        }
      }
    }
  }

  @Test
  void anUnknownRequiredAttributeIsNamedToWhoeverIsKnown() {
    try (var loop = new LoneLoop()) {
      var client = loop.client();
      var _ = client.allocate();
      for (int type = 0; type < 0x8000; type++) {
        int attribute = type;
        var request = client.signed(Methods.REFRESH, m -> m.lifetime(600).flag(attribute));
        var answers = loop.exchange(request);
        if (KNOWN.contains(type)) {
          assertTrue(answers.stream().noneMatch(a -> Message.decode(a).isError(420)));
          continue;
        }
        assertEquals(1, answers.size());
        var answer = Message.decode(answers.getFirst());
        assertTrue(answer.isError(420), answer::toString);
        assertEquals(request.slice(8, 20), answer.transaction());
        assertEquals(Bytes.uint16(type), answer.require(Attributes.UNKNOWN_ATTRIBUTES));
        assertTrue(answer.has(Attributes.MESSAGE_INTEGRITY));
      }
    }
  }

  @Test
  void aStrangerHearsOfUnknownAttributesOnlyWhereNobodyNeedsToBeKnown() {
    try (var loop = new LoneLoop()) {
      for (int type = 0; type < 0x8000; type++) {
        if (KNOWN.contains(type)) {
          continue;
        }
        var allocate = MessageBuilder.request(Methods.ALLOCATE).requestedTransport().flag(type);
        var answer = Message.decode(loop.exchange(allocate.build()).getFirst());
        assertTrue(answer.isError(401), answer::toString);
        var binding = MessageBuilder.request(Methods.BINDING).flag(type).build();
        assertTrue(Message.decode(loop.exchange(binding).getFirst()).isError(420));
      }
    }
  }

  @Test
  void indicationsAndResponsesWithAnUnknownRequiredAttributeAreMetBySilence() {
    try (var loop = new LoneLoop()) {
      var client = loop.client();
      var _ = client.allocate();
      client.permit(PEER);
      int unknown = 0;
      for (int type = 0; type < 0x8000; type++) {
        unknown += KNOWN.contains(type) ? 0 : 1;
        if (!KNOWN.contains(type)) {
          var send = MessageBuilder.indication(Methods.SEND).peer(PEER).data(Bytes.EMPTY);
          assertTrue(loop.exchange(send.flag(type).build()).isEmpty());
        }
        for (var messageClass : new MessageClass[] {MessageClass.SUCCESS, MessageClass.ERROR}) {
          var response = MessageBuilder.of(messageClass, Methods.ALLOCATE).flag(type).build();
          assertTrue(loop.exchange(response).isEmpty());
        }
      }
      assertEquals(unknown, loop.dropped(DropReason.MALFORMED_INDICATION));
    }
  }

  @Test
  void anUnknownOptionalAttributeIsIgnored() {
    var heeded =
        Set.of(Attributes.PASSWORD_ALGORITHMS, Attributes.FINGERPRINT, Attributes.MOBILITY_TICKET);
    try (var loop = new LoneLoop()) {
      var client = loop.client();
      var _ = client.allocate();
      for (int type = 0x8000; type <= 0xffff; type++) {
        int attribute = type;
        if (!heeded.contains(type)) {
          var broken = Bytes.octets(0xff, 0xc0, 0x00); // as text, it is no UTF-8
          var request =
              client.signed(Methods.REFRESH, m -> m.lifetime(600).attribute(attribute, broken));
          var answer = Message.decode(loop.exchange(request).getFirst());
          assertTrue(answer.isSuccess(), () -> attribute + ": " + answer);
        }
      }
    }
  }

  /// RFC 7983: a listener for UDP is for STUN and channels; DTLS has listeners of its own.
  @Test
  void whateverTheFirstByteNothingButStunIsAnswered() {
    try (var loop = new LoneLoop()) {
      var _ = loop.client().allocate();
      for (int first = 0; first <= 0xff; first++) {
        for (int length = 1; length <= 68; length++) {
          var junk = new byte[length];
          junk[0] = (byte) first;
          assertTrue(loop.exchange(junk).isEmpty());
        }
      }
      assertTrue(loop.exchange(new byte[0]).isEmpty());
      assertEquals(64 * 68, loop.dropped(DropReason.MALFORMED_STUN));
      assertEquals(128 * 68 + 1, loop.dropped(DropReason.NOT_STUN_NOR_CHANNEL_DATA));
      long channels =
          loop.dropped(DropReason.MALFORMED_CHANNEL_DATA)
              + loop.dropped(DropReason.CHANNEL_UNBOUND);
      assertEquals(64 * 68, channels);
      assertTrue(loop.hasAllocation());
    }
  }

  @Test
  void aMessageThatIsNoWholeOneIsDroppedAndCounted() {
    try (var loop = new LoneLoop()) {
      var request = MessageBuilder.request(Methods.BINDING).text(Attributes.SOFTWARE, "8 bytes!");
      var whole = request.build();
      int dropped = 0;
      for (int length = 0; length <= 0xffff; length++) {
        if (length < 5 || length > 8) {
          var answers = loop.exchange(whole.with(22, Bytes.uint16(length)));
          boolean reads = Message.isWellFormed(whole.with(22, Bytes.uint16(length)));
          assertFalse(!reads && !answers.isEmpty(), "length " + length);
          dropped += reads ? 0 : 1;
        }
      }
      assertEquals(dropped, loop.dropped(DropReason.MALFORMED_STUN));
      assertTrue(dropped > 65_000);
    }
  }
}
