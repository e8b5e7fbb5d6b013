package dev.hairpin.turnserver.policy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.hairpin.turnserver.credential.CredentialScope;
import dev.hairpin.turnserver.net.IpAddress;
import dev.hairpin.turnserver.net.IpPrefix;
import dev.hairpin.turnserver.net.PortRange;
import dev.hairpin.turnserver.net.TransportAddress;
import java.util.List;
import java.util.Map;
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
    assertFalse(judge(PolicySettings.DEFAULT, IpAddress.parse(ip), 9));
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
    assertTrue(judge(PolicySettings.DEFAULT, IpAddress.parse(ip), 9));
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
    "::/0, 2400:1::5efe:a00:1, DENIED",
    "0.0.0.0/0, 127.0.0.1, DENIED",
    "::/0, 2002:7f00:1::, DENIED",
  })
  void anAllowedRangeOpensItselfAndNeverWhatNobodyMayReach(
      String allowed, String ip, String expected) {
    var settings = allowing(allowed);
    assertEquals(expected.equals("ALLOWED"), judge(settings, IpAddress.parse(ip), 9));
  }

  @Test
  void aDeniedRangeWinsOverAnAllowedOne() {
    var settings =
        PolicySettings.DEFAULT.withPeers(
            List.of(IpPrefix.parse("10.0.0.0/8")), List.of(IpPrefix.parse("10.1.0.0/16")));
    assertTrue(judge(settings, IpAddress.parse("10.0.0.1"), 9));
    assertFalse(judge(settings, IpAddress.parse("10.1.0.1"), 9));
  }

  @Test
  void ofTheOwnAddressesOnlyLiveRelayedOnesAreAllowed() {
    assertTrue(judge(PolicySettings.DEFAULT, OWN, LIVE_PORT));
    assertFalse(judge(PolicySettings.DEFAULT, OWN, LIVE_PORT + 1));
    assertFalse(judge(PolicySettings.DEFAULT, OWN, 22));
    assertTrue(policy(PolicySettings.DEFAULT).isOwn(OWN));
  }

  @Test
  void noAllowedRangeOpensTheOwnListeners() {
    var settings = allowing("0.0.0.0/0", "127.0.0.0/8", OWN.toString());
    assertFalse(judge(settings, OWN, 3478));
    assertFalse(judge(settings, IpAddress.parse("127.0.0.1"), 3478));
    assertFalse(judge(settings, IpAddress.parse("127.0.0.7"), 8080));
    assertTrue(judge(settings, IpAddress.parse("127.0.0.1"), 8080));
  }

  @Test
  void anOwnAddressIsOpenedOnlyByARangeThatHoldsNothingElse() {
    assertFalse(judge(allowing("198.41.0.0/24"), OWN, 22));
    assertTrue(judge(allowing("198.41.0.4"), OWN, 22));
    assertTrue(judge(allowing("127.0.0.0/24"), ip("127.0.0.1"), 22));
    assertFalse(judge(allowing("126.0.0.0/7"), ip("127.0.0.1"), 22));
    assertFalse(judge(allowing("::/0"), ip("::1"), 22));
  }

  /// Whatever is allowed, down to the address itself.
  @ParameterizedTest
  @ValueSource(
      strings = {
        "169.254.169.254",
        "169.254.170.2",
        "169.254.170.23",
        "100.100.100.200",
        "192.0.0.192",
        "168.63.129.16",
        "fd00:ec2::254",
        "fd00:ec2::23",
        "fd20:ce::254"
      })
  void metadataIsOpenedByAKeyOfItsOwnAlone(String ip) {
    assertFalse(judge(allowing("0.0.0.0/0", "::/0", ip), ip(ip), 80));
    var opened = settings(List.of(ip(ip)), List.of());
    assertTrue(judge(opened, ip(ip), 80));
    assertFalse(judge(opened, ip("169.254.169.253"), 80));
    assertEquals(1, opened.warnings().size());
    var denied = opened.withPeers(List.of(), List.of(IpPrefix.parse(ip)));
    assertFalse(judge(denied, ip(ip), 80), "a denied range wins");
  }

  @Test
  void onlyMetadataIsOpenedByThatKey() {
    assertThrows(
        IllegalArgumentException.class, () -> settings(List.of(ip("10.0.0.1")), List.of()));
    assertEquals(List.of(), allowing("10.0.0.0/8").warnings());
    assertEquals(1, allowing("127.0.0.0/8").warnings().size());
  }

  @Test
  void aBackEndIsDeniedWhateverIsAllowed() {
    var settings =
        PolicySettings.DEFAULT.withPeers(
            Stream.of("10.0.0.0/8", "10.1.2.3", "fd00::/8").map(IpPrefix::parse).toList(),
            Stream.of("10.1.2.3", "::ffff:1.1.1.1", "fd00::3").map(IpPrefix::parse).toList());
    for (String denied : List.of("10.1.2.3", "::ffff:10.1.2.3", "1.1.1.1", "fd00::3")) {
      assertFalse(judge(settings, ip(denied), 6379), denied);
    }
    for (String allowed : List.of("10.1.2.4", "1.1.1.2", "fd00::4")) {
      assertTrue(judge(settings, ip(allowed), 6379), allowed);
    }
  }

  @Test
  void theBroadcastsOfItsSubnetsAreDeniedWhateverIsAllowed() {
    var all = allowing("0.0.0.0/0", "10.7.7.255");
    assertFalse(judge(all, ip("10.7.7.255"), 9));
    assertTrue(judge(all, ip("10.7.7.254"), 9));
  }

  @Test
  void aTenantHasRangesOfItsOwnAndNothingOpensMetadata() {
    var policy = policy(allowing("10.2.0.0/16"));
    var acme = CredentialScope.NONE.of("acme");
    var other = CredentialScope.NONE.of("other");
    var rules =
        allowing("10.1.0.0/16", "169.254.0.0/16")
            .withPeers(
                List.of(IpPrefix.parse("10.1.0.0/16"), IpPrefix.parse("169.254.0.0/16")),
                List.of(IpPrefix.parse("1.1.0.0/16")));
    var all = allowing("10.2.0.0/16");
    policy.follow(all, Map.of("acme", rules, "other", all));
    for (var reaches : Map.of("10.1.0.1", acme, "10.2.0.1", other, "1.1.1.1", other).entrySet()) {
      for (var scope : List.of(acme, other, CredentialScope.NONE)) {
        boolean ofAcme = scope.equals(acme);
        assertEquals(
            ofAcme == reaches.getValue().equals(acme),
            policy.allows(ip(reaches.getKey()), 9, scope),
            reaches.getKey() + " for " + scope);
      }
    }
    assertFalse(policy.allows(ip("169.254.169.254"), 80, acme));
    assertTrue(policy.allows(ip("169.254.1.1"), 80, acme));
    assertFalse(policy.allows(OWN, 22, acme));
    var narrow = CredentialScope.parse("tenant=acme;peers=10.1.1.0/24");
    assertFalse(policy.allows(ip("10.1.0.1"), 9, narrow));
    assertTrue(policy.allows(ip("10.1.1.1"), 9, narrow));
    policy.follow(all, Map.of());
    assertFalse(policy.allows(ip("10.1.0.1"), 9, acme));
  }

  /// Its credentials may be good before every loop has its rules.
  @Test
  void aTenantWhoseRulesAreNotKnownReachesRelayedAddressesAlone() {
    var policy = policy(allowing("10.2.0.0/16"));
    for (String scope : List.of("tenant=new", "")) {
      boolean isServers = scope.isEmpty();
      var limits = CredentialScope.parse(scope);
      assertEquals(isServers, policy.allows(ip("10.2.0.1"), 9, limits));
      assertEquals(isServers, policy.allows(ip("1.1.1.1"), 9, limits));
      assertTrue(policy.allows(OWN, LIVE_PORT, limits));
    }
  }

  @Test
  void deniedPortsAreDeniedApartFromRelayedOnes() {
    var policy = policy(PolicySettings.DEFAULT);
    assertTrue(policy.deniesPort(0));
    assertFalse(policy.deniesPort(1));
    var preset = ports(new PortRange(0, 1_023), new PortRange(11_211, 11_211));
    policy.follow(preset, Map.of());
    for (int port : new int[] {0, 19, 53, 123, 161, 389, 1_023, 11_211}) {
      assertTrue(policy.deniesPort(port));
    }
    for (int port : new int[] {1_024, 11_210, 11_212, 65_535}) {
      assertFalse(policy.deniesPort(port));
    }
    var open =
        ports(new PortRange(0, 65_535)).withPeers(List.of(IpPrefix.parse("198.41.0.4")), List.of());
    policy.follow(open, Map.of());
    assertTrue(policy.allowsNow(OWN, LIVE_PORT, CredentialScope.NONE));
    assertFalse(policy.allowsNow(OWN, 22, CredentialScope.NONE));
  }

  /// The addresses of RFC 6052 §2.4.
  @ParameterizedTest
  @CsvSource({
    "2001:db8::/32, 2001:db8:c000:221::",
    "2001:db8:100::/40, 2001:db8:1c0:2:21::",
    "2001:db8:122::/48, 2001:db8:122:c000:2:2100::",
    "2001:db8:122:300::/56, 2001:db8:122:3c0:0:221::",
    "2001:db8:122:344::/64, 2001:db8:122:344:c0:2:2100::",
    "2001:db8:122:344::/96, 2001:db8:122:344::192.0.2.33",
  })
  void theIpv4AddressBehindANat64PrefixIsFound(String prefix, String ip) {
    assertEquals(ip("192.0.2.33"), nat64(prefix).embeddedIn(ip(ip)));
    assertNull(nat64(prefix).embeddedIn(ip("2001:db9:122:344::1")));
  }

  @ParameterizedTest
  @ValueSource(ints = {32, 40, 48, 56, 64, 96})
  void whatIsBehindANat64PrefixIsJudgedByBothOfItsAddresses(int length) {
    var settings = nat64("2a00:64::/" + length);
    var random = new Random(length);
    int allowed = 0;
    for (int i = 0; i < 20_000; i++) {
      var inner = i == 0 ? OWN : IpAddress.ofIpv4(random.nextInt());
      boolean denied = !judge(PolicySettings.DEFAULT, inner, 9);
      var behind = embed("2a00:64::", length, inner, random);
      assertEquals(
          !denied && !IpPrefix.parse("2a00::5efe:0:0/96").contains(behind),
          judge(settings, behind, 9),
          () -> inner + " as " + behind);
      allowed += denied ? 0 : 1;
    }
    assertTrue(allowed > 10_000);
    assertFalse(judge(settings, embed("2a00:64::", length, OWN, random), LIVE_PORT));
    var denying = settings.withPeers(List.of(), List.of(IpPrefix.parse("2a00:64::/32")));
    assertFalse(judge(denying, embed("2a00:64::", length, ip("1.1.1.1"), random), 9));
  }

  @ParameterizedTest
  @ValueSource(strings = {"2a00:64::/33", "2a00:64::/95", "2a00:64::/128", "0.0.0.0/0", "::/0"})
  void aPrefixOfAnotherLengthIsNoNat64Prefix(String prefix) {
    assertThrows(IllegalArgumentException.class, () -> nat64(prefix));
  }

  @Test
  void aCredentialNarrowsAndNeverWidens() {
    var some = CredentialScope.parse("peers=1.1.0.0/16,10.0.0.0/8");
    var policy = policy(PolicySettings.DEFAULT);
    assertTrue(policy.allows(ip("1.1.1.1"), 9, some));
    assertFalse(policy.allows(ip("1.2.1.1"), 9, some));
    assertFalse(policy.allows(ip("10.0.0.1"), 9, some), "denied by the server");
    assertFalse(policy.allows(OWN, LIVE_PORT, some), "not among its ranges");
    var relays = CredentialScope.parse("relay-only");
    policy.follow(allowing("198.41.0.4"), Map.of());
    assertFalse(policy.allows(ip("1.1.1.1"), 9, relays));
    assertTrue(policy.allows(OWN, LIVE_PORT, relays));
    assertFalse(policy.allows(OWN, 22, relays));
    assertFalse(policy.allowsNow(OWN, 22, relays));
    assertTrue(policy.allowsNow(OWN, LIVE_PORT, relays));
  }

  /// By arithmetic on big numbers, as RFC 6052 §2.2 draws it.
  private static IpAddress embed(String prefix, int length, IpAddress ipv4, Random random) {
    var bits = new StringBuilder();
    for (byte b : ip(prefix).toBytes()) {
      bits.append(Integer.toBinaryString((b & 0xff) | 0x100).substring(1));
    }
    String inner = Integer.toBinaryString(ipv4.ipv4Bits());
    inner = "0".repeat(32 - inner.length()) + inner;
    bits.setLength(length);
    for (int i = 0; i < inner.length(); i++) {
      if (bits.length() == 64 && length != 96) {
        bits.append("0".repeat(8));
      }
      bits.append(inner.charAt(i));
    }
    if (bits.length() == 64) {
      bits.append("0".repeat(8));
    }
    while (bits.length() < 128) {
      bits.append(random.nextInt(2));
    }
    long high = Long.parseUnsignedLong(bits.substring(0, 64), 2);
    return new IpAddress(high, Long.parseUnsignedLong(bits.substring(64), 2));
  }

  private static PolicySettings allowing(String... ranges) {
    return PolicySettings.DEFAULT.withPeers(
        Stream.of(ranges).map(IpPrefix::parse).toList(), List.of());
  }

  private static PolicySettings nat64(String prefix) {
    return settings(List.of(), List.of(IpPrefix.parse(prefix)));
  }

  private static PolicySettings settings(List<IpAddress> metadata, List<IpPrefix> nat64) {
    var standard = PolicySettings.DEFAULT;
    return new PolicySettings(
        List.of(), List.of(), metadata, nat64, standard.deniedPorts(), standard.newPeers());
  }

  private static PolicySettings ports(PortRange... denied) {
    return new PolicySettings(
        List.of(),
        List.of(),
        List.of(),
        List.of(),
        List.of(denied),
        PolicySettings.DEFAULT.newPeers());
  }

  private static IpAddress ip(String literal) {
    return IpAddress.parse(literal);
  }

  private static boolean judge(PolicySettings settings, IpAddress ip, int port) {
    return policy(settings).allows(ip, port, CredentialScope.NONE);
  }

  private static PeerPolicy policy(PolicySettings settings) {
    var own =
        new OwnAddresses(
            Set.of(OWN, IpAddress.parse("127.0.0.1")),
            Set.of(ip("10.7.7.0"), ip("10.7.7.255")),
            List.of(address("0.0.0.0", 3478), address("127.0.0.7", 8080)));
    return new PeerPolicy(
        settings,
        Map.of(),
        own,
        (high, low, port) -> new IpAddress(high, low).equals(OWN) && port == LIVE_PORT);
  }

  private static TransportAddress address(String ip, int port) {
    return new TransportAddress(IpAddress.parse(ip), port);
  }

  @Test
  void aClientOfTeredoOr6to4IsTunnelled() {
    assertTrue(PeerPolicy.isTunnelled(IpAddress.parse("2001::1")));
    assertTrue(PeerPolicy.isTunnelled(IpAddress.parse("2002:c000:207::1")));
    assertFalse(PeerPolicy.isTunnelled(IpAddress.parse("2003::1")));
    assertFalse(PeerPolicy.isTunnelled(IpAddress.parse("198.41.0.9")));
  }

  @Test
  void anAddressIsOpenWhereItIsPublicOrOpenedAndNeverBarred() {
    var settings =
        PolicySettings.DEFAULT.withPeers(
            List.of(IpPrefix.parse("10.0.0.0/8"), IpPrefix.parse("224.0.0.0/4")), List.of());
    assertTrue(settings.opens(IpAddress.parse("10.0.0.1")));
    assertTrue(settings.opens(IpAddress.parse("198.41.0.9")));
    assertFalse(settings.opens(IpAddress.parse("192.168.0.1")));
    assertFalse(settings.opens(IpAddress.parse("224.0.0.1")));
  }
}
