package dev.hairpin.turnserver.fuzz;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.hairpin.turnserver.net.TransportAddress;
import dev.hairpin.turnserver.stun.Attribute;
import dev.hairpin.turnserver.stun.IntegrityAlgorithm;
import dev.hairpin.turnserver.stun.IntegrityKey;
import dev.hairpin.turnserver.stun.MessageClass;
import dev.hairpin.turnserver.stun.MessageIntegrity;
import dev.hairpin.turnserver.stun.StunMessage;
import dev.hairpin.turnserver.stun.XorAddress;
import dev.hairpin.turnserver.telemetry.Counters;
import dev.hairpin.turnserver.turn.Answer;
import dev.hairpin.turnserver.turn.AnswerWriter;
import dev.hairpin.turnserver.turn.ChannelData;
import dev.hairpin.turnserver.turn.SendIndication;
import dev.hairpin.turnserver.turn.TurnRequest;
import dev.hairpin.turnserver.turn.TurnRequestDecoder;
import dev.hairpin.turnserver.turn.TurnRequestDecoder.Decoded;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.zip.CRC32;

/// A datagram: STUN, ChannelData or junk. A message is read, made a request, and answered. The
/// buffer ends where the datagram does, so that reading beyond it throws.
final class MessageTarget implements FuzzTarget {
  private static final byte[] KEY = "sixteen bytes!!!".getBytes();
  private static final TransportAddress CLIENT =
      TransportAddress.of(new InetSocketAddress("192.0.2.7", 4711));
  private static final int MAX_ANSWER = 548; // RFC 8489 §6.1

  private final StunMessage message = new StunMessage();
  private final StunMessage readBack = new StunMessage();
  private final XorAddress address = new XorAddress();
  private final MessageIntegrity integrity = new MessageIntegrity();
  private final ByteBuf out = Unpooled.buffer(1 << 10);
  private final AnswerWriter writer = new AnswerWriter(integrity, new Counters(), out);

  @Override
  public void take(byte[] input) {
    var bytes = Unpooled.wrappedBuffer(input);
    int first = input.length == 0 ? -1 : input[0] & 0xff;
    if (ChannelData.startsWith(first)) {
      int length = ChannelData.payloadLength(bytes, 0, input.length);
      assertTrue(length < 0 || length <= input.length - ChannelData.HEADER_BYTES);
      assertTrue(length < 0 || ChannelData.isChannel(ChannelData.channel(bytes, 0)));
    } else if (StunMessage.startsWith(first)
        && (message.decode(bytes, 0, input.length)
            || message.decodeClassic(bytes, 0, input.length))) {
      read(input);
    }
  }

  private void read(byte[] input) {
    for (int i = 0; i < message.attributes(); i++) {
      int end = message.offsetOf(i) + message.lengthOf(i);
      assertTrue(message.offsetOf(i) >= 24 && end <= message.lengthWithoutFingerprint());
      if (address.read(message, i)) {
        assertTrue(address.port() >= 0 && address.port() <= 0xffff);
      }
    }
    assertTrue(!message.hasFingerprint() || isFingerprintRight(input));
    if (message.messageClass() == MessageClass.INDICATION) {
      if (SendIndication.read(message, address)) {
        int data = message.find(Attribute.DATA);
        assertTrue(message.offsetOf(data) + message.lengthOf(data) <= input.length);
        assertTrue(address.port() != 0);
      }
    } else if (message.messageClass() == MessageClass.REQUEST
        && TurnRequestDecoder.isRequestMethod(message.method())) {
      boolean signed = message.hasIntegrity() && integrity.verify(message, KEY);
      var answer = answer(TurnRequestDecoder.decode(message, true));
      write(answer, signed || message.hasIntegrity());
    }
  }

  /// By another way than the one that is judged.
  private static boolean isFingerprintRight(byte[] input) {
    var crc = new CRC32();
    crc.update(input, 0, input.length - 8);
    int value = (int) crc.getValue() ^ 0x5354554e;
    return Unpooled.wrappedBuffer(input).getInt(input.length - 4) == value;
  }

  private static Answer answer(Decoded decoded) {
    return switch (decoded) {
      case Answer refusal -> refusal;
      case TurnRequest.Allocate(_, _, _, var lifetime, _) ->
          new Answer.Allocated(List.of(CLIENT), CLIENT, lifetime, null, null);
      case TurnRequest.Refresh(var lifetime, _) -> new Answer.Refreshed(lifetime);
      case TurnRequest.CreatePermission(var peers) -> {
        assertTrue(!peers.isEmpty() && peers.size() <= 32);
        yield Answer.Done.DONE;
      }
      case TurnRequest.ChannelBind(var channel, var peer) -> {
        assertTrue(ChannelData.isChannel(channel) && peer.port() != 0);
        yield new Answer.Reflexive(peer);
      }
      case TurnRequest.Connect(var peer) -> new Answer.Reflexive(peer);
      case TurnRequest.ConnectionBind(var id) -> new Answer.Connected(id);
    };
  }

  /// Our own answer is one message that we would take.
  private void write(Answer answer, boolean signed) {
    writer.write(answer, message, signed ? new IntegrityKey(IntegrityAlgorithm.SHA1, KEY) : null);
    int length = out.readableBytes();
    assertTrue(length <= MAX_ANSWER);
    var exact = Unpooled.wrappedBuffer(out.array(), out.arrayOffset(), length);
    if (message.isClassic()) {
      return; // a response of RFC 3489, which no server reads
    }
    assertTrue(readBack.decode(exact, 0, length));
    assertEquals(message.transactionId(), readBack.transactionId());
    assertEquals(message.method(), readBack.method());
    assertEquals(message.hasFingerprint(), readBack.hasFingerprint());
    assertEquals(signed, readBack.hasIntegrity());
  }
}
