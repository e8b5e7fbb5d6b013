package dev.hairpin.deploy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.hairpin.deploy.browser.TestAuthority;
import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// The program as an operator runs it: in a process, by its launcher.
@Timeout(120)
class ServeTest {
  @TempDir Path folder;
  private Distribution distribution = new Distribution(Path.of(""));

  @BeforeEach
  void assemble() throws IOException {
    distribution = Distribution.assemble(folder.resolve("hairpin"));
  }

  @Test
  void aStartWithoutConfigurationServesAndPrintsNoSecret()
      throws IOException, InterruptedException {
    try (var program = serve("--listen", "udp://127.0.0.1:0", "--api", "http://127.0.0.1:0")) {
      var data = folder.resolve("data/hairpin");
      assertEquals(data.resolve("turn-secret").toString(), program.find("secrets +(\\S+)"));
      var keyFile = Path.of(program.find("curl .*\\$\\(cat (\\S+)\\)"));
      assertEquals(data.resolve("api-key"), keyFile);

      String key = Files.readString(keyFile).strip();
      var answer = post(program.find("curl .* -X POST (\\S+)"), key);
      assertEquals(200, answer.statusCode());
      assertTrue(answer.body().contains(program.find("udp://(127.0.0.1:[0-9]+)")), answer.body());
      assertEquals(200, get(program.find("web page +(\\S+)")).statusCode());
      assertEquals(200, get(program.find("call page +(\\S+)")).statusCode());

      String check = program.find("hairpin (check .*)");
      var passed = Console.run((check + " --api-key-file " + keyFile).split(" ", -1));
      assertEquals(0, passed.exitCode(), passed.out() + passed.err());

      assertEquals(0, program.stop());
      var failed = Console.run((check + " --api-key-file " + keyFile).split(" ", -1));
      assertEquals(1, failed.exitCode());
      assertTrue(failed.out().contains("nothing answers at"), failed.out());

      String secret = Files.readString(data.resolve("turn-secret")).strip();
      for (String text : new String[] {program.out(), program.err(), passed.out()}) {
        assertFalse(text.contains(key) || text.contains(secret), text);
      }
      assertTrue(program.out().lines().count() <= 24, program.out());
      assertTrue(
          program.err().lines().allMatch(l -> l.matches("\\S+ INFO +(AllocationBook|Ending): .*")),
          program.err());
    }
  }

  @Test
  void theProcessIsTheServersOwnAndSigtermEndsIt() throws IOException, InterruptedException {
    try (var program = serve("--listen", "udp://127.0.0.1:0", "--api", "http://127.0.0.1:0")) {
      assertTrue(program.handle().info().command().orElse("").endsWith("/java"));
      assertEquals(0, program.handle().children().count());
      int port = Integer.parseInt(program.find("udp://127.0.0.1:([0-9]+)"));
      assertEquals(0, program.stop());
      new DatagramSocket(port, InetAddress.getByName("127.0.0.1")).close(); // free again
    }
  }

  @Test
  void anAddressThatAnotherServerHoldsIsRefusedWith1() throws IOException, InterruptedException {
    try (var first = serve("--listen", "udp://127.0.0.1:0", "--api", "http://127.0.0.1:0")) {
      String udp = first.find("(udp://\\S+)");
      String api = first.find("web page +(http://[^/]+)");
      try (var second = serve("--listen", udp, "--api", "http://127.0.0.1:0")) {
        assertEquals(1, second.exitCode());
        assertEquals("", second.out());
        assertEquals(
            "cannot listen on "
                + udp
                + ": the address is in use; stop the program that holds it, or choose another by"
                + " --listen\n",
            second.err());
      }
      try (var second = serve("--listen", "udp://127.0.0.1:0", "--api", api)) {
        assertEquals(1, second.exitCode());
        assertEquals("", second.out());
        assertEquals(
            "cannot listen on "
                + api
                + ": the address is in use; stop the program that holds it, or choose another by"
                + " --api\n",
            second.err());
      }
    }
  }

