package dev.hairpin.turnserver.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.math.BigInteger;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class IpAddressTest {
  @ParameterizedTest
  @CsvSource({
    "192.0.2.1, 192.0.2.1",
    "0.0.0.0, 0.0.0.0",
    "255.255.255.255, 255.255.255.255",
    "::1, ::1",
    "2001:DB8::0:1, 2001:db8::1",
    "::ffff:10.0.0.1, 10.0.0.1",
    "::ffff:a00:1, 10.0.0.1",
    "64:ff9b::10.0.0.1, 64:ff9b::a00:1",
  })
  void literalsHaveOneForm(String literal, String canonical) {
    assertEquals(canonical, IpAddress.parse(literal).toString());
  }

  @Test
  void aMappedAddressIsTheIpv4Address() {
    assertEquals(IpAddress.parse("10.0.0.1"), IpAddress.parse("::ffff:10.0.0.1"));
    assertEquals(Family.IPV4, IpAddress.parse("::ffff:10.0.0.1").family());
    assertEquals(Family.IPV6, IpAddress.parse("::10.0.0.1").family());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "", "localhost", "10.0.0", "10.0.0.1.", "010.0.0.1", "10.0.0.01", "0x7f.0.0.1", "256.0.0.1",
        "1", "127.1", "10.0.0.1 ", " 10.0.0.1", "fe80::1%lo", "[::1]", ":::", "1:2:3:4:5:6:7",
        "１0.0.0.1", "10.0.0.1/8", "::ffff:010.0.0.1"
      })
  void whatIsNoLiteralIsRefused(String text) {
    assertThrows(IllegalArgumentException.class, () -> IpAddress.parse(text));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "10.0.0.0/33",
        "10.0.0.0/-1",
        "10.0.0.0/",
        "10.0.0.0/8 ",
        "10.0.0.1/8",
        "::/129",
        "/8",
        "10.0.0.0-10.0.0.9",
        "10.0.0.0/+8",
        "10.0.0.0/0x8",
        "2001:db8::1/32",
        "host/8"
      })
  void aMalformedPrefixIsRefused(String text) {
    assertThrows(IllegalArgumentException.class, () -> IpPrefix.parse(text));
  }

  @Test
  void prefixesAgreeWithBigArithmetic() {
    var random = new Random(1);
    for (int i = 0; i < 1_000_000; i++) {
      boolean ipv4 = random.nextBoolean();
      byte[] base = randomBytes(random, ipv4 ? 4 : 16);
      int bits = 8 * base.length;
      int length = random.nextInt(bits + 1);
      byte[] other = random.nextInt(4) == 0 ? randomBytes(random, base.length) : base.clone();
      int flip = random.nextInt(bits);
      other[flip / 8] ^= (byte) (0x80 >> flip % 8);
      if (!IpAddress.of(base).family().equals(IpAddress.of(other).family())) {
        continue;
      }
      var prefix = new IpPrefix(IpAddress.of(base), length + 128 - bits);
      var expected =
          new BigInteger(1, base)
              .shiftRight(bits - length)
              .equals(new BigInteger(1, other).shiftRight(bits - length));
      assertEquals(expected, prefix.contains(IpAddress.of(other)), () -> prefix.toString());
      if (i % 10 == 0) {
        assertEquals(prefix, IpPrefix.parse(prefix.toString()));
      }
    }
  }

  @Test
  void anIpv6PrefixNeverHoldsIpv4() {
    assertTrue(IpPrefix.parse("0.0.0.0/0").contains(IpAddress.parse("192.0.2.1")));
    assertFalse(IpPrefix.parse("::/0").contains(IpAddress.parse("192.0.2.1")));
    assertFalse(IpPrefix.parse("0.0.0.0/0").contains(IpAddress.parse("::1")));
    assertTrue(IpPrefix.parse("::/0").contains(IpAddress.parse("::1")));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "1023-2000",
        "2000-1999",
        "65535-65536",
        "2000",
        "2000-",
        "-2000",
        "a-b",
        "2000-3000-4000",
        "49152 - 65535",
        "+2000-3000",
        "0-65535"
      })
  void aMalformedPortRangeIsRefused(String text) {
    assertThrows(IllegalArgumentException.class, () -> PortRange.parse(text));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "udp://localhost:3478",
        "udp://192.0.2.1",
        "http://192.0.2.1:3478",
        "192.0.2.1:3478",
        "udp://192.0.2.1:65536",
        "udp://192.0.2.1:3478/",
        "udp://u@192.0.2.1:3478",
        "udp://192.0.2.1:3478?a",
        "udp://::1:3478",
        "udp:// :1"
      })
  void aMalformedListenerIsRefused(String text) {
    assertThrows(IllegalArgumentException.class, () -> ListenUrl.parse(text));
  }

  @ParameterizedTest
  @ValueSource(strings = {"udp://192.0.2.1:3478", "tls://[::]:0", "udp://[2001:db8::1]:65535"})
  void listenersPrintAsTheyAreWritten(String text) {
    assertEquals(text, ListenUrl.parse(text).toString());
  }

  private static byte[] randomBytes(Random random, int count) {
    var bytes = new byte[count];
    random.nextBytes(bytes);
    return bytes;
  }
}
