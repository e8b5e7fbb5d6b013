package dev.hairpin.bench.jmh;

import dev.hairpin.turnserver.stun.Attribute;
import dev.hairpin.turnserver.stun.IntegrityAlgorithm;
import dev.hairpin.turnserver.stun.IntegrityKey;
import dev.hairpin.turnserver.stun.MessageIntegrity;
import dev.hairpin.turnserver.stun.StunMessage;
import dev.hairpin.turnserver.stun.StunWriter;
import dev.hairpin.turnserver.stun.XorAddress;
import dev.hairpin.turnserver.telemetry.Counters;
import dev.hairpin.turnserver.turn.Answer;
import dev.hairpin.turnserver.turn.AnswerWriter;
import dev.hairpin.turnserver.turn.ChannelData;
import dev.hairpin.turnserver.turn.SendIndication;
import dev.hairpin.turnserver.turn.TurnRequestDecoder;
import dev.hairpin.turnserver.turn.TurnRequestDecoder.Decoded;
import io.netty.buffer.ByteBuf;
import java.util.List;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/// Reading and writing messages.
@State(Scope.Thread)
public class CodecBenchmark {
  private static final int CHANNEL = 0x4001;

  private final StunMessage message = new StunMessage();
  private final XorAddress peer = new XorAddress();
  private final ByteBuf binding = Messages.binding();
  private final ByteBuf send = Messages.sendIndication();
  private final ByteBuf channelData = Messages.channelData(CHANNEL);
  private final ByteBuf allocate =
      Messages.allocate(
          "1800000000:user", new byte[40], new IntegrityKey(IntegrityAlgorithm.SHA1, new byte[16]));
  private final StunMessage bindingRequest = Messages.decoded(binding);
  private final StunMessage allocateRequest = Messages.decoded(allocate);
  final ByteBuf out = Messages.room();
  private final AnswerWriter answers =
      new AnswerWriter(new MessageIntegrity(), new Counters(), out);

  @Benchmark
  public boolean decodeBinding() {
    return message.decode(binding, 0, binding.readableBytes());
  }

  @Benchmark
  public int encodeBinding() {
    answers.write(new Answer.Reflexive(Messages.CLIENT), bindingRequest, null);
    return out.writerIndex();
  }

  @Benchmark
  public Decoded decodeAllocate() {
    if (!message.decode(allocate, 0, allocate.readableBytes())) {
      throw new AssertionError("not a message");
    }
    return TurnRequestDecoder.decode(message, false);
  }

  /// Without integrity; [IntegrityBenchmark] has that.
  @Benchmark
  public int encodeAllocate() {
    var answer = new Answer.Allocated(List.of(Messages.RELAYED), Messages.CLIENT, 600, null, null);
    answers.write(answer, allocateRequest, null);
    return out.writerIndex();
  }

  /// The number of payload bytes.
  @Benchmark
  public int decodeSend() {
    return message.decode(send, 0, send.readableBytes()) && SendIndication.read(message, peer)
        ? message.lengthOf(message.find(Attribute.DATA))
        : -1;
  }

  @Benchmark
  public int encodeData() {
    out.clear();
    var peer = Messages.PEER;
    StunWriter.dataIndication(
        out, 1, 2, peer.ip().high(), peer.ip().low(), peer.port(), send, 4, Messages.PAYLOAD_BYTES);
    return out.writerIndex();
  }

  /// Channel and number of payload bytes, as they stand in the header.
  @Benchmark
  public int decodeChannelData() {
    int length = ChannelData.payloadLength(channelData, 0, channelData.readableBytes());
    return ChannelData.header(ChannelData.channel(channelData, 0), length);
  }

  @Benchmark
  public ByteBuf encodeChannelData() {
    return out.setInt(0, ChannelData.header(CHANNEL, Messages.PAYLOAD_BYTES));
  }
}
