package dev.hairpin.turnserver.turn;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.hairpin.turnserver.stun.ErrorCode;
import dev.hairpin.turnserver.stun.StunMessage;
import dev.hairpin.turnserver.testkit.MessageBuilder;
import dev.hairpin.turnserver.testkit.Methods;
import io.netty.buffer.Unpooled;
import java.net.InetSocketAddress;
import org.junit.jupiter.api.Test;

class ChannelNumbersTest {
  private static final InetSocketAddress PEER = new InetSocketAddress("1.1.1.1", 9);

  @Test
  void ofAllNumbersThoseFrom0x4000To0x7FFFAreChannels() {
    var message = new StunMessage();
    for (int number = 0; number <= 0xffff; number++) {
      var bytes =
          MessageBuilder.request(Methods.CHANNEL_BIND).channel(number).peer(PEER).build().toArray();
      message.decode(Unpooled.wrappedBuffer(bytes), 0, bytes.length);
      boolean isChannel =
          !TurnRequestDecoder.decode(message, false).equals(Answer.refused(ErrorCode.BAD_REQUEST));
      assertEquals(number >= 0x4000 && number <= 0x7fff, isChannel);
      assertEquals(isChannel, ChannelData.startsWith((short) (number >> 8)));
    }
  }
}
