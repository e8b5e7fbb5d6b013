package dev.hairpin.turnserver.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.hairpin.turnserver.server.TurnServer;
import dev.hairpin.turnserver.testkit.Bytes;
import dev.hairpin.turnserver.testkit.Canary;
import java.util.List;
import org.junit.jupiter.api.Test;

/// What else may share a port with STUN (RFC 7983) is told by its first byte, and none of it is for
/// this server.
class FirstByteTest {
  @Test
  void whatIsNeitherStunNorAChannelOfTheClientIsMetBySilence() {
    try (var server = TurnServer.start(Venue.settings(Venue.IPV4));
        var client = Venue.alice(server);
        var peer = Canary.at(Venue.IPV4)) {
      var _ = client.allocate();
      client.bind(0x4000, peer.address());
      for (int first = 0; first <= 0xFF; first++) {
        client.sendRaw(Bytes.hex("%02x33 0004 01020304".formatted(first)));
        client.sendRaw(Bytes.hex("%02x33 0014".formatted(first)).plus(Bytes.random(20)));
        assertEquals(List.of(), client.deliveries());
      }
      assertEquals(List.of(), peer.received());
      assertEquals(600, client.refresh(600));
    }
  }
}
