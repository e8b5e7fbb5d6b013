package dev.hairpin.turnserver.policy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.hairpin.turnserver.net.IpAddress;
import dev.hairpin.turnserver.net.IpPrefix;
import dev.hairpin.turnserver.net.TransportAddress;
import dev.hairpin.turnserver.policy.PeerPolicy.Verdict;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PeerPolicyTest {
  private static final IpAddress OWN = IpAddress.parse("198.41.0.4");
  private static final int LIVE_PORT = 50_000;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "0.0.0.0",
        "0.0.0.1",
        "0.255.255.255",
        "10.0.0.1",
        "10.255.255.255",
        "100.64.0.1",
        "100.127.255.255",
        "127.0.0.1",
        "127.255.255.254",
        "169.254.0.1",
        "169.254.169.254",
        "169.254.170.2",
        "172.16.0.1",
        "172.31.255.255",
        "192.0.0.192",
        "192.0.2.1",
        "192.88.99.1",
        "192.168.0.1",
        "198.18.0.1",
        "198.19.255.255",
        "198.51.100.1",
        "203.0.113.1",
        "224.0.0.1",
        "239.255.255.250",
        "240.0.0.1",
        "255.255.255.255",
        "168.63.129.16",
        "100.100.100.200",
        "::",
        "::1",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "::ffff:0.0.0.0",
        "::127.0.0.1",
        "::ffff:0:127.0.0.1",
        "64:ff9b::7f00:1",
        "64:ff9b::a9fe:a9fe",
        "64:ff9b::808:808",
        "64:ff9b:1::a9fe:a9fe",
        "100::1",
        "2001::1",
        "2001:0:4136:e378::1",
        "2001:2::1",
        "2001:db8::1",
        "2002:7f00:1::",
        "2002:a00:1::1",
        "3fff::1",
        "5f00::1",
        "fc00::1",
        "fd00:ec2::254",
        "fd20:ce::254",
        "fe80::1",
        "fec0::1",
        "ff02::1",
        "ff0e::1",
        "4000::1",
        "2400:1::5efe:a00:1",
        "2400:1::200:5efe:7f00:1"
      })
  void specialAddressesAreDenied(String ip) {
    assertEquals(Verdict.DENIED, policy().judge(IpAddress.parse(ip), 9));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "1.1.1.1",
        "8.8.8.8",
        "9.255.255.255",
        "11.0.0.0",
        "100.63.255.255",
        "100.128.0.0",
        "126.255.255.255",
        "128.0.0.0",
        "172.15.255.255",
        "172.32.0.0",
        "192.0.1.0",
        "192.167.255.255",
        "192.169.0.0",
        "198.17.255.255",
        "198.20.0.0",
        "223.255.255.255",
        "::ffff:8.8.8.8",
        "2400:cb00::1",
        "2600::1",
        "2a00:1450::1",
        "2001:200::1",
        "2003::1"
      })
  void publicAddressesAreAllowed(String ip) {
    assertEquals(Verdict.ALLOWED, policy().judge(IpAddress.parse(ip), 9));
  }

  @ParameterizedTest
  @CsvSource({
    "10.1.0.0/16, 10.1.2.3, ALLOWED",
    "10.1.0.0/16, ::ffff:10.1.2.3, ALLOWED",
    "10.1.0.0/16, 10.2.0.1, DENIED",
    "127.0.0.0/8, 127.0.0.1, ALLOWED",
    "::1, ::1, ALLOWED",
    "fd00::/8, fd00::1, ALLOWED",
    "fd00::/8, fd00:ec2::254, DENIED",
    "0.0.0.0/0, 192.168.0.1, ALLOWED",
    "0.0.0.0/0, 169.254.169.254, DENIED",
    "0.0.0.0/0, 168.63.129.16, DENIED",
    "0.0.0.0/0, 0.0.0.0, DENIED",
    "0.0.0.0/0, 224.0.0.1, DENIED",
    "0.0.0.0/0, 255.255.255.255, DENIED",
    "0.0.0.0/0, fd00::1, DENIED",
    "::/0, 10.0.0.1, DENIED",
    "::/0, fd00::1, ALLOWED",
    "::/0, 64:ff9b::a9fe:a9fe, DENIED",
    "::/0, 2002:7f00:1::, DENIED",
  })
  void anAllowedRangeOpensItselfAndNeverWhatNobodyMayReach(
      String allowed, String ip, Verdict expected) {
    var settings = new PolicySettings(List.of(IpPrefix.parse(allowed)), List.of());
    assertEquals(expected, policy(settings).judge(IpAddress.parse(ip), 9));
  }

  @Test
  void aDeniedRangeWinsOverAnAllowedOne() {
    var settings =
        new PolicySettings(
            List.of(IpPrefix.parse("10.0.0.0/8")), List.of(IpPrefix.parse("10.1.0.0/16")));
    assertEquals(Verdict.ALLOWED, policy(settings).judge(IpAddress.parse("10.0.0.1"), 9));
    assertEquals(Verdict.DENIED, policy(settings).judge(IpAddress.parse("10.1.0.1"), 9));
  }

  @Test
  void ofTheOwnAddressesOnlyLiveRelayedOnesAreAllowed() {
    assertEquals(Verdict.ALLOWED_WHILE_RELAYED, policy().judge(OWN, LIVE_PORT));
    assertEquals(Verdict.DENIED, policy().judge(OWN, LIVE_PORT + 1));
    assertEquals(Verdict.DENIED, policy().judge(OWN, 22));
    assertTrue(policy().isOwn(OWN));
  }

  @Test
  void noAllowedRangeOpensTheOwnListeners() {
    var settings = new PolicySettings(List.of(IpPrefix.parse("0.0.0.0/0")), List.of());
    assertEquals(Verdict.DENIED, policy(settings).judge(OWN, 3478));
    assertEquals(Verdict.DENIED, policy(settings).judge(IpAddress.parse("127.0.0.1"), 3478));
    assertEquals(Verdict.DENIED, policy(settings).judge(IpAddress.parse("127.0.0.7"), 8080));
    assertEquals(Verdict.ALLOWED, policy(settings).judge(IpAddress.parse("127.0.0.1"), 8080));
  }

  @Test
  void everyEncodingOfAnIpv4AddressMeetsTheVerdictOfThatAddressOrIsDenied() {
    var random = new Random(3);
    for (int i = 0; i < 100_000; i++) {
      var ip = IpAddress.ofIpv4(random.nextInt());
      long bits = ip.ipv4Bits() & 0xffff_ffffL;
      var verdict = policy().judge(ip, 9);
      assertEquals(verdict, policy().judge(new IpAddress(0, 0xffff_0000_0000L | bits), 9));
      Stream.of(
              new IpAddress(0, bits),
              new IpAddress(0, 0xffffL << 48 | bits),
              new IpAddress(0x64_ff9bL << 32, bits),
              new IpAddress(0x64_ff9b_0001L << 16, bits),
              new IpAddress(0x2002L << 48 | bits << 16, random.nextLong()),
              new IpAddress(0x2001_0000L << 32 | (random.nextInt() & 0xffff_ffffL), ~bits),
              new IpAddress(0x2400L << 48, 0x5efeL << 32 | bits))
          .filter(encoded -> !encoded.isIpv4())
          .forEach(
              encoded ->
                  assertEquals(
                      Verdict.DENIED, policy().judge(encoded, 9), () -> encoded.toString()));
    }
  }

  private static PeerPolicy policy() {
    return policy(PolicySettings.DEFAULT);
  }

  private static PeerPolicy policy(PolicySettings settings) {
    var own =
        new OwnAddresses(
            Set.of(OWN, IpAddress.parse("127.0.0.1")),
            List.of(address("0.0.0.0", 3478), address("127.0.0.7", 8080)));
    return new PeerPolicy(
        settings,
        own,
        (high, low, port) -> new IpAddress(high, low).equals(OWN) && port == LIVE_PORT);
  }

  private static TransportAddress address(String ip, int port) {
    return new TransportAddress(IpAddress.parse(ip), port);
  }
}
