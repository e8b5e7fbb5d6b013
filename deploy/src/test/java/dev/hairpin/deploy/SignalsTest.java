package dev.hairpin.deploy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.hairpin.deploy.check.LiveCall;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.HexFormat;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// What the system does to a running program: it is asked to end, to read again, stopped and
/// killed.
@Timeout(180)
class SignalsTest {
  private static final String SECRET = "0f3c5a97e1d24b68ac7e91b35df80246";
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  @TempDir Path folder;
  private Distribution distribution = new Distribution(Path.of(""));
  private Path config = Path.of("");

  @BeforeEach
  void assemble() throws IOException {
    distribution = Distribution.assemble(folder.resolve("hairpin"));
    var secret = Files.writeString(folder.resolve("secret"), SECRET);
    Files.setPosixFilePermissions(secret, PosixFilePermissions.fromString("rw-------"));
    config = Files.writeString(folder.resolve("hairpin.yml"), text("1h"));
  }

  private static String text(String drainTimeout) {
    return "listen: ['udp://127.0.0.1:0', 'tcp://127.0.0.1:0']\n"
        + "secret-file: secret\n"
        + "drain-timeout: "
        + (drainTimeout + "\napi: {listen: http://127.0.0.1:0}\n");
  }

  @Test
  void sigtermLetsNobodyInAndWaitsForThoseWhoAreThere() throws Exception {
    try (var program = serve()) {
      String server = server(program);
      var call = LiveCall.through(server, SECRET);
      assertEquals(200, status(program, "/readyz"));
      program.signal("TERM");
      await(() -> said(program, "drains 2 allocations"), program);
      assertEquals(503, status(program, "/readyz"));
      assertEquals(200, status(program, "/healthz"));
      assertTrue(scrape(program).contains("hairpin_turn_draining 1.0"));
      assertFalse(LiveCall.isServed(server, SECRET), "nobody new is let in");
      assertTrue(LiveCall.isBound(server), "Binding is answered");
      call.talk();
      call.permitAgain();
      call.refresh();
      call.talk();
      assertTrue(program.handle().isAlive());
      call.close();
      assertEquals(0, program.exitCode());
    }
  }

  @Test
  void aSecondSigtermEndsAtOnceWhoeverIsThere() throws Exception {
    try (var program = serve();
        var _ = LiveCall.through(server(program), SECRET)) {
      program.signal("TERM");
      await(() -> said(program, "drains 2 allocations"), program);
      long began = System.nanoTime();
      program.signal("TERM");
      assertEquals(0, program.exitCode());
      assertTrue(System.nanoTime() - began < Duration.ofSeconds(5).toNanos(), "within 5 seconds");
      assertTrue(said(program, "stopped"), program.err());
    }
  }

  @Test
  void theTimeToDrainIsBounded() throws Exception {
    Files.writeString(config, text("1s"));
    try (var program = serve();
        var _ = LiveCall.through(server(program), SECRET)) {
      assertEquals(0, program.stop());
      assertTrue(said(program, "stopped"), program.err());
    }
  }

  @Test
  void signalsThatComeBeforeTheStartIsOverEndNothingOutOfOrder() throws Exception {
    Files.delete(config);
    assertEquals(0, new ProcessBuilder("mkfifo", config.toString()).start().waitFor());
    var errors = folder.resolve("errors");
    var program =
        new ProcessBuilder(
                distribution.program().toString(), "serve", "--config", config.toString())
            .redirectError(errors.toFile());
    program.environment().put("XDG_DATA_HOME", folder.resolve("data").toString());
    var process = program.start();
    try (var summary = process.inputReader(StandardCharsets.UTF_8)) {
      try (var out = Files.newOutputStream(config)) { // opens when the program reads
        assertEquals(0, new ProcessBuilder("kill", "-HUP", process.pid() + "").start().waitFor());
        out.write(text("1h").getBytes(StandardCharsets.UTF_8));
      }
      assertTrue(summary.lines().anyMatch(line -> line.startsWith("Stop it:")));
      Files.writeString(config, text("1h"), StandardOpenOption.WRITE); // for SIGHUP
      while (!Files.readString(errors).contains("has been read again and is in force")) {
        Thread.sleep(10);
      }
      process.destroy();
      assertTrue(process.waitFor(30, TimeUnit.SECONDS));
      assertEquals(0, process.exitValue());
    } finally {
      process.destroyForcibly();
    }
  }

