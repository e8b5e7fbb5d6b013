package dev.hairpin.turnserver.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.hairpin.turnserver.server.TurnServer;
import dev.hairpin.turnserver.server.TurnSettings;
import dev.hairpin.turnserver.testkit.Await;
import dev.hairpin.turnserver.testkit.Bytes;
import dev.hairpin.turnserver.testkit.Delivery;
import dev.hairpin.turnserver.testkit.Dialect;
import dev.hairpin.turnserver.testkit.EchoPeer;
import dev.hairpin.turnserver.testkit.Methods;
import dev.hairpin.turnserver.testkit.TestTurnClient;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// A client that does as RFC 8489 §9.2.5 says makes its calls by SHA-256, and by the hash of its
/// username where the server offers that.
class Rfc8489ClientTest {
  private static final int CHANNEL = 0x4000;

  static List<TurnSettings> settings() {
    return List.of(
        Venue.settings(Venue.IPV4),
        Venue.settings(Venue.IPV6),
        Venue.knowingUsernames(Venue.settings(Venue.IPV4)));
  }

  @ParameterizedTest
  @MethodSource("settings")
  void aCallFromAllocateToItsEnd(TurnSettings settings) {
    try (var server = TurnServer.start(settings);
        var client = Venue.alice(server).speaking(Dialect.RFC8489);
        var peer = EchoPeer.at(Venue.addressOf(server).getAddress())) {
      boolean isHashed = settings.auth().issued() != null;
      var _ = Venue.allocate(client);
      client.permit(peer.address());
      client.bind(CHANNEL, peer.address());
      client.sendOnChannel(CHANNEL, Bytes.utf8("there and back"));
      assertEquals(new Delivery.OnChannel(CHANNEL, Bytes.utf8("there and back")), client.receive());
      assertEquals(600, client.refresh(600));
      assertEquals(0, client.refresh(0));
      assertEquals(isHashed, client.challenge().saysUsernameAnonymity());
    }
  }

  @Test
  void aUsernameThatWasIssuedElsewhereIsSaidWhenItsHashIsOfNoUse() {
    try (var server = TurnServer.start(Venue.knowingUsernames(Venue.settings(Venue.IPV4)));
        var client = stranger(server)) {
      assertTrue(client.challenge().saysUsernameAnonymity());
      var _ = client.allocate();
      assertFalse(client.challenge().saysUsernameAnonymity());
      assertEquals(600, client.refresh(600));
    }
  }

  @Test
  void aWrongPasswordIsRefusedByNameAsByHash() {
    try (var server = TurnServer.start(Venue.knowingUsernames(Venue.settings(Venue.IPV4)));
        var client = stranger(server).withSecret("another").as("bob")) {
      assertTrue(client.call(Methods.ALLOCATE, m -> m.requestedTransport()).isError(401));
      assertFalse(client.challenge().saysUsernameAnonymity());
    }
  }

  @Test
  void aNewNonceCarriesOn() {
    try (var server =
            TurnServer.start(Venue.settings(Venue.IPV4).but(d -> d.auth = Venue.shortNonces()));
        var client = Venue.alice(server).speaking(Dialect.RFC8489)) {
      var _ = client.allocate();
      var first = client.challenge();
      Await.until(
          Duration.ofSeconds(20),
          () -> client.refresh(600) == 600 && !client.challenge().equals(first),
          () -> "the nonce becomes stale");
    }
  }

  @Test
  void theOwnerOfAnAllocationMayChangeItsAlgorithm() {
    try (var server = TurnServer.start(Venue.settings(Venue.IPV4));
        var client = Venue.alice(server)) {
      var _ = client.allocate();
      assertEquals(600, client.speaking(Dialect.RFC8489).refresh(600));
      assertEquals(600, client.speaking(Dialect.RFC5389).refresh(600));
    }
  }

  private static TestTurnClient stranger(TurnServer server) {
    return TestTurnClient.to(Venue.addressOf(server))
        .withSecret(Venue.SECRET)
        .as("bob")
        .speaking(Dialect.RFC8489);
  }
}
