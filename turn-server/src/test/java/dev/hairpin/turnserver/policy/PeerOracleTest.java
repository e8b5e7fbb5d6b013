package dev.hairpin.turnserver.policy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.hairpin.turnserver.credential.CredentialScope;
import dev.hairpin.turnserver.net.IpAddress;
import dev.hairpin.turnserver.net.IpPrefix;
import java.math.BigInteger;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// The default rules against a list that was written by hand from IANA's registries, as first and
/// last addresses, and read by big arithmetic: it shares nothing with the server.
class PeerOracleTest {
  private static final int TRIALS = 1_000_000;
  private static final PeerPolicy DEFAULT = policy(PolicySettings.DEFAULT);

  private static final List<Span> DENIED =
      spans(
          "0.0.0.0 0.255.255.255",
          "10.0.0.0 10.255.255.255",
          "100.64.0.0 100.127.255.255",
          "127.0.0.0 127.255.255.255",
          "168.63.129.16 168.63.129.16",
          "169.254.0.0 169.254.255.255",
          "172.16.0.0 172.31.255.255",
          "192.0.0.0 192.0.0.255",
          "192.0.2.0 192.0.2.255",
          "192.88.99.0 192.88.99.255",
          "192.168.0.0 192.168.255.255",
          "198.18.0.0 198.19.255.255",
          "198.51.100.0 198.51.100.255",
          "203.0.113.0 203.0.113.255",
          "224.0.0.0 255.255.255.255",
          ":: 1fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
          "2001:: 2001:1ff:ffff:ffff:ffff:ffff:ffff:ffff",
          "2001:db8:: 2001:db8:ffff:ffff:ffff:ffff:ffff:ffff",
          "2002:: 2002:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
          "3fff:: 3fff:fff:ffff:ffff:ffff:ffff:ffff:ffff",
          "4000:: ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff");

  /// A run of addresses of one family.
  private record Span(int bytes, BigInteger first, BigInteger last) {
    boolean holds(byte[] address) {
      var number = new BigInteger(1, address);
      return address.length == bytes && first.compareTo(number) <= 0 && number.compareTo(last) <= 0;
    }
  }

  @Test
  void theDefaultRulesAreThoseOfTheListAtEveryEdge() {
    int edges = 0;
    for (var span : DENIED) {
      for (var edge : List.of(span.first, span.last)) {
        for (int step = -2; step <= 2; step++) {
          var number = edge.add(BigInteger.valueOf(step));
          if (number.signum() >= 0 && number.bitLength() <= 8 * span.bytes) {
            assertJudgedByTheList(bytes(number, span.bytes));
            edges++;
          }
        }
      }
    }
    assertTrue(edges > 200);
  }

  @Test
  void theDefaultRulesAreThoseOfTheListEverywhere() {
    var random = new Random(11);
    for (int i = 0; i < TRIALS; i++) {
      assertJudgedByTheList(anywhere(random));
    }
  }

  private static byte[] anywhere(Random random) {
    var span = DENIED.get(random.nextInt(DENIED.size()));
    var address = new byte[random.nextBoolean() ? 4 : 16];
    random.nextBytes(address);
    if (address.length == 16 && random.nextInt(4) != 0) {
      address[0] = (byte) (0x20 | (address[0] & 0x1f));
    } else if (address.length == span.bytes && random.nextInt(4) == 0) {
      var width = span.last.subtract(span.first).add(BigInteger.ONE);
      var within = new BigInteger(128, random).mod(width).add(span.first);
      return bytes(within, span.bytes);
    }
    if (address.length == 16 && random.nextInt(8) == 0) { // ISATAP
      address[8] = (byte) (2 * random.nextInt(2));
      address[9] = 0;
      address[10] = 0x5e;
      address[11] = (byte) 0xfe;
    }
    return address;
  }

  private static void assertJudgedByTheList(byte[] address) {
    var ip = IpAddress.of(address);
    boolean mapped = address.length == 16 && ip.isIpv4();
    byte[] canonical = mapped ? ip.toBytes() : address;
    boolean isatap =
        canonical.length == 16
            && (canonical[8] & 0xfd) == 0
            && canonical[9] == 0
            && canonical[10] == 0x5e
            && canonical[11] == (byte) 0xfe;
    boolean denied = isatap || DENIED.stream().anyMatch(span -> span.holds(canonical));
    assertEquals(!denied, judge(DEFAULT, ip), ip::toString);
  }

  /// Whatever is allowed: an address in another spelling is that address, or none.
  @Test
  void everyEncodingOfAnIpv4AddressMeetsTheVerdictOfThatAddressOrIsDenied() {
    var all = List.of(IpPrefix.parse("0.0.0.0/0"), IpPrefix.parse("::/0"));
    var open = policy(PolicySettings.DEFAULT.withPeers(all, List.of()));
    var random = new Random(3);
    for (int i = 0; i < TRIALS; i++) {
      var ip = IpAddress.ofIpv4(random.nextInt());
      long bits = ip.ipv4Bits() & 0xffff_ffffL;
      var policy = random.nextBoolean() ? DEFAULT : open;
      assertEquals(judge(policy, ip), judge(policy, new IpAddress(0, 0xffff_0000_0000L | bits)));
      for (var encoded :
          List.of(
              new IpAddress(0, bits | 2), // but ::1 is an address of its own
              new IpAddress(0, 0xffffL << 48 | bits),
              new IpAddress(0x64_ff9bL << 32, bits),
              new IpAddress(0x64_ff9b_0001L << 16 | random.nextInt(1 << 16), bits),
              new IpAddress(0x2002L << 48 | bits << 16, random.nextLong()),
              new IpAddress(0x2001_0000L << 32 | (random.nextInt() & 0xffff_ffffL), ~bits),
              new IpAddress(0x2400L << 48 | random.nextInt(), 0x5efeL << 32 | bits),
              new IpAddress(0x2a00L << 48, 0x0200_5efeL << 32 | bits))) {
        assertFalse(judge(policy, encoded), encoded::toString);
      }
    }
  }

  private static boolean judge(PeerPolicy policy, IpAddress ip) {
    return policy.allows(ip, 9, CredentialScope.NONE);
  }

  private static PeerPolicy policy(PolicySettings settings) {
    return new PeerPolicy(
        settings, Map.of(), new OwnAddresses(Set.of(), Set.of(), List.of()), (_, _, _) -> false);
  }

  private static List<Span> spans(String... texts) {
    var spans = new ArrayList<Span>();
    for (String text : texts) {
      byte[][] ends =
          Stream.of(text.split(" "))
              .map(t -> InetAddress.ofLiteral(t).getAddress())
              .toArray(byte[][]::new);
      spans.add(new Span(ends[0].length, new BigInteger(1, ends[0]), new BigInteger(1, ends[1])));
    }
    return spans;
  }

  private static byte[] bytes(BigInteger number, int length) {
    var bytes = new byte[length];
    byte[] digits = number.toByteArray();
    int count = Math.min(length, digits.length);
    System.arraycopy(digits, digits.length - count, bytes, length - count, count);
    return bytes;
  }
}
