package dev.hairpin.deploy.browser;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.hairpin.turnserver.net.Transport;
import dev.hairpin.turnserver.telemetry.Counter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.openqa.selenium.Keys;

/// Every transport in Chromium, from a page that came through the port of TURN over TLS.
class RelayInChromiumTest {
  private final Path folder;
  private final EveryTransport servers;
  private final Chromium chromium;

  RelayInChromiumTest(@TempDir Path folder) throws IOException {
    this.folder = folder;
    var authority = TestAuthority.in(folder);
    servers = EveryTransport.start(authority, folder);
    chromium = Chromium.trusting(authority, Files.createDirectory(folder.resolve("chromium")));
  }

  @AfterEach
  void close() {
    chromium.close();
    servers.close();
  }

  @ParameterizedTest
  @CsvSource({"^turn:.*udp$, udp", "^turn:.*tcp$, tcp", "^turns:.*tcp$, tls"})
  void videoAndDataAreRelayed(String url, String protocol) {
    chromium.open(servers.page());
    RelayedCall.read(chromium.evaluate(RelayedCall.body(url))).assertRelayedOver(protocol);
    assertTrue(servers.turn().telemetry().get(Counter.TO_PEER_PACKETS) > 20);
  }

  @Test
  void thePageAndTheRelayShareOnePort() {
    chromium.open(servers.page());
    chromium.element("#api-key").sendKeys(EveryTransport.API_KEY, Keys.ENTER);
    var page = new PageSteps(chromium);
    assertEquals("done", page.outcome("credentials"));
    int port = servers.page().getPort();
    var tls =
        servers.turn().listeners().stream().filter(l -> l.transport() == Transport.TLS).findFirst();
    assertEquals(port, tls.orElseThrow().address().port());

    assertEquals("done", page.gather());
    String url = "turns:localhost:" + port + "?transport=tcp";
    assertTrue(verdict(url).startsWith("TURN over TLS works"), verdict(url));
    assertTrue(verdict("turn:").startsWith("TURN over UDP works"), verdict("turn:"));
    assertTrue(chromium.text("#verdicts").contains("TURN over TCP works"));
    assertTrue(chromium.text("#verdicts").contains("TURN over DTLS was not asked"));
    assertEquals("connected", page.call());
    assertEquals("done", page.sendBytes());
    chromium.await(() -> Integer.parseInt(chromium.text("#frames")) > 30);
    chromium.screenshot("every-transport");
    assertEquals(List.of(), chromium.complaints());
  }

  @Test
  void aBrowserThatDoesNotTrustTheCertificateGetsNeitherPageNorRelay() throws IOException {
    try (var stranger = new Chromium(Files.createDirectory(folder.resolve("stranger")))) {
      stranger.open(servers.page());
      assertTrue(stranger.text("body").contains("ERR_CERT_AUTHORITY_INVALID"));
      stranger.open(servers.servers().api().orElseThrow().url());
      var call = RelayedCall.read(stranger.evaluate(RelayedCall.body("^turns:.*tcp$")));
      String error = String.valueOf(call.figures().get("error"));
      assertTrue(error.startsWith("no relay candidate"), call.toString());
    }
  }

  private String verdict(String url) {
    return chromium.text("#verdicts [data-url^='" + url + "']");
  }
}
