package dev.hairpin.deploy.browser;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Every transport in Firefox, from a page that came through the port of TURN over TLS.
class RelayInFirefoxTest {
  @TempDir Path folder;

  @Test
  void allThatTheApiHandsOutIsTakenAtOnce() throws Exception {
    call(".").assertWorks();
  }

  @ParameterizedTest
  @CsvSource({"^turn:.*udp$, udp", "^turn:.*tcp$, tcp", "^turns:.*tcp$, tls"})
  void videoAndDataAreRelayed(String url, String protocol) throws Exception {
    call(url).assertRelayedOver(protocol);
  }

  private RelayedCall call(String url) throws Exception {
    var authority = TestAuthority.in(folder);
    var profile = Files.createDirectory(folder.resolve("profile"));
    try (var servers = EveryTransport.start(authority, folder);
        var firefox = Firefox.trusting(authority, profile)) {
      firefox.open(servers.page());
      Object json = firefox.evaluate("(async () => {" + RelayedCall.body(url) + "})()");
      return RelayedCall.read(String.valueOf(json));
    }
  }
}
