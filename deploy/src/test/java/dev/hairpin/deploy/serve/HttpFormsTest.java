package dev.hairpin.deploy.serve;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.hairpin.deploy.config.ConfigException;
import dev.hairpin.deploy.config.Configuration;
import dev.hairpin.deploy.config.Key;
import java.net.URI;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HttpFormsTest {
  @Test
  void goodValuesAreRead() {
    assertEquals(
        URI.create("http://[::1]:0"),
        HttpForms.LISTENER.reader().apply("http://[0:0:0:0:0:0:0:1]:0/"));
    assertEquals("[::1]:8080", HttpForms.addressOf(URI.create("http://[::1]:8080")).toString());
    assertEquals("turn.example.org", HttpForms.HOST.reader().apply("turn.example.org"));
    assertEquals("2001:db8::1", HttpForms.HOST.reader().apply("2001:DB8::1"));
    assertEquals("http://localhost:5173", HttpForms.ORIGIN.reader().apply("http://localhost:5173"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "127.0.0.1:8080",
        "http://127.0.0.1",
        "http://localhost:8080",
        "https://127.0.0.1:8443",
        "http://127.0.0.1:8080/api",
        "http://127.0.0.1:65536",
        "http://127.0.0.1:999999",
        "http://::1:8080",
        "http://user@127.0.0.1:8080",
        "http://127.0.0.1:8080?x"
      })
  void aBadListenerIsRefused(String text) {
    assertRefused(HairpinKeys.API_LISTEN, text);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "*",
        "null",
        "app.example.org",
        "https://app.example.org/",
        "https://App.example.org",
        "https://*.example.org",
        "ftp://app.example.org"
      })
  void aBadOriginIsRefused(String text) {
    assertRefused(HairpinKeys.API_CORS_ORIGINS, text);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "1.2.3",
        "1.2.3.4.5",
        "[::1]",
        "turn.example.org:3478",
        "-turn.example.org",
        "turn_1.example.org",
        "turn.example.org.",
        "turn..example.org",
        "udp://turn.example.org"
      })
  void aBadHostIsRefused(String text) {
    assertRefused(HairpinKeys.API_PUBLIC_HOST, text);
  }

  private static void assertRefused(Key<?> key, String text) {
    var error =
        assertThrows(
            ConfigException.class,
            () -> Configuration.of(HairpinKeys.ALL).withFlag(key, "--flag", List.of(text)));
    assertTrue(error.getMessage().startsWith("--flag: '"), error.getMessage());
    assertTrue(error.getMessage().endsWith("; " + key.format().remedy()), error.getMessage());
  }
}
