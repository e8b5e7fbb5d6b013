package dev.hairpin.bench.result;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.hairpin.bench.Credentials;
import dev.hairpin.bench.Load;
import dev.hairpin.bench.Load.Direction;
import dev.hairpin.bench.Payload;
import dev.hairpin.bench.Target;
import dev.hairpin.bench.measure.Counts;
import dev.hairpin.bench.measure.Figures;
import dev.hairpin.bench.result.Results.Making;
import dev.hairpin.bench.result.Results.Outcome;
import dev.hairpin.bench.result.Results.Run;
import dev.hairpin.bench.result.Results.Second;
import dev.hairpin.bench.result.Results.Step;
import dev.hairpin.turnserver.net.Transport;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.HdrHistogram.Histogram;
import org.junit.jupiter.api.Test;

class ResultsTest {
  @Test
  void theJsonHasTheShapeThatIsDocumented() throws Exception {
    String json = ResultsJson.write(two()).replaceAll("(?s)\"host\" : \\{.*?\\}", "\"host\" : { }");
    assertEquals(Files.readString(Path.of("src", "test", "resources", "results.json")), json);
  }

  @Test
  void theTableLinesUpAndHasARatio() {
    var lines = Table.of(two()).lines().toList();
    assertTrue(lines.getFirst().endsWith("ratio"), lines.getFirst());
    int width = lines.getFirst().length();
    for (String line : lines) {
      assertEquals(width, line.length(), String.join("\n", lines));
    }
    assertTrue(
        lines.stream().anyMatch(l -> l.matches("server CPU +ns/packet +1,000 +2,000 +0.50")));
    assertTrue(lines.stream().anyMatch(l -> l.matches("loss +% +0.000 +50.000 +0.00")));
  }

  @Test
  void theMedianOfAnEvenNumberIsHalfWay() {
    var outcome = new Results("1", Instant.EPOCH, load()).add(target("a"));
    outcome.add(run(10, 1_000));
    outcome.add(run(20, 1_000));
    assertTrue(outcome.median().toString().contains("RECEIVED=15.0"), outcome.median().toString());
  }

  @Test
  void aTerminalHasOneLineThatChangesAndAFileOneASecond() {
    var text = new StringWriter();
    var terminal = new Progress(new PrintWriter(text), true);
    terminal.second("a", 1, 1, counts(100, 100));
    terminal.second("a", 2, 1, counts(100, 90));
    assertEquals(-1, text.toString().indexOf('\n'), text.toString());
    assertTrue(text.toString().contains("loss  10.000 %"), text.toString());
    var plain = new StringWriter();
    var file = new Progress(new PrintWriter(plain), false);
    file.second("a", 1, 1, counts(100, 100));
    file.second("a", 2, 1, counts(100, 90));
    assertEquals(2, plain.toString().lines().count());
  }

  private static Results two() {
    var results = new Results("0.1.0", Instant.parse("2026-11-21T20:00:00Z"), load());
    var first = results.add(target("a"));
    fill(first, 100, 1_000);
    first.add(new Step(80_000, figures(100, 1_000)));
    first.highestRate(80_000);
    fill(results.add(target("b")), 50, 2_000);
    return results;
  }

  private static void fill(Outcome outcome, long received, long nanosPerPacket) {
    var latency = new Histogram(60_000_000_000L, 3);
    latency.recordValue(1_000);
    outcome.made(new Making(2, 0, null, 2_000, latency, OptionalDouble.of(17_500)), "a server");
    outcome.add(run(received, nanosPerPacket));
  }

  private static Run run(long received, long nanosPerPacket) {
    var second =
        new Second(1, 1, counts(100, received), OptionalDouble.of(12.5), OptionalLong.of(4_096));
    return new Run(1, figures(received, nanosPerPacket), List.of(second), null, null, false);
  }

  private static Figures figures(long received, long nanosPerPacket) {
    return Figures.of(
        OptionalInt.of(500),
        counts(100, received),
        OptionalLong.of(nanosPerPacket * received),
        OptionalLong.of(8_192));
  }

  private static Counts counts(long sent, long received) {
    var counts = new Counts();
    counts.sent = sent;
    counts.sentBytes = sent * 160;
    counts.received = received;
    counts.receivedBytes = received * 160;
    for (int i = 0; i < received; i++) {
      counts.latency.recordValue(1_000);
    }
    return counts;
  }

  private static Load load() {
    return new Load(
        2,
        Direction.UP,
        Payload.AUDIO,
        OptionalInt.of(500),
        Duration.ofSeconds(2),
        Duration.ofSeconds(10),
        1);
  }

  private static Target target(String name) {
    return new Target(
        name,
        "turn:127.0.0.1:3478",
        Transport.UDP,
        new InetSocketAddress("127.0.0.1", 3478),
        null,
        Credentials.user("u", "p"),
        0);
  }
}
