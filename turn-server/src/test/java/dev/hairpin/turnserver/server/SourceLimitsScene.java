package dev.hairpin.turnserver.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.hairpin.turnserver.auth.AuthSettings;
import dev.hairpin.turnserver.credential.SharedSecrets;
import dev.hairpin.turnserver.loop.SourceLimits;
import dev.hairpin.turnserver.net.ListenUrl;
import dev.hairpin.turnserver.net.Transport;
import dev.hairpin.turnserver.telemetry.Counter;
import dev.hairpin.turnserver.telemetry.DropReason;
import dev.hairpin.turnserver.testkit.Await;
import dev.hairpin.turnserver.testkit.MessageBuilder;
import dev.hairpin.turnserver.testkit.Methods;
import dev.hairpin.turnserver.testkit.StreamWire;
import dev.hairpin.turnserver.testkit.TestTurnClient;
import dev.hairpin.turnserver.testkit.TurnCredential;
import dev.hairpin.turnserver.testkit.UdpWire;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;

/// What happens in the network of `SourceLimitsTest`; the clock stands still unless it is moved.
enum SourceLimitsScene {
  CHALLENGES_TO_ONE_SOURCE_ARE_BOUNDED {
    @Override
    void play(Stage stage) {
      for (var place : List.of("10.1.0.1", "fd00:1::1")) {
        long answers = stage.server.telemetry().errors(401);
        assertEquals(20, stage.flood(place, Methods.ALLOCATE, 300));
        assertEquals(20, stage.server.telemetry().errors(401) - answers);
        assertEquals(0, stage.flood(place, Methods.REFRESH, 10));
        assertEquals(0, stage.flood(place, 0, 10), "a short 400 counts like a challenge");
      }
      assertEquals(0, stage.flood("fd00:1::2:1", Methods.ALLOCATE, 10), "the same /64");
      assertEquals(5, stage.flood("fd00:1:0:1::1", Methods.ALLOCATE, 5));
      assertEquals(5, stage.flood("10.1.0.2", Methods.ALLOCATE, 5));
      stage.clock.advance(Duration.ofSeconds(1));
      assertEquals(20, stage.flood("10.1.0.1", Methods.ALLOCATE, 300));
    }
  },

  BINDING_HAS_A_BUDGET_OF_ITS_OWN {
    @Override
    void play(Stage stage) {
      assertEquals(50, stage.flood("10.1.0.1", Methods.BINDING, 200));
      assertEquals(20, stage.flood("10.1.0.1", Methods.ALLOCATE, 50));
      assertEquals(50, stage.flood("10.1.0.2", Methods.BINDING, 100));
      stage.clock.advance(Duration.ofMillis(100));
      assertEquals(5, stage.flood("10.1.0.1", Methods.BINDING, 20));
    }
  },

  WHO_HAS_SHOWN_A_NONCE_IS_NEVER_STARVED {
    @Override
    void play(Stage stage) {
      try (var alice = stage.client("10.1.0.1")) {
        var _ = alice.allocate(m -> m.lifetime(3_600));
        assertTrue(stage.flood("10.1.0.1", Methods.ALLOCATE, 300) < 20);
        assertEquals(600, alice.refresh(600));
        var _ = alice.refresh(3_600);
        // and she hears that her nonce has become stale
        stage.clock.advance(AuthSettings.DEFAULT_NONCE_LIFETIME.plusSeconds(2));
        assertEquals(20, stage.flood("10.1.0.1", Methods.ALLOCATE, 300));
        assertEquals(600, alice.refresh(600));
        assertEquals(1, stage.server.telemetry().errors(438));
      }
    }
  },

  STREAMS_ARE_VERIFIED_BY_THEIR_TRANSPORT {
    @Override
    void play(Stage stage) {
      stage.flood("10.1.0.1", Methods.ALLOCATE, 50);
      stage.flood("10.1.0.1", Methods.BINDING, 80);
      try (var alice = stage.streamClient("10.1.0.1")) {
        for (int i = 0; i < 60; i++) {
          var _ = alice.binding();
        }
        var _ = alice.allocate();
      }
    }
  },

  GUESSED_PASSWORDS_ARE_LOOKED_AT_TEN_TIMES_AND_THEN_ONCE_A_SECOND {
    @Override
    void play(Stage stage) {
      try (var owner = stage.client("10.1.0.1");
          var guesser = stage.client("10.1.0.1");
          var neighbour = stage.client("10.1.0.1");
          var other = stage.client("10.1.0.2")) {
        var _ = owner.allocate();
        assertEquals(10, stage.guesses(guesser, 100));
        assertEquals(90, stage.server.telemetry().get(DropReason.WRONG_PASSWORDS));
        stage.clock.advance(Duration.ofSeconds(1));
        assertEquals(1, stage.guesses(guesser, 20));
        // nobody is locked out: not who has an allocation, nor the same user elsewhere, nor later
        assertEquals(600, owner.refresh(600));
        var _ = other.allocate();
        stage.clock.advance(Duration.ofSeconds(1));
        var _ = neighbour.allocate();
        try (var stream = stage.streamClient("10.1.0.3")) {
          assertEquals(10, stage.guesses(stream, 30));
        }
      }
    }
  },

