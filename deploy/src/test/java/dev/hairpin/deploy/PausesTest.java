package dev.hairpin.deploy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.hairpin.bench.Bench;
import dev.hairpin.bench.Credentials;
import dev.hairpin.bench.Load;
import dev.hairpin.bench.Payload;
import dev.hairpin.bench.Target;
import dev.hairpin.bench.measure.Figure;
import dev.hairpin.bench.result.Progress;
import dev.hairpin.deploy.check.LiveCall;
import dev.hairpin.turnserver.credential.SharedSecrets;
import dev.hairpin.turnserver.net.Transport;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.Writer;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalInt;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// How long the garbage collector stops the program, with the options of its own launcher.
@Tag("nightly")
@Timeout(240)
class PausesTest {
  private static final String SECRET = "0f3c5a97e1d24b68ac7e91b35df80246";
  private static final int CLIENTS = 100;
  private static final int PACKETS_PER_SECOND = 50_000;
  private static final Duration WARM_UP = Duration.ofSeconds(15);
  private static final Duration TIME = Duration.ofSeconds(60);
  private static final double MAX_MILLIS = 2;

  /// As Java's log says it, with the milliseconds at the end.
  private static final Pattern PAUSE = Pattern.compile("GC\\(\\d+\\) Pause .* ([0-9.]+)ms");

  @TempDir Path folder;

  private static final Comparator<Pause> BY_TIME = Comparator.comparingDouble(Pause::millis);

  private record Pause(double millis, String line) {}

  @Test
  void noCollectionPausesLongerThanTwoMillisecondsAtFiftyThousandPacketsASecond() throws Exception {
    var log = folder.resolve("gc.log");
    try (var program = serve(log)) {
      ontoCore(0, program.handle().pid());
      ontoCore(1, ProcessHandle.current().pid());
      var over = new AtomicBoolean();
      var callers = new FutureTask<Integer>(() -> comeAndGo(program, over));
      Thread.ofPlatform().daemon().start(callers);
      relay(program, WARM_UP);
      int before = pauses(log).size();
      relay(program, TIME);
      over.set(true);
      var all = pauses(log);
      var during = all.subList(before, all.size());
      System.out.printf(
          Locale.ROOT,
          "%d collections before the load, %d during it, median %.3f ms, %.3f ms in all;"
              + " %d callers came and went%n",
          before,
          during.size(),
          during.isEmpty()
              ? 0
              : during.stream().sorted(BY_TIME).toList().get(during.size() / 2).millis(),
          during.stream().mapToDouble(Pause::millis).sum(),
          callers.get());
      during.stream()
          .sorted(BY_TIME.reversed())
          .limit(5)
          .forEach(p -> System.out.println(p.line()));
      assertFalse(during.isEmpty(), "where nothing is collected, nothing is shown");
      var longest = during.stream().max(BY_TIME).orElseThrow();
      assertTrue(longest.millis() <= MAX_MILLIS, "the longest: " + longest.line());
    }
  }

  private RunningProgram serve(Path log) throws IOException {
    var secret = Files.writeString(folder.resolve("secret"), SECRET);
    Files.setPosixFilePermissions(secret, PosixFilePermissions.fromString("rw-------"));
    // Java itself reads these; the launcher's own stay as they are
    var variables =
        Map.of(
            "JDK_JAVA_OPTIONS",
            "-Xlog:gc,safepoint:file=" + log,
            "XDG_DATA_HOME",
            folder.resolve("data").toString());
    return RunningProgram.serve(
        Distribution.assemble(folder.resolve("hairpin")),
        variables,
        folder.resolve("stderr"),
        "--listen",
        "udp://127.0.0.1:0",
        "--api",
        "http://127.0.0.1:0",
        "--secret-file",
        secret.toString(),
        "--allow-peer",
        "127.0.0.0/8");
  }

  /// So that the load does not stop the collector: it is not the machine's scheduler that is asked.
  private static void ontoCore(int core, long pid) throws Exception {
    var command = List.of("taskset", "-acp", String.valueOf(core), String.valueOf(pid));
    assertEquals(0, new ProcessBuilder(command).start().waitFor());
  }

  /// A packet that is sent to the peer and comes back has passed the server twice.
  private static void relay(RunningProgram program, Duration time) throws Exception {
    int port = Integer.parseInt(program.find("udp://127\\.0\\.0\\.1:([0-9]+)"));
    var target =
        new Target(
            "hairpin",
            "turn:127.0.0.1:" + port,
            Transport.UDP,
            new InetSocketAddress("127.0.0.1", port),
            null,
            Credentials.secret(SharedSecrets.of(SECRET), Duration.ofHours(1)),
            program.handle().pid());
    int rate = PACKETS_PER_SECOND / 2;
    var load =
        new Load(
            CLIENTS,
            Load.Direction.ECHO,
            Payload.AUDIO,
            OptionalInt.of(rate),
            Duration.ZERO,
            time,
            1);
    var plan = new Bench.Plan(List.of(target), load, false, 1, null, "test");
    var progress = new Progress(new PrintWriter(Writer.nullWriter()), false);
    var figures = new Bench(plan, progress).run().outcomes().getFirst().median();
    double expected = rate * (double) time.toSeconds();
    System.out.println(figures);
    assertEquals(expected, figures.get(Figure.RECEIVED).orElseThrow(), expected / 100);
  }

  /// What has to be collected: relaying alone leaves nothing.
  private static int comeAndGo(RunningProgram program, AtomicBoolean over) throws Exception {
    String server = program.find("udp://(127\\.0\\.0\\.1:[0-9]+)");
    var metrics = URI.create(program.find("web page +(http://[^/]+)") + "/metrics");
    int callers = 0;
    try (var http = HttpClient.newHttpClient()) {
      while (!over.get()) {
        assertTrue(LiveCall.isServed(server, SECRET));
        var request = HttpRequest.newBuilder(metrics).build();
        assertEquals(200, http.send(request, BodyHandlers.discarding()).statusCode());
        callers++;
        Thread.sleep(100);
      }
    }
    return callers;
  }

  private static List<Pause> pauses(Path log) throws IOException {
    return Files.readAllLines(log).stream()
        .map(PAUSE::matcher)
        .filter(m -> m.find())
        .map(m -> new Pause(Double.parseDouble(m.group(1)), m.group()))
        .toList();
  }
}
