package dev.hairpin.turnserver.server;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.hairpin.turnserver.credential.SharedSecrets;
import dev.hairpin.turnserver.net.ListenUrl;
import dev.hairpin.turnserver.stun.ErrorCode;
import dev.hairpin.turnserver.telemetry.Counter;
import dev.hairpin.turnserver.telemetry.DropReason;
import dev.hairpin.turnserver.telemetry.Telemetry;
import dev.hairpin.turnserver.testkit.Await;
import dev.hairpin.turnserver.testkit.Bytes;
import dev.hairpin.turnserver.testkit.Canary;
import dev.hairpin.turnserver.testkit.MessageBuilder;
import dev.hairpin.turnserver.testkit.Methods;
import dev.hairpin.turnserver.testkit.TestTurnClient;
import dev.hairpin.turnserver.udp.UdpMode;
import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

/// Every message that came is found again: answered, relayed, or dropped under a name.
class ReconciliationTest {
  private static final String SECRET = "a secret of this test";
  private static final int CHANNEL = 0x4000;
  private static final int MESSAGES = 3_000;

  @Test
  void whatCameIsWhatWasAnsweredRelayedAndDropped() {
    var settings =
        TurnSettings.of(SharedSecrets.of(SECRET), ListenUrl.parse("udp://127.0.0.1:0"))
            .but(d -> d.udp = UdpMode.AUTO)
            .but(d -> d.loops = 2)
            .allowingPeers("127.0.0.0/8");
    try (var server = TurnServer.start(settings);
        var client = client(server);
        var stranger = client(server);
        var peer = Canary.at(InetAddress.ofLiteral("127.0.0.1"))) {
      client.allocate();
      client.bind(CHANNEL, peer.address());
      long before = came(server.telemetry());
      var random = new Random(8_656);
      var reached = new ArrayList<Integer>();
      int relayed = 0;
      long bytes = 0;
      for (int i = 0; i < MESSAGES; i++) {
        switch (random.nextInt(7)) {
          case 0 -> stranger.sendRaw(Bytes.random(1 + random.nextInt(200)));
          case 1 -> stranger.sendRaw(MessageBuilder.request(Methods.BINDING).build());
          case 2 -> stranger.sendRaw(MessageBuilder.request(Methods.REFRESH).build());
          case 3 -> stranger.sendOnChannel(CHANNEL, Bytes.random(20));
          case 4 -> client.sendRaw(MessageBuilder.indication(Methods.SEND).build());
          case 5 -> client.sendOnChannel(CHANNEL + 1, Bytes.random(20));
          default -> {
            int length = random.nextInt(1_000);
            client.sendOnChannel(CHANNEL, Bytes.random(length));
            relayed++;
            bytes += length;
          }
        }
        if (i % 50 == 0) {
          peer.received().forEach(payload -> reached.add(payload.length()));
          long sent = before + i + 1;
          Await.until(
              Duration.ofSeconds(10),
              () -> came(server.telemetry()) == sent,
              () -> came(server.telemetry()) + " of " + sent);
        }
      }
      var telemetry = server.telemetry();
      Await.until(
          Duration.ofSeconds(10),
          () -> came(telemetry) == before + MESSAGES && found(telemetry) == came(telemetry),
          () -> came(telemetry) + " came, " + found(telemetry) + " are found again");
      assertEquals(relayed, telemetry.get(Counter.TO_PEER_PACKETS));
      assertEquals(bytes, telemetry.get(Counter.TO_PEER_BYTES));
      peer.received().forEach(payload -> reached.add(payload.length()));
      assertEquals(relayed, reached.size());
      assertEquals(bytes, reached.stream().mapToLong(length -> length).sum());
    }
  }

  private static long came(Telemetry telemetry) {
    return telemetry.get(Counter.CLIENT_PACKETS_IN)
        + telemetry.get(DropReason.NOT_STUN_NOR_CHANNEL_DATA);
  }

  /// Nothing here comes from a peer, and nothing is a Binding indication.
  private static long found(Telemetry telemetry) {
    long answered =
        telemetry.get(Counter.SUCCESS_RESPONSES)
            + Arrays.stream(ErrorCode.values()).mapToLong(e -> telemetry.errors(e.code())).sum();
    long dropped = Arrays.stream(DropReason.values()).mapToLong(telemetry::get).sum();
    return answered + dropped + telemetry.get(Counter.TO_PEER_PACKETS);
  }

  private static TestTurnClient client(TurnServer server) {
    return TestTurnClient.to(server.listenAddresses().getFirst().toInetSocketAddress())
        .withSecret(SECRET)
        .as("alice");
  }
}