  WITHOUT_LIMITS_EVERYBODY_IS_ANSWERED {
    @Override
    TurnSettings settings(TurnSettings defaults) {
      return defaults.but(d -> d.service = Services.with(new SourceLimits(0, 0, 0)));
    }

    @Override
    void play(Stage stage) {
      assertEquals(100, stage.flood("10.1.0.1", Methods.ALLOCATE, 100));
      assertEquals(100, stage.flood("10.1.0.1", Methods.BINDING, 100));
      try (var guesser = stage.client("10.1.0.1")) {
        assertEquals(30, stage.guesses(guesser, 30));
      }
    }
  };

  abstract void play(Stage stage);

  TurnSettings settings(TurnSettings defaults) {
    return defaults;
  }

  /// Plays them all.
  public static void main(String[] arguments) {
    for (var scene : values()) {
      System.out.println(scene);
      try (var stage = new Stage(scene)) {
        scene.play(stage);
      }
    }
  }

  /// A server and clients at many addresses.
  static final class Stage implements AutoCloseable {
    private static final String SECRET = "north";
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    final ManualClock clock = new ManualClock();
    final TurnServer server;

    Stage(SourceLimitsScene scene) {
      var url = ListenUrl.parse("udp://10.0.0.1:0");
      var listeners =
          List.of(url, ListenUrl.parse("udp://[fd00::1]:0"), ListenUrl.parse("tcp://10.0.0.1:0"));
      var settings =
          TurnSettings.of(SharedSecrets.of(SECRET), url).but(d -> d.listeners = listeners);
      server = TurnServer.start(scene.settings(settings), clock);
    }

    private InetSocketAddress address(Transport transport, InetAddress family) {
      return server.listeners().stream()
          .filter(u -> u.transport() == transport)
          .map(u -> u.address().toInetSocketAddress())
          .filter(a -> a.getAddress().getClass() == family.getClass())
          .findFirst()
          .orElseThrow();
    }

    TestTurnClient client(String from) {
      var ip = InetAddress.ofLiteral(from);
      return TestTurnClient.to(address(Transport.UDP, ip), ip).withSecret(SECRET).as("alice");
    }

    TestTurnClient streamClient(String from) {
      var ip = InetAddress.ofLiteral(from);
      var wire = StreamWire.to(address(Transport.TCP, ip), ip);
      return TestTurnClient.over(wire).withSecret(SECRET).as("alice");
    }

    /// Asks so many times, from many ports, and returns the number of answers.
    ///
    /// @param method 0 is an Allocate that cannot succeed
    int flood(String from, int method, int count) {
      var ip = InetAddress.ofLiteral(from);
      long before = handled();
      int answers = 0;
      var wires = new UdpWire[10];
      for (int i = 0; i < wires.length; i++) {
        wires[i] = UdpWire.to(address(Transport.UDP, ip), ip);
      }
      for (int i = 0; i < count; i++) {
        var request = MessageBuilder.request(method == 0 ? Methods.ALLOCATE : method);
        wires[i % wires.length].send(
            (method == Methods.ALLOCATE ? request.requestedTransport() : request).build());
      }
      awaitHandled(before + count);
      for (var wire : wires) {
        while (wire.receive(Duration.ofMillis(20)) != null) {
          answers++;
        }
        wire.close();
      }
      return answers;
    }

    /// Shows so many wrong passwords and returns how many were looked at.
    int guesses(TestTurnClient client, int count) {
      var challenge = client.challenge();
      var wrong = new TurnCredential(client.credential().username(), "wrong");
      long answered = server.telemetry().errors(401);
      long before = handled();
      for (int i = 0; i < count; i++) {
        var guess = MessageBuilder.request(Methods.ALLOCATE).requestedTransport();
        client.sendRaw(guess.signedBy(wrong, challenge).build());
      }
      awaitHandled(before + count);
      return (int) (server.telemetry().errors(401) - answered);
    }

    private long handled() {
      var told = server.telemetry();
      return told.get(Counter.SUCCESS_RESPONSES)
          + told.errors(400)
          + told.errors(401)
          + told.errors(438)
          + told.get(DropReason.ANSWER_BUDGET)
          + told.get(DropReason.WRONG_PASSWORDS);
    }

    private void awaitHandled(long count) {
      Await.until(PATIENCE, () -> handled() >= count, () -> handled() + " of " + count);
    }

    @Override
    public void close() {
      server.close();
    }
  }
}
