package dev.hairpin.turnserver.foreign;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.hairpin.turnserver.credential.SharedSecrets;
import dev.hairpin.turnserver.net.ListenUrl;
import dev.hairpin.turnserver.server.TurnServer;
import dev.hairpin.turnserver.server.TurnSettings;
import dev.hairpin.turnserver.testkit.ChildProcess;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// coturn's STUN client learns its own address from this server.
class StunclientTest {
  @ParameterizedTest
  @CsvSource({"127.0.0.1, 127.0.0.1, IPv4", "[::1], ::1, IPv6"})
  void learnsItsAddress(String host, String ip, String family) {
    var settings =
        TurnSettings.of(SharedSecrets.of("north"), ListenUrl.parse("udp://" + host + ":0"));
    try (var server = TurnServer.start(settings)) {
      String port = Integer.toString(server.listenAddresses().getFirst().port());
      var command = List.of("turnutils_stunclient", "-p", port, ip);
      try (var client = ChildProcess.start(command)) {
        assertEquals(0, client.awaitExit(Duration.ofSeconds(20)));
        String expected = family + ". UDP reflexive addr: " + ip + ":";
        assertTrue(
            client.output().stream().anyMatch(line -> line.contains(expected)),
            () -> client.output().toString());
      }
    }
  }
}
