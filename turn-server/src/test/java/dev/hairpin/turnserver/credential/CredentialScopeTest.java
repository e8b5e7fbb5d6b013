package dev.hairpin.turnserver.credential;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.hairpin.turnserver.net.IpAddress;
import dev.hairpin.turnserver.net.IpPrefix;
import dev.hairpin.turnserver.net.Transport;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// The grammar of docs/credentials.md.
class CredentialScopeTest {
  private static final String ALL =
      "tenant=acme-2;peers=203.0.113.0/24,2001:db8::/32;relay-only;allocations=2;bytes-per-second=125000"
          + ";bytes=1000000000;transports=udp,tls";

  @Test
  void everyLimitIsReadAndWrittenInOneOrder() {
    var scope =
        new CredentialScope(
            "acme-2",
            List.of(IpPrefix.parse("203.0.113.0/24"), IpPrefix.parse("2001:db8::/32")),
            true,
            2,
            125_000,
            1_000_000_000,
            Set.of(Transport.TLS, Transport.UDP));
    assertEquals(scope, CredentialScope.parse(ALL));
    assertEquals(ALL, scope.format());
    var backwards = new ArrayList<>(List.of(ALL.split(";", -1))).reversed();
    assertEquals(scope, CredentialScope.parse(String.join(";", backwards)));
    assertEquals(scope, CredentialScope.parse(ALL.replace("udp,tls", "tls,udp")));
  }

  @ParameterizedTest
  @CsvSource({
    "allocations, 1, 999999999, 1000000000",
    "bytes-per-second, 1000, 999999999, 1000000000",
    "bytes, 1, 1000000000000000, 1000000000000001"
  })
  void aNumberIsWithinItsRangeAndHasOneForm(String name, long min, long max, long beyond) {
    for (long good : new long[] {min, max}) {
      String text = name + "=" + good;
      assertEquals(text, CredentialScope.parse(text).format());
    }
    var bad =
        Stream.of("", "0", "-1", "+1000", "01000", "1e3", "1000.0", " 1000", "1000 ", "0x1f4");
    var far = Stream.of("18446744073709552616", "9223372036854776807", "1".repeat(100), "１０００");
    var out = Stream.of(Long.toString(min - 1), Long.toString(beyond));
    for (String value : Stream.of(bad, far, out).flatMap(s -> s).toList()) {
      assertMalformed(name + "=" + value);
    }
    assertMalformed(name);
    assertMalformed(name + "=1000;" + name + "=1000");
    var refusal =
        assertThrows(IllegalArgumentException.class, () -> CredentialScope.of(Map.of(name, "0")));
    assertEquals(name + " is a whole number, " + min + " to " + max, refusal.getMessage());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "transports",
        "transports=",
        "transports=,",
        "transports=udp,",
        "transports=udp,udp",
        "transports=UDP",
        "transports=quic",
        "transports=udp tcp",
        "transports=udp;transports=tcp",
        "relay-only=",
        "relay-only=yes",
        "peers=",
        "bytes_per_second=1000",
        "bandwidth=1000",
        "tenant",
        "tenant=",
        "tenant=Acme",
        "tenant=a.b",
        "tenant=a b",
        "tenant=é",
        "tenant=a,b",
        "tenant=?",
        "tenant=a;tenant=b",
        "tenant=aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
        ";",
        "=",
        "=1"
      })
  void whatIsNotOfTheGrammarIsRefused(String limits) {
    assertMalformed(limits);
  }

  private static void assertMalformed(String limits) {
    assertThrows(IllegalArgumentException.class, () -> CredentialScope.parse(limits), limits);
    assertNull(CredentialUsername.parse("1800000000:~" + limits + "~alice"), limits);
  }

  @Test
  void noScopeCanBeMadeThatCouldNotBeReadBack() {
    for (long wrong : new long[] {-1, 999, Long.MAX_VALUE}) {
      assertThrows(IllegalArgumentException.class, () -> limits(wrong == 999 ? -5 : wrong, 0, 0));
      assertThrows(IllegalArgumentException.class, () -> limits(0, wrong, 0));
      assertThrows(IllegalArgumentException.class, () -> limits(0, 0, wrong == 999 ? -5 : wrong));
    }
  }

  private static CredentialScope limits(long allocations, long bytesPerSecond, long bytes) {
    return new CredentialScope("", List.of(), false, allocations, bytesPerSecond, bytes, Set.of());
  }

  @Test
  void whatIsWrittenIsReadBackAsTheSame() {
    var random = new Random(20_261);
    for (int i = 0; i < 10_000; i++) {
      var scope = random(random);
      assertEquals(scope, CredentialScope.parse(scope.format()));
      var name = new CredentialUsername(random.nextLong(10_000_000_000L), scope, user(random));
      assertEquals(name, CredentialUsername.parse(name.format()));
    }
  }

  private static CredentialScope random(Random random) {
    var peers =
        Stream.generate(
                () -> {
                  var ip =
                      random.nextBoolean()
                          ? IpAddress.ofIpv4(random.nextInt())
                          : new IpAddress(random.nextLong(), random.nextLong());
                  return new IpPrefix(ip, random.nextInt(ip.isIpv4() ? 96 : 0, 129));
                })
            .limit(random.nextInt(4))
            .toList();
    var transports = EnumSet.noneOf(Transport.class);
    for (var transport : Transport.values()) {
      if (random.nextInt(3) == 0) {
        transports.add(transport);
      }
    }
    return new CredentialScope(
        List.of("", "", "a", "acme-2", "-".repeat(32)).get(random.nextInt(5)),
        peers,
        random.nextBoolean(),
        number(random, 1, 999_999_999),
        number(random, 1_000, 999_999_999),
        number(random, 1, 1_000_000_000_000_000L),
        transports);
  }

  private static long number(Random random, long min, long max) {
    return switch (random.nextInt(4)) {
      case 0 -> 0;
      case 1 -> min;
      case 2 -> max;
      default -> random.nextLong(min, max + 1);
    };
  }

  private static UserId user(Random random) {
    return new UserId(
        List.of("", "~", "~~a", "alice", "@a:b", "~bytes=1~x").get(random.nextInt(6)));
  }

  @Test
  void noBytesThrowAndWhatIsTakenIsReadBackAsTheSame() {
    var random = new Random(20_262);
    byte[] seed = ("1800000000:~" + ALL + "~alice").getBytes(StandardCharsets.UTF_8);
    int taken = 0;
    for (int i = 0; i < 50_000; i++) {
      byte[] bytes = seed.clone();
      for (int changes = random.nextInt(4); changes >= 0; changes--) {
        int at = random.nextInt(bytes.length);
        bytes[at] =
            random.nextBoolean() ? seed[random.nextInt(seed.length)] : (byte) random.nextInt();
      }
      int length = random.nextInt(8) == 0 ? random.nextInt(bytes.length) : bytes.length;
      var name = CredentialUsername.parse(new String(bytes, 0, length, StandardCharsets.UTF_8));
      if (name != null) {
        taken++;
        assertEquals(name, CredentialUsername.parse(name.format()));
      }
    }
    assertTrue(taken > 500, "taken: " + taken);
  }
}