  @Test
  void sighupReadsAgainAndWhatIsWrongIsToldInOneLineAndChangesNothing() throws Exception {
    try (var program = serve();
        var call = LiveCall.through(server(program), SECRET)) {
      Files.writeString(config, text("1h") + "reallm: x\n");
      for (int i = 1; i <= 20; i++) {
        program.signal("HUP");
        call.talk();
      }
      String problem = config + ":5: reallm: unknown key; did you mean realm?";
      await(() -> said(program, problem), program);
      await(() -> scrape(program).contains("hairpin_reload_last_success 0.0"), program);
      Files.writeString(config, text("1h"));
      program.signal("HUP");
      await(() -> said(program, "has been read again and is in force"), program);
      await(() -> scrape(program).contains("hairpin_reload_last_success 1.0"), program);
      call.talk();
    }
  }

  @Test
  void aProcessThatWasStoppedGoesOn() throws Exception {
    stopped(Duration.ofSeconds(2));
  }

  @Test
  @Tag("nightly")
  void aProcessThatWasStoppedForLongGoesOn() throws Exception {
    stopped(Duration.ofSeconds(20));
  }

  private void stopped(Duration time) throws Exception {
    try (var program = serve();
        var call = LiveCall.through(server(program), SECRET)) {
      call.talk();
      program.signal("STOP");
      Thread.sleep(time);
      program.signal("CONT");
      call.talk();
      assertEquals(200, status(program, "/readyz"));
    }
  }

  @Test
  void afterAKillTheNextProcessServesTheSamePorts() throws Exception {
    kill(2);
  }

  @Test
  @Tag("nightly")
  void afterFiftyKillsTheNextProcessServesTheSamePorts() throws Exception {
    kill(50);
  }

  private void kill(int times) throws Exception {
    var program = serve();
    Files.writeString(
        config,
        (text("1h") + "loops: 1\n") // several sockets of one address would share it in any case
            .replace("udp://127.0.0.1:0", program.find("(udp://\\S+)"))
            .replace("tcp://127.0.0.1:0", program.find("(tcp://\\S+)"))
            .replace("http://127.0.0.1:0", program.find("web page +(http://[^/]+)")));
    for (int i = 0; i < times; i++) {
      String server = server(program);
      try (var call = LiveCall.through(server, SECRET);
          var _ = connected(program)) {
        call.talk();
        program.signal("KILL");
        assertEquals(137, program.exitCode());
        program.close();
        program = serve();
        assertEquals(server, server(program));
        assertTrue(call.isGone(), "the allocation is unknown, and the client is told");
        assertTrue(LiveCall.isServed(server, SECRET));
        assertEquals(200, status(program, "/readyz"));
      }
    }
    program.close();
  }

  /// A connection that was answered: the system remembers it when its server is gone.
  private static Socket connected(RunningProgram program) throws IOException {
    var tcp = URI.create(program.find("(tcp://127\\.0\\.0\\.1:[0-9]+)"));
    var socket = new Socket(tcp.getHost(), tcp.getPort());
    var binding = HexFormat.of().parseHex("000100002112a442" + "07".repeat(12));
    socket.getOutputStream().write(binding);
    assertEquals(1, socket.getInputStream().read());
    return socket;
  }

  @Test
  void aLogThatCannotBeWrittenStopsNothing() throws Exception {
    try (var program =
            RunningProgram.serve(
                distribution,
                folder.resolve("data"),
                Path.of("/dev/full"),
                "--config",
                config.toString());
        var call = LiveCall.through(server(program), SECRET)) {
      for (int i = 0; i < 20; i++) {
        program.signal("HUP");
        assertTrue(LiveCall.isServed(server(program), SECRET));
        call.talk();
      }
    }
  }

  private RunningProgram serve() throws IOException {
    return RunningProgram.serve(
        distribution, folder.resolve("data"), "--config", config.toString());
  }

  private static String server(RunningProgram program) {
    return program.find("udp://(127\\.0\\.0\\.1:[0-9]+)");
  }

  private static boolean said(RunningProgram program, String text) {
    return program.err().contains(text);
  }

  private static String scrape(RunningProgram program) {
    return get(program, "/metrics").body();
  }

  private static int status(RunningProgram program, String path) {
    return get(program, path).statusCode();
  }

  private static java.net.http.HttpResponse<String> get(RunningProgram program, String path) {
    var url = URI.create(program.find("web page +(http://[^/]+)") + path);
    try (var client = HttpClient.newHttpClient()) {
      return client.send(HttpRequest.newBuilder(url).build(), BodyHandlers.ofString());
    } catch (IOException | InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private static void await(BooleanSupplier condition, RunningProgram program) throws Exception {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (!condition.getAsBoolean()) {
      assertTrue(System.nanoTime() < deadline, program.err());
      Thread.sleep(20);
    }
  }
}
