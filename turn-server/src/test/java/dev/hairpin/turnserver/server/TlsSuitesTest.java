package dev.hairpin.turnserver.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.hairpin.turnserver.net.Transport;
import dev.hairpin.turnserver.testkit.ChildProcess;
import dev.hairpin.turnserver.testkit.TestCertificate;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Which cipher suites are agreed on, by OpenSSL's judgement (RFC 8489 §6.2.3, BCP 195).
class TlsSuitesTest {
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  @TempDir private Path folder = Path.of("");

  @ParameterizedTest
  @ValueSource(
      strings = {
        "ECDHE-RSA-AES128-GCM-SHA256",
        "DHE-RSA-AES128-GCM-SHA256",
        "ECDHE-RSA-AES256-GCM-SHA384",
        "ECDHE-RSA-CHACHA20-POLY1305"
      })
  void suitesWithForwardSecrecyAreAgreedOn(String suite) {
    var said = handshake("-tls1_2", "-cipher", suite);
    assertTrue(said.contains("Cipher is " + suite), said);
    assertTrue(said.contains("Compression: NONE"), said);
    assertTrue(said.contains("Extended master secret: yes"), said);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "TLS_AES_128_GCM_SHA256",
        "TLS_AES_256_GCM_SHA384",
        "TLS_CHACHA20_POLY1305_SHA256"
      })
  void theSuitesOfTls13AreAgreedOn(String suite) {
    var said = handshake("-tls1_3", "-ciphersuites", suite);
    assertTrue(said.contains("Cipher is " + suite), said);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "AES128-GCM-SHA256:AES128-SHA", // no forward secrecy
        "ECDHE-RSA-AES128-SHA:ECDHE-RSA-AES256-SHA384", // no AEAD
        "ALL:eNULL:aNULL:!AESGCM:!CHACHA20:@SECLEVEL=0" // whatever else OpenSSL has
      })
  void weakerSuitesAreNot(String suites) {
    var said = handshake("-tls1_2", "-cipher", suites);
    assertTrue(said.contains("Cipher is (NONE)"), said);
  }

  @Test
  void theServersOrderCounts() {
    var said =
        handshake("-tls1_2", "-cipher", "DHE-RSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256");
    assertTrue(said.contains("Cipher is ECDHE-RSA-AES128-GCM-SHA256"), said);
  }

  private String handshake(String... options) {
    try (var scene = StreamScene.secure(TestCertificate.rsa(folder, "localhost"))) {
      return handshake(scene.address(Transport.TLS).getPort(), options);
    }
  }

  private static String handshake(int port, String... options) {
    String command =
        "exec openssl s_client -connect 127.0.0.1:"
            + port
            + " '"
            + String.join("' '", options)
            + "' 2>&1 </dev/null";
    try (var openssl = ChildProcess.start(List.of("sh", "-c", command))) {
      int exitCode = openssl.awaitExit(PATIENCE);
      assertEquals(exitCode, Math.clamp(exitCode, 0, 1));
      return String.join("\n", openssl.output());
    }
  }
}
