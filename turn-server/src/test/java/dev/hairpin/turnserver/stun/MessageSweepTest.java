package dev.hairpin.turnserver.stun;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.hairpin.turnserver.testkit.Attributes;
import dev.hairpin.turnserver.testkit.Bytes;
import dev.hairpin.turnserver.testkit.Message;
import dev.hairpin.turnserver.testkit.MessageBuilder;
import dev.hairpin.turnserver.testkit.Methods;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.buffer.UnpooledHeapByteBuf;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/// Every value that a field of a message can have. The buffer ends where the message does: reading
/// beyond it throws.
class MessageSweepTest {
  private static final Bytes KEY = Bytes.utf8("sixteen bytes!!!");
  private static final int HEADER = 20;

  private final StunMessage message = new StunMessage();

  @Test
  void anAttributeHasTheLengthThatFitsInEachOfThreePlaces() {
    var whole =
        MessageBuilder.request(Methods.REFRESH)
            .text(Attributes.USERNAME, "8 bytes!")
            .text(Attributes.REALM, "8 bytes!")
            .text(Attributes.NONCE, "8 bytes!")
            .build();
    int taken = 0;
    for (int place = HEADER + 2; place < whole.length(); place += 12) {
      for (int length = 0; length <= 0xffff; length++) {
        var changed = whole.with(place, Bytes.uint16(length));
        boolean expected = Message.isWellFormed(changed);
        assertEquals(expected, decode(changed), () -> "taken or not: " + changed);
        taken += expected ? 1 : 0;
      }
    }
    assertTrue(taken >= 12, "a blind test: " + taken); // 5 to 8 in each place
  }

  @Test
  void aDatagramIsAsLongAsItsHeaderSaysAndAMultipleOfFour() {
    for (int length = 0; length <= 2_048; length++) {
      var bytes = datagram(length);
      if (length < 4) {
        assertFalse(decode(bytes));
        continue;
      }
      for (int said : new int[] {0, length, length - HEADER, length - 16, length - 24, 0xfffc}) {
        var changed = bytes.with(2, Bytes.uint16(said));
        boolean fits = length >= HEADER && length % 4 == 0 && said == length - HEADER;
        assertEquals(fits, decode(changed), () -> "taken or not: " + changed);
      }
    }
  }

  /// One attribute fills it, as far as there is room for one.
  private static Bytes datagram(int length) {
    var bytes = MessageBuilder.request(Methods.BINDING).build();
    if (length >= HEADER + 4) {
      int rest = length - HEADER - 4;
      bytes = bytes.plus(Bytes.uint16(Attributes.SOFTWARE)).plus(Bytes.uint16(rest));
      bytes = bytes.plus(Bytes.of(new byte[rest]));
    }
    return bytes.plus(Bytes.of(new byte[24])).slice(0, length);
  }

  @Test
  void aMessageHasTheMagicCookieAndTwoZeroBits() {
    var whole = MessageBuilder.request(Methods.ALLOCATE).requestedTransport().build();
    for (int bit = 0; bit < 32; bit++) {
      var cookie = Bytes.uint32(StunMessage.MAGIC_COOKIE ^ 1L << bit);
      assertFalse(decode(whole.with(4, cookie)));
    }
    for (int type = 0; type <= 0xffff; type++) {
      assertEquals(type < 0x4000, decode(whole.with(0, Bytes.uint16(type))));
    }
  }

  @Test
  void theFirstAttributeOfATypeCountsWhateverTheType() {
    for (int type = 0; type <= 0xffff; type++) {
      if (type == Attributes.MESSAGE_INTEGRITY
          || type == Attributes.MESSAGE_INTEGRITY_SHA256
          || type == Attributes.FINGERPRINT) {
        continue; // at most one of them counts, as the orders below show
      }
      var twice =
          MessageBuilder.request(Methods.REFRESH)
              .attribute(type, Bytes.uint32(1))
              .flag(0x9000)
              .attribute(type, Bytes.uint32(2))
              .build();
      assertTrue(decode(twice));
      assertArrayEquals(new byte[] {0, 0, 0, 1}, message.bytesOf(type));
    }
  }

  @Test
  void theFingerprintIsLastAndRightInEveryOrderOfAttributes() {
    for (var order : orders("S12F")) {
      for (var wrong : new boolean[] {false, true}) {
        var builder = MessageBuilder.request(Methods.REFRESH);
        for (int i = 0; i < order.length(); i++) {
          switch (order.charAt(i)) {
            case 'S' -> builder.text(Attributes.SOFTWARE, "soft");
            case '1' -> builder.integrity(KEY);
            case '2' -> builder.integritySha256(KEY);
            default -> builder.fingerprint();
          }
        }
        var bytes = builder.build();
        int at = bytes.length() - 1;
        var sent = wrong ? bytes.with(at, Bytes.octets(bytes.at(at) ^ 1)) : bytes;
        boolean expected = !order.contains("F") || (order.endsWith("F") && !wrong);
        assertEquals(expected, decode(sent), order + wrong);
      }
    }
  }

  /// Every order of every choice.
  private static List<String> orders(String from) {
    var all = new ArrayList<String>();
    all.add("");
    for (int i = 0; i < from.length(); i++) {
      char first = from.charAt(i);
      for (var rest : orders(from.replace(String.valueOf(first), ""))) {
        all.add(first + rest);
      }
    }
    return all;
  }

  @Test
  void aFingerprintHasFourBytes() {
    for (int length = 0; length <= 40; length++) {
      var bytes =
          MessageBuilder.request(Methods.REFRESH)
              .attribute(Attributes.FINGERPRINT, Bytes.of(new byte[length]))
              .build();
      assertFalse(decode(bytes), "length " + length);
    }
  }

  /// 64 kB of empty attributes cost no more than the 64 that a message may have.
  @Test
  void readingStopsAtTheFirstAttributeThatIsTooMany() {
    for (int attributes : new int[] {65, 1_000, 16_000, 16_378}) {
      var counting = new CountingBuffer(HEADER + 4 * attributes);
      counting.writeShort(0x0004).writeShort(4 * attributes).writeInt(StunMessage.MAGIC_COOKIE);
      counting.writeZero(12);
      for (int i = 0; i < attributes; i++) {
        counting.writeShort(0x8100).writeShort(0);
      }
      assertFalse(message.decode(counting, 0, counting.readableBytes()));
      assertTrue(
          counting.reads <= 2 + 2 * (StunMessage.MAX_ATTRIBUTES + 1),
          () -> counting.reads + " reads");
    }
  }

  private static final class CountingBuffer extends UnpooledHeapByteBuf {
    private int reads;

    CountingBuffer(int capacity) {
      super(UnpooledByteBufAllocator.DEFAULT, capacity, capacity);
    }

    @Override
    public int getUnsignedShort(int index) {
      reads++;
      return super.getUnsignedShort(index);
    }
  }

  private boolean decode(Bytes bytes) {
    ByteBuf buffer = Unpooled.wrappedBuffer(bytes.toArray());
    return message.decode(buffer, 0, buffer.readableBytes());
  }
}
