package dev.hairpin.turnserver.udp;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.hairpin.turnserver.net.IpAddress;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.net.InetAddress;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class SourceOrderTest {
  private static final int SLOTS = 256;

  private final MemorySegment names =
      Arena.ofAuto().allocate((long) SLOTS * SocketStructs.SOCKADDR_BYTES);
  private final SourceOrder sources = new SourceOrder(names, 0, SLOTS);

  @Test
  void datagramsOfOneSourceFollowEachOtherInTheirOwnOrder() {
    from("192.0.2.1", 5, 0, 3, 6);
    from("192.0.2.1", 6, 1);
    from("192.0.2.2", 5, 2, 5);
    from("2001:db8::1", 5, 4, 7);
    assertArrayEquals(new int[] {0, 3, 6, 1, 2, 5, 4, 7}, order(0, 8));
  }

  @Test
  void aBatchNeedNotBeginAtTheFirstSlot() {
    from("192.0.2.1", 5, 0, 1, 11, 13);
    from("192.0.2.1", 6, 10, 12);
    assertArrayEquals(new int[] {10, 12, 11, 13}, order(10, 4));
  }

  @Test
  void ipv6SourcesDifferInEachPartOfTheirAddressAndInTheirPort() {
    from("2001:db8::1", 5, 0, 5);
    from("2001:db8::1", 6, 1);
    from("2001:db8::2", 5, 2);
    from("2001:db9::1", 5, 3);
    from("2001:db8::1:0:0:1", 5, 4);
    assertArrayEquals(new int[] {0, 5, 1, 2, 3, 4}, order(0, 6));
  }

  @Test
  void whatStoodInASlotBeforeTellsNothing() {
    from("2001:db8::1", 5, 0);
    from("2001:db8:ffff::2", 5, 1);
    from("192.0.2.1", 5, 0, 1);
    from("192.0.2.9", 5, 2);
    from("192.0.2.1", 5, 3);
    assertArrayEquals(new int[] {0, 1, 3, 2}, order(0, 4));
  }

  @Test
  void everySlotComesOnceWhateverTheSources() {
    var random = new Random(7);
    for (int round = 0; round < 200; round++) {
      int[] source = new int[SLOTS];
      for (int slot = 0; slot < SLOTS; slot++) {
        source[slot] = random.nextInt(1 + random.nextInt(SLOTS));
        from("192.0.2." + source[slot], 5, slot);
      }
      var firsts = new int[SLOTS];
      Arrays.fill(firsts, -1);
      IntStream.range(0, SLOTS)
          .forEach(slot -> firsts[source[slot]] = Math.max(firsts[source[slot]], SLOTS - slot));
      var expected =
          IntStream.range(0, SLOTS)
              .boxed()
              .sorted(Comparator.comparingInt(slot -> -firsts[source[slot]]))
              .mapToInt(slot -> slot)
              .toArray();
      assertArrayEquals(expected, order(0, SLOTS));
    }
  }

  private void from(String address, int port, int... slots) {
    var ip = IpAddress.of(InetAddress.ofLiteral(address));
    for (int slot : slots) {
      long at = (long) slot * SocketStructs.SOCKADDR_BYTES;
      int length = SocketStructs.writeSockaddr(names, at, ip.high(), ip.low(), port);
      assertEquals(ip.isIpv4() ? 16 : 28, length);
    }
  }

  private int[] order(int first, int count) {
    return Arrays.copyOf(sources.of(first, count), count);
  }
}
