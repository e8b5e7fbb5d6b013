package dev.hairpin.turnserver.foreign;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.hairpin.turnserver.credential.SharedSecrets;
import dev.hairpin.turnserver.net.ListenUrl;
import dev.hairpin.turnserver.server.TurnServer;
import dev.hairpin.turnserver.server.TurnSettings;
import dev.hairpin.turnserver.telemetry.Counter;
import dev.hairpin.turnserver.testkit.Await;
import dev.hairpin.turnserver.testkit.TurnCredential;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/// Jitsi's ICE library gathers relayed candidates from this server and talks through them.
class Ice4jTest {
  private static final String SECRET = "north";
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  @Test
  void twoAgentsExchangeAPayloadFromRelayToRelay() {
    try (var server = server();
        var alice = new IceAgent();
        var bob = new IceAgent()) {
      var ofAlice = alice.gather(address(server), credential("alice")).getFirst();
      var ofBob = bob.gather(address(server), credential("bob")).getFirst();
      var heardByBob = CompletableFuture.supplyAsync(() -> IceAgent.receive(ofBob));
      // either side may only hear the other once it has sent itself, so both repeat themselves
      Await.until(
          PATIENCE,
          () -> {
            IceAgent.send(ofBob, ofAlice.getTransportAddress(), "I am here");
            IceAgent.send(ofAlice, ofBob.getTransportAddress(), "hello");
            return heardByBob.isDone();
          },
          () -> "bob hears alice");
      assertEquals("hello", heardByBob.join());
    }
  }

  @Test
  void aWrongPasswordYieldsNoCandidate() {
    try (var server = server();
        var agent = new IceAgent()) {
      var wrong = new TurnCredential(credential("alice").username(), "wrong");
      assertEquals(List.of(), agent.gather(address(server), wrong));
      assertEquals(0, server.telemetry().get(Counter.ALLOCATIONS_OPENED));
    }
  }

  private static TurnServer server() {
    return TurnServer.start(
        TurnSettings.of(SharedSecrets.of(SECRET), ListenUrl.parse("udp://127.0.0.1:0")));
  }

  private static InetSocketAddress address(TurnServer server) {
    return server.listenAddresses().getFirst().toInetSocketAddress();
  }

  private static TurnCredential credential(String user) {
    return TurnCredential.timeLimited(SECRET, user, Duration.ofHours(1));
  }
}
