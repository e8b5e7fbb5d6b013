package dev.hairpin.deploy.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FormatTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        ".",
        "turn.example.org.",
        "turn..org",
        "-turn.example.org",
        "turn-.example.org",
        "turn example.org",
        "tür.example.org",
        "turn_1.example.org",
        "a234567890123456789012345678901234567890123456789012345678901234.org"
      })
  void aBadDnsNameIsRefused(String text) {
    assertRefused(
        TurnKeys.ALTERNATE_DOMAIN,
        text,
        "write a name like turn.example.org, an international one by its A-labels");
  }

  @Test
  void aDnsNameHasAtMost255Characters() {
    String longest = "a.".repeat(127) + "a";
    assertEquals(longest, Format.DNS_NAME.reader().apply(longest));
    assertThrows(
        IllegalArgumentException.class, () -> Format.DNS_NAME.reader().apply("a." + longest));
    assertEquals("xn--tr-wka.example", Format.DNS_NAME.reader().apply("xn--tr-wka.example"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "10.0.0.0/33",
        "10.0.0.0/-1",
        "10.0.0.0/",
        "10.0.0.1/8",
        "10.0.0/8",
        "010.0.0.0/8",
        "10.0.0.0/8/8",
        "10.0.0.0-10.0.0.9",
        "2001:db8::/129",
        "2001:db8::1/32",
        "fe80::%eth0/64",
        "example.org/24",
        "10.0.0.0/ 8",
        "*"
      })
  void aBadPrefixIsRefused(String text) {
    assertRefused(TurnKeys.PEERS_DENY, text, "write a prefix like 10.0.0.0/8 or 2001:db8::/32");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "localhost",
        "1.2.3",
        "1.2.3.4.5",
        "256.0.0.1",
        "01.2.3.4",
        "1.2.3.4:80",
        "[::1]",
        "::1%lo",
        ":::",
        "0x7f000001",
        "2130706433",
        "1.2.3.4 "
      })
  void aBadAddressIsRefused(String text) {
    assertRefused(TurnKeys.RELAY_ADDRESSES, text, "write an address like 192.0.2.1 or 2001:db8::1");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "10",
        "10 m",
        "m",
        "10M",
        "-5m",
        "1.5h",
        "1h30m",
        "10ms",
        "1w",
        "9999999999s",
        "5s",
        "25h",
        "2d",
        "٣m",
        "never"
      })
  void aBadDurationIsRefused(String text) {
    assertRefused(
        TurnKeys.NONCE_LIFETIME, text, "write a number with s, m, h or d, from 10s to 24h");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "49152",
        "49152-",
        "-65535",
        "2-1",
        "65535-49152",
        "80-90",
        "49152-65536",
        "49152..65535",
        "49152 - 65535",
        "a-b",
        "49152-65535-1"
      })
  void aBadPortRangeIsRefused(String text) {
    assertRefused(TurnKeys.RELAY_PORTS, text, "write two ports like 49152-65535");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "3478",
        "0.0.0.0:3478",
        "udp://0.0.0.0",
        "udp://localhost:3478",
        "sctp://0.0.0.0:3478",
        "udp://0.0.0.0:3478/",
        "udp://0.0.0.0:65536",
        "udp://::1:3478",
        "udp://[::1%lo]:3478",
        "udp://user@1.2.3.4:3478"
      })
  void aBadListenerIsRefused(String text) {
    assertRefused(
        TurnKeys.LISTEN,
        text,
        "write udp://ADDRESS:PORT, or tcp, tls or dtls, with a numeric address");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "-1", "257", "1.0", "1e2", "99999999999", " 1", "auto"})
  void aBadNumberIsRefused(String text) {
    assertRefused(TurnKeys.LOOPS, text, "write a whole number from 0 to 256");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "Auto", "epoll", "native "})
  void aBadChoiceIsRefused(String text) {
    assertRefused(TurnKeys.UDP, text, "write one of auto | native | portable");
  }

  @Test
  void durationsAreReadInEveryUnitAndWrittenShortly() {
    for (String text : List.of("1s", "90s", "10m", "1h", "24h", "36h", "2d")) {
      assertEquals(text, Durations.write(Durations.read(text)));
    }
    assertEquals("5m", Durations.write(Durations.read("300s")));
    assertEquals(Duration.ofDays(7), Durations.read("7d"));
  }

  private static void assertRefused(Key<?> key, String text, String remedy) {
    var configuration = Configuration.of(new KeySet(TurnKeys.ALL));
    var error =
        assertThrows(
            ConfigException.class, () -> configuration.withFlag(key, "--flag", List.of(text)));
    String message = error.getMessage();
    assertTrue(message.startsWith("--flag: "), message);
    assertTrue(message.endsWith("; " + remedy), message);
  }
}
