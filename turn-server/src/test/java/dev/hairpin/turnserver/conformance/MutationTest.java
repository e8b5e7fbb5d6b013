package dev.hairpin.turnserver.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.hairpin.turnserver.net.IpPrefix;
import dev.hairpin.turnserver.policy.PolicySettings;
import dev.hairpin.turnserver.server.TurnServer;
import dev.hairpin.turnserver.server.TurnSettings;
import dev.hairpin.turnserver.telemetry.DropReason;
import dev.hairpin.turnserver.testkit.Bytes;
import dev.hairpin.turnserver.testkit.Canary;
import dev.hairpin.turnserver.testkit.Dialect;
import dev.hairpin.turnserver.testkit.MessageBuilder;
import dev.hairpin.turnserver.testkit.Methods;
import dev.hairpin.turnserver.testkit.TestTurnClient;
import java.net.InetAddress;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// Messages that were good before chance had its way with them, by real sockets;
/// `MutatedInputsTest` sends many more within memory. The seed is fixed, so a failure comes again.
class MutationTest {
  private static final int MUTANTS = 20_000;
  private static final int BATCH = 100;
  private static final long SEED = 8656;
  private static final int CHANNEL = 0x4000;
  private static final int TRANSACTION_OFFSET = 8;
  private static final int HEADER = 20;
  private static final int SIGNATURE = 24;
  private static final int DATA_INDICATION = 0x0017;

  /// The only peer's address, apart from those that other programs on this machine use.
  private static final InetAddress PEER = InetAddress.ofLiteral("127.0.7.7");

  private final Random random = new Random(SEED);
  private int answers;

  @Test
  void noAnswerIsLongerThanThreeTimesItsQuestionAndTheServerLivesOn() {
    try (var server = TurnServer.start(settings());
        var client = Venue.alice(server);
        var peer = Canary.at(PEER)) {
      for (int i = 0; i < MUTANTS / BATCH; i++) {
        sendBatch(client, seeds(client, peer));
      }
      assertTrue(answers > MUTANTS / 100, () -> "only " + answers + " answers: a blind test");
      assertEquals(client.localAddress(), client.binding());
      assertEquals(0, server.telemetry().get(DropReason.INTERNAL_FAULT));
    }
  }

  private void sendBatch(TestTurnClient client, List<Bytes> seeds) {
    var lengths = new HashMap<Bytes, Integer>();
    for (int i = 0; i < BATCH; i++) {
      var seed = seeds.get(random.nextInt(seeds.size()));
      if (seed.length() >= HEADER) {
        seed = seed.with(TRANSACTION_OFFSET, random(12));
      }
      var mutant = mutate(client, seed);
      if (mutant.length() >= HEADER) {
        lengths.put(mutant.slice(TRANSACTION_OFFSET, HEADER), mutant.length());
      }
      client.sendRaw(mutant);
    }
    readAnswers(client, lengths);
  }

  /// Reads until the answer to a last, sound request.
  private void readAnswers(TestTurnClient client, Map<Bytes, Integer> lengths) {
    var last = MessageBuilder.request(Methods.BINDING);
    client.sendRaw(last.build());
    while (true) {
      var answer = client.receiveRaw(Duration.ofSeconds(10));
      assertTrue(answer != null && answer.length() >= HEADER, () -> "not an answer: " + answer);
      if (answer.uint16At(0) == DATA_INDICATION) {
        continue; // a mutant was sent to a port where nobody is
      }
      var transaction = answer.slice(TRANSACTION_OFFSET, HEADER);
      if (transaction.equals(last.transaction())) {
        return;
      }
      answers++;
      var length = lengths.get(transaction);
      assertTrue(length != null, () -> "nobody asked for this: " + answer);
      assertTrue(answer.length() <= 3 * length, () -> length + " bytes were answered by " + answer);
    }
  }

