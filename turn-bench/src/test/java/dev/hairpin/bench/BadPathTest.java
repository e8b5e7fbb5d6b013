package dev.hairpin.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.hairpin.bench.Load.Direction;
import dev.hairpin.bench.measure.Figure;
import dev.hairpin.bench.measure.Figures;
import dev.hairpin.bench.result.Results;
import dev.hairpin.turnserver.credential.SharedSecrets;
import dev.hairpin.turnserver.net.Transport;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.OptionalInt;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/// What goes wrong between clients and peer is told exactly.
class BadPathTest {
  private static final SharedSecrets SECRETS = SharedSecrets.of("the secret of the tests");

  private record Seen(Figures figures, double touched) {
    double get(Figure figure) {
      return figures.get(figure).orElseThrow();
    }
  }

  @Test
  void everyTenthPacketThatIsLostIsToldAsLoss() throws Exception {
    var seen =
        through(
            (number, packet, way) -> {
              if (number % 10 == 9) {
                return true;
              }
              way.send(packet);
              return false;
            });
    assertTrue(seen.touched() >= 30, seen.toString());
    assertEquals(seen.get(Figure.SENT) - seen.touched(), seen.get(Figure.RECEIVED));
    assertEquals(100.0 * seen.touched() / seen.get(Figure.SENT), seen.get(Figure.LOSS), 0.000_1);
    assertEquals(0, seen.get(Figure.REORDERED));
  }

  @Test
  void whatComesTwiceIsToldAsDuplicates() throws Exception {
    var seen =
        through(
            (number, packet, way) -> {
              way.send(packet);
              packet.rewind();
              if (number % 7 == 0) {
                way.send(packet);
              }
              return number % 7 == 0;
            });
    assertEquals(seen.touched(), seen.get(Figure.DUPLICATES));
    assertEquals(seen.get(Figure.SENT), seen.get(Figure.RECEIVED));
  }

  @Test
  void whatIsOvertakenIsToldAsReordered() throws Exception {
    var held = ByteBuffer.allocate(4_096);
    var seen =
        through(
            (number, packet, way) -> {
              if (number % 20 == 10) {
                held.clear();
                held.put(packet).flip();
                return true;
              }
              way.send(packet);
              if (number % 20 == 12 && held.hasRemaining()) {
                way.send(held);
              }
              return false;
            },
            1);
    assertEquals(seen.touched(), seen.get(Figure.REORDERED), 1);
    assertTrue(seen.get(Figure.REORDERED) >= 10, seen.toString());
  }

  @Test
  void whatIsChangedIsToldAsCorruptAndNotAsLost() throws Exception {
    var seen =
        through(
            (number, packet, way) -> {
              if (number % 10 == 3) {
                packet.put(90, (byte) ~packet.get(90));
              }
              way.send(packet);
              return number % 10 == 3;
            });
    assertEquals(seen.touched(), seen.get(Figure.CORRUPT));
    assertEquals(seen.get(Figure.SENT) - seen.touched(), seen.get(Figure.RECEIVED));
    assertEquals(0, seen.get(Figure.LOSS));
  }

  @Test
  void aStallIsInTheLatencyOfAllThatWereDueMeanwhile() throws Exception {
    var seen =
        through(
            (number, packet, way) -> {
              if (number == 100) {
                pause(200);
              }
              way.send(packet);
              return number == 100;
            });
    assertTrue(seen.get(Figure.P99) > 100_000, seen.toString());
    assertTrue(seen.get(Figure.MAX) >= 200_000, seen.toString());
  }

  @Test
  void aSearchFindsWhatAPathCarries() throws Exception {
    int carries = 3_000;
    var bucket = new double[] {10, System.nanoTime()};
    BadPath.Fault cap =
        (_, packet, way) -> {
          long now = System.nanoTime();
          bucket[0] = Math.min(bucket[0] + (now - bucket[1]) * carries / 1e9, 10);
          bucket[1] = now;
          if (bucket[0] < 1) {
            return true;
          }
          bucket[0]--;
          way.send(packet);
          return false;
        };
    var load =
        new Load(
            2,
            Direction.UP,
            Payload.AUDIO,
            OptionalInt.of(1_000),
            Duration.ZERO,
            Duration.ofMillis(150),
            1);
    try (var server = BenchTest.start(Transport.UDP, "127.0.0.0/8");
        var path = new BadPath(server.listenAddresses().getFirst(), cap)) {
      var results = run(path, load, true);
      int found = results.outcomes().getFirst().highestRate().orElseThrow();
      assertTrue(found > 1_500 && found < 3_400, found + " was found");
      assertTrue(results.outcomes().getFirst().steps().size() > 3);
    }
  }

  private static Seen through(BadPath.Fault fault) throws Exception {
    return through(fault, 3);
  }

  private static Seen through(BadPath.Fault fault, int clients) throws Exception {
    var load =
        new Load(
            clients,
            Direction.UP,
            Payload.AUDIO,
            OptionalInt.of(1_000),
            Duration.ZERO,
            Duration.ofMillis(400),
            1);
    try (var server = BenchTest.start(Transport.UDP, "127.0.0.0/8");
        var path = new BadPath(server.listenAddresses().getFirst(), fault)) {
      var results = run(path, load, false);
      assertEquals(0, server.telemetry().liveAllocations());
      return new Seen(results.outcomes().getFirst().median(), (double) path.touched());
    }
  }

  private static Results run(BadPath path, Load load, boolean search)
      throws IOException, BenchException, InterruptedException {
    var target =
        new Target(
            "bad",
            "turn:bad",
            Transport.UDP,
            path.address(),
            null,
            Credentials.secret(SECRETS, Duration.ofMinutes(5)),
            0);
    var plan = new Bench.Plan(java.util.List.of(target), load, search, 1, null, "test");
    return new Bench(plan, BenchTest.silent()).run();
  }

  private static void pause(long millis) {
    try {
      TimeUnit.MILLISECONDS.sleep(millis);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
