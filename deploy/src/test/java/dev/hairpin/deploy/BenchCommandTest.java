package dev.hairpin.deploy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.hairpin.turnserver.credential.SharedSecrets;
import dev.hairpin.turnserver.net.ListenUrl;
import dev.hairpin.turnserver.server.TurnServer;
import dev.hairpin.turnserver.server.TurnSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

class BenchCommandTest {
  private static final String SECRET = "a secret that only the tests know";

  @TempDir Path folder;
  private String secret = "";

  @BeforeEach
  void writeTheSecret() throws IOException {
    secret = Files.writeString(folder.resolve("secret"), SECRET + "\n").toString();
  }

  @Test
  void aRunPrintsATableAndWritesJsonAndAReport() throws IOException {
    try (var server = start()) {
      var json = folder.resolve("results.json");
      var html = folder.resolve("results.html");
      var console =
          bench(
              server,
              "--secret-file",
              secret,
              "--direction",
              "ECHO",
              "--pid",
              Long.toString(ProcessHandle.current().pid()),
              "--json",
              json.toString(),
              "--html",
              html.toString());
      assertEquals(0, console.exitCode(), console.err());
      assertTrue(console.out().contains("server CPU"), console.out());
      assertTrue(console.out().matches("(?s).*\nloss +% +0.000\n.*"), console.out());
      assertTrue(Files.readString(json).contains("\"direction\" : \"echo\""));
      assertTrue(Files.readString(html).contains("<html"));
      for (var text : List.of(console.out(), Files.readString(json), Files.readString(html))) {
        assertFalse(text.contains(SECRET), text);
      }
      assertEquals(0, server.telemetry().liveAllocations());
    }
  }

  @Test
  void aRefusedCredentialIsOneLineAndExitCode1() throws IOException {
    var wrong = Files.writeString(folder.resolve("password"), "not the password\n").toString();
    try (var server = start()) {
      var console = bench(server, "--user", "nobody", "--password-file", wrong);
      assertEquals(1, console.exitCode(), console.out());
      assertEquals(1, console.err().lines().count(), console.err());
      assertTrue(console.err().contains("401"), console.err());
      assertFalse(console.err().contains("not the password"), console.err());
    }
  }

  @Test
  void whatCannotBeMeantIsExitCode2() {
    wrong("which server?");
    wrong("a credential is needed", "turn:127.0.0.1");
    wrong("is no TURN URL", "stun:127.0.0.1", "--secret-file", secret);
    wrong("DTLS", "turns:127.0.0.1?transport=udp", "--secret-file", secret);
    wrong("--flood has no rate", "turn:127.0.0.1", "--flood", "--rate", "5");
    wrong("--mix has its own sizes", "turn:127.0.0.1", "--mix", "video", "--size", "99");
    wrong("32 to 1400 bytes", "turn:127.0.0.1", "--size", "5");
    wrong(
        "cannot write " + folder,
        "turn:127.0.0.1",
        "--json",
        folder.toString(),
        "--secret-file",
        secret);
    wrong(
        "--html: cannot write",
        "turn:127.0.0.1",
        "--html",
        folder + "/no/x",
        "--secret-file",
        secret);
    wrong("--yes if it is yours", "turn:203.0.113.9", "--flood", "--secret-file", secret);
  }

  @Test
  void whatWouldBePassedOverIsExitCode2() {
    String api = "http://127.0.0.1:9";
    wrong("--rest-url hands out", "--rest-url", api, "--secret-file", secret);
    wrong("--rest-url hands out", "--rest-url", api, "--user", "u", "--password-file", secret);
    wrong("by --rest-url", "turn:127.0.0.1", "--api-key-file", secret, "--secret-file", secret);
    wrong("--secret-file makes", "turn:127.0.0.1", "--secret-file", secret, "--user", "u");
    for (String option : List.of("name", "user", "password-file", "secret-file", "pid")) {
      String value = option.equals("pid") ? "1" : secret;
      wrong("--versus", "turn:127.0.0.1", "--secret-file", secret, "--versus-" + option, value);
    }
    wrong(
        "--versus-user with",
        "turn:127.0.0.1",
        "--secret-file",
        secret,
        "--versus",
        "turn:127.0.0.1:9",
        "--versus-password-file",
        secret);
  }

  @Test
  @Timeout(60)
  void aLongRunGetsACredentialThatServersTake() throws Exception {
    try (var server = start()) {
      var run = new FutureTask<>(() -> bench(server, "--secret-file", secret, "--duration", "1d"));
      var thread = Thread.ofPlatform().start(run);
      while (!run.isDone() && server.telemetry().liveAllocations() == 0) {
        Thread.sleep(10);
      }
      boolean served = !run.isDone();
      thread.interrupt();
      var console = run.get();
      assertTrue(served, console.err());
    }
  }

  private static void wrong(String reason, String... args) {
    var all = new ArrayList<>(List.of("bench"));
    all.addAll(List.of(args));
    var console = Console.run(all.toArray(String[]::new));
    assertEquals(2, console.exitCode(), reason);
    assertTrue(console.err().contains(reason), console.err());
  }

  private static Console bench(TurnServer server, String... args) {
    var all = new ArrayList<>(List.of("bench", "turn:" + server.listenAddresses().getFirst()));
    all.addAll(List.of("--clients", "2", "--warm-up", "0s"));
    all.addAll(List.of(args));
    if (!all.contains("--duration")) {
      all.addAll(List.of("--duration", "1s"));
    }
    return Console.run(all.toArray(String[]::new));
  }

  private static TurnServer start() {
    var listener = ListenUrl.parse("udp://127.0.0.1:0");
    return TurnServer.start(
        TurnSettings.of(SharedSecrets.of(SECRET), listener).allowingPeers("127.0.0.0/8"));
  }
}