  /// Sound messages of every kind. Should a mutant have ended the allocation, there is a new one.
  private static List<Bytes> seeds(TestTurnClient client, Canary peer) {
    var response = client.call(Methods.ALLOCATE, MessageBuilder::requestedTransport);
    assertTrue(response.isSuccess() || response.isError(437), response::toString);
    var at = peer.address();
    return List.of(
        MessageBuilder.request(Methods.BINDING).build(),
        MessageBuilder.request(Methods.BINDING).fingerprint().build(),
        MessageBuilder.request(Methods.ALLOCATE).requestedTransport().build(),
        client.signed(Methods.ALLOCATE, m -> m.requestedTransport().requestedFamily(1)),
        client.signed(Methods.REFRESH, m -> m.lifetime(600)),
        signedBySha256(client),
        client.signed(Methods.CREATE_PERMISSION, m -> m.peer(at)),
        client.signed(Methods.CHANNEL_BIND, m -> m.channel(CHANNEL).peer(at)),
        MessageBuilder.indication(Methods.SEND).peer(at).data(Bytes.utf8("payload")).build(),
        Bytes.uint16(CHANNEL).plus(Bytes.uint16(7)).plus(Bytes.utf8("payload")));
  }

  private static Bytes signedBySha256(TestTurnClient client) {
    var request = client.speaking(Dialect.RFC8489).signed(Methods.REFRESH, m -> m.lifetime(600));
    client.speaking(Dialect.RFC5389);
    return request;
  }

  private Bytes mutate(TestTurnClient client, Bytes seed) {
    var mutant = seed;
    for (int i = random.nextInt(3); i >= 0; i--) {
      mutant = mutateOnce(mutant);
    }
    if (mutant.length() < HEADER || random.nextInt(8) == 0) {
      return mutant;
    }
    // the others are to get past the length field, and half of them past MESSAGE-INTEGRITY
    mutant = withRightLength(mutant);
    return random.nextBoolean() ? mutant : signAgain(client, mutant);
  }

  private Bytes mutateOnce(Bytes seed) {
    int at = random.nextInt(seed.length() + 1);
    int word = at & ~3;
    return switch (random.nextInt(12)) {
      case 0 -> seed.slice(0, at);
      case 1 -> seed.slice(0, word).plus(random(4 * random.nextInt(4))).plus(tail(seed, word));
      case 2 -> seed.slice(0, word).plus(tail(seed, word + 4));
      case 3 -> seed.plus(tail(seed, word));
      default -> at == seed.length() ? seed : seed.with(at, random(1));
    };
  }

  private static Bytes tail(Bytes bytes, int from) {
    return bytes.slice(Math.min(from, bytes.length()), bytes.length());
  }

  private static Bytes withRightLength(Bytes message) {
    int whole = message.length() & ~3;
    return message.slice(0, whole).with(2, Bytes.uint16(whole - HEADER));
  }

  /// The mutated attributes under a sound signature, without what was the signature before.
  private static Bytes signAgain(TestTurnClient client, Bytes mutant) {
    int end = Math.max(HEADER, mutant.length() - SIGNATURE);
    return MessageBuilder.continuing(mutant.slice(0, end))
        .signedBy(client.credential(), client.challenge())
        .build();
  }

  private Bytes random(int length) {
    var bytes = new byte[length];
    random.nextBytes(bytes);
    return Bytes.of(bytes);
  }

  /// Denies all but loopback: a mutated address must not lead out of this machine.
  private static TurnSettings settings() {
    var settings = Venue.settings(Venue.IPV4);
    var denied =
        Stream.of(
                "0.0.0.0/2",
                "64.0.0.0/3",
                "96.0.0.0/4",
                "112.0.0.0/5",
                "120.0.0.0/6",
                "124.0.0.0/7",
                "126.0.0.0/8",
                "128.0.0.0/1")
            .map(IpPrefix::parse)
            .toList();
    var allowed = List.of(IpPrefix.parse(PEER.getHostAddress()));
    var policy = PolicySettings.DEFAULT.withPeers(allowed, denied);
    return settings.but(d -> d.policy = policy);
  }
}
