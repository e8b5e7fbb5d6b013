package dev.hairpin.deploy.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.hairpin.turnserver.allocation.AllocationSettings;
import dev.hairpin.turnserver.auth.AuthSettings;
import dev.hairpin.turnserver.credential.SharedSecrets;
import dev.hairpin.turnserver.loop.NatDiscovery;
import dev.hairpin.turnserver.loop.ServiceSettings;
import dev.hairpin.turnserver.loop.ServiceSettings.Feature;
import dev.hairpin.turnserver.net.Family;
import dev.hairpin.turnserver.net.IpAddress;
import dev.hairpin.turnserver.net.IpPrefix;
import dev.hairpin.turnserver.net.ListenUrl;
import dev.hairpin.turnserver.net.PortRange;
import dev.hairpin.turnserver.net.TransportAddress;
import dev.hairpin.turnserver.policy.PolicySettings;
import dev.hairpin.turnserver.policy.QuotaSettings;
import dev.hairpin.turnserver.relay.ExternalAddress;
import dev.hairpin.turnserver.server.TurnSettings;
import dev.hairpin.turnserver.transport.StreamSettings;
import dev.hairpin.turnserver.transport.StreamSettings.CertificateFiles;
import dev.hairpin.turnserver.udp.UdpMode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TurnConfigTest {
  private static final IpAddress V4 = IpAddress.parse("10.7.7.7");
  private static final IpAddress V6 = IpAddress.parse("2001:db8::7");
  private static final LocalAddresses BOTH = family -> Optional.of(family == Family.IPV4 ? V4 : V6);
  private static final LocalAddresses ONLY_IPV4 =
      family -> family == Family.IPV4 ? Optional.of(V4) : Optional.empty();
  private static final LocalAddresses NONE = _ -> Optional.empty();
  private static final SharedSecrets SECRETS = SharedSecrets.of("a secret for the tests");

  @Test
  void withoutConfigurationEveryDefaultIsInForce() {
    var settings = settings(defaults(), BOTH);
    assertEquals(
        listeners("udp://0.0.0.0:3478", "udp://[::]:3478", "tcp://0.0.0.0:3478", "tcp://[::]:3478"),
        settings.listeners());
    assertEquals(StreamSettings.DEFAULT, settings.streams());
    assertEquals(ServiceSettings.DEFAULT, settings.service());
    assertEquals(List.of(V4, V6), settings.relay().addresses());
    assertEquals(List.of(), settings.relay().externalAddresses());
    assertEquals(PortRange.DYNAMIC, settings.relay().ports());
    assertEquals(AuthSettings.of("hairpin", SECRETS), settings.auth());
    assertEquals(PolicySettings.DEFAULT, settings.policy());
    assertEquals(AllocationSettings.DEFAULT, settings.allocation());
    assertEquals(QuotaSettings.DEFAULT, settings.quotas());
    assertEquals(0, settings.loops());
    assertEquals(UdpMode.AUTO, settings.udp());
  }

  @Test
  void withACertificateTlsIsServedToo() {
    var given =
        defaults()
            .withFlag(TurnKeys.TLS_CERTIFICATES, "-", List.of("/c.pem"))
            .withFlag(TurnKeys.TLS_KEYS, "-", List.of("/k.pem"));
    var settings = settings(given, ONLY_IPV4);
    assertEquals(
        listeners("udp://0.0.0.0:3478", "tcp://0.0.0.0:3478", "tls://0.0.0.0:5349"),
        settings.listeners());
    assertEquals(
        List.of(new CertificateFiles(Path.of("/c.pem"), Path.of("/k.pem"))),
        settings.streams().certificates());
  }

  @Test
  void aCertificateWithoutItsKeyIsAMistake() {
    var given = defaults().withFlag(TurnKeys.TLS_CERTIFICATES, "--cert", List.of("/c.pem"));
    var e = assertThrows(ConfigException.class, () -> settings(given, NONE));
    assertTrue(e.getMessage().startsWith("--cert: "), e::getMessage);
  }

  @Test
  void tlsWithoutACertificateIsAMistake() {
    var given = defaults().withFlag(TurnKeys.LISTEN, "--listen", List.of("tls://0.0.0.0:443"));
    var e = assertThrows(ConfigException.class, () -> settings(given, NONE));
    assertTrue(e.getMessage().contains("tls.certificate"), e::getMessage);
  }

  @Test
  void graceIsAsLongAsTheLongestCredentialUnlessItIsWritten() {
    var longer = defaults().withFlag(TurnKeys.MAX_CREDENTIAL_TTL, "-", List.of("72h"));
    assertEquals(Duration.ofDays(3), settings(longer, NONE).auth().grace());
    var strict = longer.withFlag(TurnKeys.GRACE, "-", List.of("0s"));
    assertEquals(Duration.ZERO, settings(strict, NONE).auth().grace());
  }

  @Test
  void sha256IsDemandedWhereItIsWritten() {
    assertFalse(settings(defaults(), NONE).auth().sha256Only());
    var given = defaults().withFlag(TurnKeys.ALGORITHMS, "-", List.of("sha256"));
    assertTrue(settings(given, NONE).auth().sha256Only());
  }

  @Test
  void theRevokedAreReadFromTheirFile(@TempDir Path folder) throws IOException {
    var file = folder.resolve("revoked");
    var given = defaults().withFlag(TurnKeys.REVOKED_FILE, "--revoked", List.of(file.toString()));
    Files.writeString(file, "# nobody yet\n");
    assertEquals(List.of(), settings(given, NONE).auth().revoked());
    Files.writeString(file, "*:alice\n\n1800000000:bob\n");
    assertEquals(List.of("*:alice", "1800000000:bob"), settings(given, NONE).auth().revoked());
    for (String bad : List.of("alice\n", "*:bob\nno one\n")) {
      Files.writeString(file, bad);
      var e = assertThrows(ConfigException.class, () -> settings(given, NONE));
      assertTrue(String.valueOf(e.getMessage()).startsWith("--revoked: "), e::getMessage);
    }
    Files.delete(file);
    assertThrows(ConfigException.class, () -> settings(given, NONE));
  }

  @Test
  void featuresThatAreOnByDefaultAreOffWhereTheyAreNotNamed() {
    var given = defaults().withFlag(TurnKeys.FEATURES, "-", List.of("tcp-relay", "classic-stun"));
    assertEquals(
        Set.of(Feature.TCP_RELAY, Feature.CLASSIC_STUN),
        settings(given, NONE).service().features());
  }

  @Test
  void natDiscoveryStartsFromTheFirstListenerOnASpecificAddress() {
    var given =
        defaults()
            .withFlag(TurnKeys.LISTEN, "-", List.of("udp://[::]:3478", "udp://9.9.9.1:3478"))
            .withFlag(TurnKeys.NAT_DISCOVERY, "--nat", List.of("9.9.9.2:3479"));
    var primary = ListenUrl.parse("udp://9.9.9.1:3478").address();
    var other = ListenUrl.parse("udp://9.9.9.2:3479").address();
    assertEquals(
        new NatDiscovery(primary, other, primary.ip(), other.ip()),
        settings(given, NONE).service().discovery());
  }

  @ParameterizedTest
  @ValueSource(strings = {"9.9.9.1:3479", "9.9.9.2:3478", "10.0.0.2:3479", "[2620:fe::9]:3479"})
  void natDiscoveryNeedsAnotherPublicAddressAndPort(String other) {
    var given =
        defaults()
            .withFlag(TurnKeys.LISTEN, "-", List.of("udp://9.9.9.1:3478"))
            .withFlag(TurnKeys.NAT_DISCOVERY, "--nat", List.of(other));
    var e = assertThrows(ConfigException.class, () -> settings(given, NONE));
    assertTrue(String.valueOf(e.getMessage()).startsWith("--nat: "), e::getMessage);
  }

  @Test
  void withoutIpv6OnTheMachineNothingListensOnIt() {
    var settings = settings(defaults(), ONLY_IPV4);
    assertEquals(listeners("udp://0.0.0.0:3478", "tcp://0.0.0.0:3478"), settings.listeners());
    assertEquals(List.of(V4), settings.relay().addresses());
  }

  @Test
  void aMachineWithoutAnyAddressRelaysFromLoopback() {
    assertEquals(
        List.of(IpAddress.parse("127.0.0.1")), settings(defaults(), NONE).relay().addresses());
    var ipv6 = defaults().withFlag(TurnKeys.LISTEN, "--listen", List.of("udp://[::]:3478"));
    assertEquals(List.of(IpAddress.parse("::1")), settings(ipv6, NONE).relay().addresses());
  }

  @Test
  void aSpecificListenerRelaysFromItsOwnAddress() {
    var given = defaults().withFlag(TurnKeys.LISTEN, "--listen", List.of("udp://127.0.0.1:3478"));
    assertEquals(List.of(IpAddress.parse("127.0.0.1")), settings(given, BOTH).relay().addresses());
  }

  @Test
  void aListenerOnEveryAddressRelaysFromThatOfTheDefaultRoute() {
    var given =
        defaults()
            .withFlag(
                TurnKeys.LISTEN,
                "--listen",
                List.of("udp://127.0.0.1:3478", "udp://0.0.0.0:3479", "udp://[::1]:3478"));
    assertEquals(List.of(V4, IpAddress.parse("::1")), settings(given, BOTH).relay().addresses());
  }

  private static final String PAIRS =
      " write EXTERNAL/LOCAL once for each of relay.addresses that needs it";

  @Test
  void whatWasWrittenIsNotReplaced() {
    var given =
        defaults()
            .withFlag(TurnKeys.RELAY_ADDRESSES, "--relay", List.of("192.0.2.9"))
            .withFlag(TurnKeys.EXTERNAL_ADDRESS, "--external-address", List.of("203.0.113.7"));
    var relay = settings(given, BOTH).relay();
    assertEquals(List.of(IpAddress.parse("192.0.2.9")), relay.addresses());
    assertEquals(List.of(ExternalAddress.parse("203.0.113.7")), relay.externalAddresses());
  }

  @Test
  void everyRuleForPeersIsPassedOn() {
    var given =
        defaults()
            .withFlag(TurnKeys.PEERS_ALLOW, "-", List.of("10.0.0.0/8"))
            .withFlag(TurnKeys.PEERS_DENY, "-", List.of("10.1.0.0/16"))
            .withFlag(TurnKeys.PEERS_BACK_ENDS, "-", List.of("10.2.3.4"))
            .withFlag(TurnKeys.PEERS_UNSAFE_ALLOW_METADATA, "-", List.of("169.254.169.254"))
            .withFlag(TurnKeys.PEERS_NAT64_PREFIXES, "-", List.of("2001:db8:64::/96"))
            .withFlag(TurnKeys.PEERS_DENY_PORTS, "-", List.of("0-1023", "11211"))
            .withFlag(TurnKeys.PEERS_NEW_AT_ONCE, "-", List.of("9"))
            .withFlag(TurnKeys.PEERS_NEW_PER_SECOND, "-", List.of("2"));
    var expected =
        new PolicySettings(
            List.of(IpPrefix.parse("10.0.0.0/8")),
            List.of(IpPrefix.parse("10.1.0.0/16"), IpPrefix.parse("10.2.3.4")),
            List.of(IpAddress.parse("169.254.169.254")),
            List.of(IpPrefix.parse("2001:db8:64::/96")),
            List.of(new PortRange(0, 1_023), new PortRange(11_211, 11_211)),
            new PolicySettings.PeerRate(9, 2));
    assertEquals(expected, settings(given, BOTH).policy());
    assertEquals(expected, TurnConfig.policy(given));
  }

  @Test
  void ownAddressesArePassedOn() {
    var own = List.of(new TransportAddress(V4, 8080));
    var filled = TurnConfig.withFoundAddresses(defaults(), BOTH);
    assertEquals(own, TurnConfig.settings(filled, SECRETS, own).ownAddresses());
  }

  @Test
  void valuesThatDoNotGoTogetherAreRefusedWithTheKeyToBlame() {
    assertRefused(
        defaults().withFlag(TurnKeys.MAX_LIFETIME, "--max", List.of("5m")),
        "--max: the default lifetime of 10m is longer than the longest of 5m;"
            + " lower allocation.default-lifetime or raise allocation.max-lifetime");
    assertRefused(
        defaults()
            .withFlag(TurnKeys.EXTERNAL_ADDRESS, "--external-address", List.of("2001:db8::9")),
        "--external-address: no relay address is known as 2001:db8::9;" + PAIRS);
    assertRefused(
        defaults().withFlag(TurnKeys.EXTERNAL_ADDRESS, "--ext", List.of("1.2.3.4", "1.2.3.5")),
        "--ext: 1.2.3.5 is the second of its pair;" + PAIRS);
    assertRefused(
        several("1.2.3.4"), "--ext: several relay addresses could be known as 1.2.3.4;" + PAIRS);
    assertRefused(
        several("1.2.3.4/10.0.0.9"),
        "--ext: no relay address is known as 1.2.3.4/10.0.0.9;" + PAIRS);
    assertRefused(
        several("1.2.3.4/10.0.0.1", "1.2.3.4/10.0.0.2"),
        "--ext: 1.2.3.4/10.0.0.2 is the second of its pair;" + PAIRS);
    assertRefused(
        several("10.0.0.2/10.0.0.1"),
        "--ext: a relay address is another one's external address;" + PAIRS);
    assertRefused(
        defaults().withFlag(TurnKeys.RELAY_ADDRESSES, "--relay", List.of("0.0.0.0")),
        "--relay: a relay address must be a specific one; write addresses of this machine");
    assertRefused(
        defaults().withFlag(TurnKeys.REALM, "--realm", List.of("a\"b")),
        "--realm: a realm has 1 to 127 characters, no quotes and no control characters;"
            + " choose another realm");
  }

  @Test
  void eachOfSeveralRelayAddressesMayHaveItsExternalOne() {
    var pairs = List.of("1.2.3.4/10.0.0.1", "1.2.3.5/10.0.0.2");
    var relay = settings(several(pairs.toArray(String[]::new)), BOTH).relay();
    assertEquals(pairs, relay.externalAddresses().stream().map(ExternalAddress::toString).toList());
  }

  private static Configuration several(String... external) {
    return defaults()
        .withFlag(TurnKeys.RELAY_ADDRESSES, "--relay", List.of("10.0.0.1", "10.0.0.2"))
        .withFlag(TurnKeys.EXTERNAL_ADDRESS, "--ext", List.of(external));
  }

  private static Configuration defaults() {
    return Configuration.of(new KeySet(TurnKeys.ALL));
  }

  private static TurnSettings settings(Configuration given, LocalAddresses local) {
    return TurnConfig.settings(TurnConfig.withFoundAddresses(given, local), SECRETS, List.of());
  }

  private static List<ListenUrl> listeners(String... urls) {
    return List.of(urls).stream().map(ListenUrl::parse).toList();
  }

  private static void assertRefused(Configuration given, String message) {
    var error = assertThrows(ConfigException.class, () -> settings(given, ONLY_IPV4));
    assertEquals(message, error.getMessage());
  }
}