  @Test
  void aConfigurationThatIsWrongIsRefusedWith2() throws IOException, InterruptedException {
    var config = Files.writeString(folder.resolve("hairpin.yml"), "realm: a\nlisen: b\n");
    try (var program = serve("--config", config.toString())) {
      assertEquals(2, program.exitCode());
      assertEquals("", program.out());
      assertEquals(config + ":2: lisen: unknown key; did you mean listen?\n", program.err());
      assertFalse(Files.exists(folder.resolve("data")));
    }
  }

  @Test
  void anApiOnItsOwnServesAndTheCheckTellsThatTheTurnServerIsMissing()
      throws IOException, InterruptedException {
    Files.writeString(folder.resolve("secret"), "a-secret-of-both-processes");
    var config =
        Files.writeString(
            folder.resolve("hairpin.yml"),
            """
            roles: api
            listen: udp://127.0.0.1:%d
            secret-file: secret
            api:
              public-host: 127.0.0.1
            """
                .formatted(unusedUdpPort()));
    try (var program = serve("--config", config.toString(), "--api", "http://127.0.0.1:0")) {
      String key = program.find("API keys +(\\S+)");
      String api = program.find("web page +(http://[^/]+)");
      var outcome = Console.run("check", "--api", api, "--api-key-file", key);
      assertEquals(1, outcome.exitCode());
      assertTrue(outcome.out().contains("no answer from stun:127.0.0.1:"), outcome.out());
      assertTrue(outcome.out().contains("no answer from turn:127.0.0.1:"), outcome.out());
      var wrongKey =
          Console.run("check", "--api", api, "--api-key-file", folder.resolve("secret").toString());
      assertEquals(1, wrongKey.exitCode());
      assertTrue(wrongKey.out().contains("the API key is not accepted"), wrongKey.out());
      assertEquals(0, program.stop());
    }
  }

  @Test
  void oneTlsPortServesTurnAndTheApi() throws IOException, InterruptedException {
    var authority = TestAuthority.in(folder);
    var config =
        Files.writeString(
            folder.resolve("hairpin.yml"),
            """
            listen: tls://127.0.0.1:0
            api:
              https: shared
              public-host: localhost
            """);
    try (var program =
        serve(
            "--config",
            config.toString(),
            "--api",
            "http://127.0.0.1:0",
            "--tls-certificate",
            authority.chain().toString(),
            "--tls-key",
            authority.key().toString())) {
      String port = program.find("tls://127.0.0.1:([0-9]+)");
      assertEquals(port, program.find("web page +https://localhost:([0-9]+)/"));
      var outcome =
          Console.run(
              "check",
              "--api",
              "https://localhost:" + port,
              "--api-key-file",
              program.find("API keys +(\\S+)"),
              "--trust",
              authority.root().toString());
      assertEquals(0, outcome.exitCode(), outcome.out() + outcome.err());
      assertTrue(outcome.out().contains("turns:localhost:" + port), outcome.out());
      assertEquals(0, program.stop());
    }
  }

  private RunningProgram serve(String... options) throws IOException {
    return RunningProgram.serve(distribution, folder.resolve("data"), options);
  }

  private static int unusedUdpPort() throws IOException {
    try (var socket = new DatagramSocket(0, InetAddress.getByName("127.0.0.1"))) {
      return socket.getLocalPort();
    }
  }

  private static HttpResponse<String> post(String url, String key)
      throws IOException, InterruptedException {
    return send(
        HttpRequest.newBuilder(URI.create(url))
            .header("Authorization", "Bearer " + key)
            .POST(BodyPublishers.noBody())
            .build());
  }

  private static HttpResponse<String> get(String url) throws IOException, InterruptedException {
    return send(HttpRequest.newBuilder(URI.create(url)).build());
  }

  private static HttpResponse<String> send(HttpRequest request)
      throws IOException, InterruptedException {
    try (var client = HttpClient.newHttpClient()) {
      return client.send(request, BodyHandlers.ofString());
    }
  }
}
