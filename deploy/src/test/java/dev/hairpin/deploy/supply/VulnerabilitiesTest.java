package dev.hairpin.deploy.supply;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What `deploy/dev/vulnerabilities` makes of a database's answers.
class VulnerabilitiesTest {
  private static final String BILL =
      """
      {"components": [
        {"group": "dev.hairpin", "purl": "pkg:maven/dev.hairpin/turn-server@9?type=jar"},
        {"group": "org.example", "purl": "pkg:maven/org.example/library@1.0?type=jar"}]}
      """;

  @TempDir private Path folder = Path.of("");
  private HttpServer database = never();
  private String asked = "";

  private static HttpServer never() {
    try {
      return HttpServer.create();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @BeforeEach
  void copy() throws IOException {
    Files.copy(Path.of("dev/vulnerabilities"), folder.resolve("vulnerabilities"));
    Files.writeString(folder.resolve("sbom.cdx.json"), BILL);
    allow("");
  }

  private void allow(String lines) throws IOException {
    Files.writeString(folder.resolve("vulnerabilities.allowed"), lines);
  }

  private void open(String severity) throws IOException {
    var address = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    database = HttpServer.create(address, 0);
    answer(
        "/v1/querybatch",
        severity.isEmpty()
            ? "{\"results\": [{}]}"
            : "{\"results\": [{\"vulns\": [{\"id\": \"X-1\"}]}]}");
    answer(
        "/v1/vulns/X-1",
        "{\"id\": \"X-1\", \"aliases\": [\"CVE-1\"], \"database_specific\": {%s}}"
            .formatted(severity.equals("none") ? "" : "\"severity\": \"" + severity + "\""));
    database.start();
  }

  private void answer(String path, String body) {
    database.createContext(
        path,
        exchange -> {
          asked += new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
          var bytes = body.getBytes(StandardCharsets.UTF_8);
          exchange.sendResponseHeaders(200, bytes.length);
          exchange.getResponseBody().write(bytes);
          exchange.close();
        });
  }

  @AfterEach
  void close() {
    database.stop(0);
  }

  @Test
  void whereNothingIsKnownItPassesAndAsksOnlyAboutOthersLibraries() throws Exception {
    open("");
    assertEquals(0, exitCode());
    assertEquals(
        "{\"queries\": [{\"package\": {\"purl\": \"pkg:maven/org.example/library@1.0\"}}]}", asked);
  }

  @Test
  void itFailsAtWhatIsHighCriticalOrOfNoSeverity() throws Exception {
    for (String severity : List.of("HIGH", "CRITICAL", "none")) {
      open(severity);
      assertEquals(1, exitCode(), severity);
      close();
    }
    open("MODERATE");
    assertEquals(0, exitCode());
  }

  @Test
  void whatIsExcusedPassesUntilItsDay() throws Exception {
    open("CRITICAL");
    var today = LocalDate.now(ZoneOffset.systemDefault());
    allow("# a comment\nCVE-1  " + today.plusDays(1) + "  it is not called\n");
    assertEquals(0, exitCode());
    allow("CVE-1  " + today.minusDays(2) + "  it is not called\n");
    assertEquals(1, exitCode());
    allow("CVE-2  " + today.plusDays(1) + "  another one\n");
    assertEquals(1, exitCode());
  }

  @Test
  void withoutADatabaseItSaysSoAndPasses() throws Exception {
    open("CRITICAL");
    int port = database.getAddress().getPort();
    close();
    assertEquals(0, run("http://127.0.0.1:" + port));
    assertTrue(Files.readString(folder.resolve("out")).startsWith("not checked: "));
  }

  private int exitCode() throws Exception {
    return run("http://127.0.0.1:" + database.getAddress().getPort());
  }

  private int run(String url) throws Exception {
    var command =
        List.of("python3", folder.resolve("vulnerabilities").toString(), folder + "/sbom.cdx.json");
    var builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().put("OSV_URL", url);
    builder.environment().put("no_proxy", "*");
    builder.redirectOutput(folder.resolve("out").toFile());
    return builder.start().waitFor();
  }
}
