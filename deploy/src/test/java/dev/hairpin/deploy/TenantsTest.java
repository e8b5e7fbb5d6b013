package dev.hairpin.deploy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.hairpin.deploy.check.LiveCall;
import dev.hairpin.turnserver.credential.Credential;
import dev.hairpin.turnserver.credential.CredentialIssuer;
import dev.hairpin.turnserver.credential.SharedSecrets;
import dev.hairpin.turnserver.credential.Tenant;
import dev.hairpin.turnserver.credential.UserId;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Tenants that come, change and go while `hairpin serve` runs.
@Timeout(120)
class TenantsTest {
  private static final String SECRET = "0f3c5a97e1d24b68ac7e91b35df80246";
  private static final String ACME = "46b0c2d9f17e83a5d04c6f92ae1b7d38";
  private static final String BETA = "b35df802460f3c5a97e1d24b68ac7e91";
  private static final String NEXT = "92ae1b7d3846b0c2d9f17e83a5d04c6f";
  private static final String KEY = "kP9_v3-QzX0pLw7RtB2yNgDdE4sFhJqA";
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  @TempDir Path folder;

  @BeforeEach
  void write() throws IOException {
    Files.createDirectory(folder.resolve("tenants"));
    write("secret", SECRET);
    write("key", KEY);
    write(
        "hairpin.yml",
        """
        listen: 'udp://127.0.0.1:0'
        secret-file: secret
        tenants-dir: tenants
        api: {listen: 'http://127.0.0.1:0', key-file: key}
        """);
    tenant("acme", ACME, "quotas: {total: 2}\nttl: {default: 1h}\npublic-host: turn.acme.example");
    tenant("beta", BETA, "");
  }

  private void write(String name, String text) throws IOException {
    var file = Files.writeString(folder.resolve(name), text + "\n");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
  }

  private void tenant(String name, String secret, String more) throws IOException {
    write("tenants/" + name + ".secret", secret);
    write("tenants/" + name + ".yml", "secret-file: " + name + ".secret\n" + more);
  }

  /// What somebody with this secret makes for a user of a tenant.
  private static Credential caller(String tenant, String secret) {
    var secrets = SharedSecrets.of(secret);
    return new CredentialIssuer(new Tenant(tenant, "x", "", secrets, List.of()), null)
        .issue(new UserId("caller"), Duration.ofHours(1), Instant.now());
  }

  @Test
  void tenantsAreServedAddedChangedAndRemovedWithoutARestart() throws Exception {
    var distribution = Distribution.assemble(folder.resolve("hairpin"));
    try (var program =
        RunningProgram.serve(
            distribution,
            folder.resolve("data"),
            "--config",
            folder.resolve("hairpin.yml").toString())) {
      String server = program.find("udp://(127\\.0\\.0\\.1:[0-9]+)");
      assertEquals("acme, beta", program.find("tenants +(.*)\n"));
      assertTrue(LiveCall.isServed(server, caller("beta", BETA)));
      assertFalse(LiveCall.isServed(server, caller("beta", ACME)));
      assertFalse(LiveCall.isServed(server, caller("gamma", NEXT)));
      assertTrue(LiveCall.isServed(server, SECRET));
      try (var call = LiveCall.through(server, caller("acme", ACME))) {
        assertFalse(LiveCall.isServed(server, caller("acme", ACME)), "it has two");
        assertTrue(LiveCall.isServed(server, caller("beta", BETA)));

        tenant("gamma", NEXT, "urls: nowhere");
        reload(program, "gamma.yml:2: urls: 'nowhere' is not a STUN or TURN URL; write a URL like");
        assertFalse(LiveCall.isServed(server, caller("gamma", NEXT)));

        tenant("gamma", NEXT, "");
        Files.delete(folder.resolve("tenants/beta.yml"));
        write("tenants/acme.secret", BETA + "\n" + ACME);
        reload(program, "has been read again and is in force");
        assertTrue(LiveCall.isServed(server, caller("gamma", NEXT)));
        assertFalse(LiveCall.isServed(server, caller("beta", BETA)), "it is gone");
        call.talk();
        call.refresh();
      }
      assertTrue(LiveCall.isServed(server, caller("acme", BETA)));
      assertTrue(LiveCall.isServed(server, caller("acme", ACME)));
      String tenants = get(program, "/v1/tenants");
      assertTrue(tenants.contains("\"urls\":[\"stun:turn.acme.example:"), tenants);
      assertTrue(tenants.contains("{\"default\":3600,\"min\":60,\"max\":86400}"), tenants);
      assertTrue(tenants.contains("\"name\":\"gamma\",\"realm\":\"hairpin\""), tenants);
      assertFalse(tenants.contains("beta"), tenants);
      String ofAcme = key(program, "acme");
      String issued = call(program, "/v1/ice-servers?user=alice", ofAcme, null).body();
      assertTrue(issued.contains("~tenant=acme~alice"), issued);
      assertTrue(issued.contains("\"ttl\":3600"), issued);
      assertTrue(LiveCall.isServed(server, credential(issued)));
      String own = call(program, "/v1/tenants", ofAcme, null).body();
      assertTrue(own.contains("acme") && !own.contains("gamma"), own);
      assertEquals(404, call(program, "/v1/tenants/gamma", ofAcme, null).statusCode());
      Files.delete(folder.resolve("tenants/acme.yml"));
      program.signal("HUP");
      await(program, () -> !get(program, "/v1/tenants").contains("acme"));
      var gone = call(program, "/v1/ice-servers?user=alice", ofAcme, null);
      assertEquals(403, gone.statusCode());
      assertTrue(gone.body().contains("the tenant acme is not served here"), gone.body());
      assertTrue(program.err().contains("tenant acme, user caller, relayed"), program.err());
    }
  }

  /// A new key for callers of a tenant.
  private static String key(RunningProgram program, String tenant) throws Exception {
    String wish = "{\"name\":\"t\",\"tenant\":\"" + tenant + "\",\"scopes\":[\"issue\",\"read\"]}";
    var made = call(program, "/v1/keys", KEY, wish);
    assertEquals(201, made.statusCode(), made.body());
    return member("key", made.body());
  }

  private static Credential credential(String iceServers) {
    return new Credential(
        member("username", iceServers), member("credential", iceServers), Instant.MAX);
  }

  private static String member(String name, String json) {
    return json.replaceFirst("(?s).*\"" + name + "\":\"([^\"]*)\".*", "$1");
  }

  private static void reload(RunningProgram program, String answer) throws Exception {
    program.signal("HUP");
    await(program, () -> program.err().contains(answer));
  }

  private static void await(RunningProgram program, Callable<Boolean> condition) throws Exception {
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (!condition.call()) {
      assertTrue(System.nanoTime() < end, program.err());
      Thread.sleep(10);
    }
  }

  private static String get(RunningProgram program, String path) throws Exception {
    return call(program, path, KEY, null).body();
  }

  private static HttpResponse<String> call(
      RunningProgram program, String path, String key, @Nullable String json) throws Exception {
    var url = URI.create(program.find("web page +(http://[^/]+)") + path);
    var request = HttpRequest.newBuilder(url).header("Authorization", "Bearer " + key);
    if (json != null) {
      request.header("Content-Type", "application/json").POST(BodyPublishers.ofString(json));
    }
    try (var client = HttpClient.newHttpClient()) {
      return client.send(request.build(), BodyHandlers.ofString());
    }
  }

  @Test
  void theProgramIssuesForATenant() throws Exception {
    var config = folder.resolve("hairpin.yml").toString();
    var console =
        Console.run(
            "credential", "--config", config, "--tenant", "acme", "--user", "alice", "--json");
    assertEquals(0, console.exitCode(), console.err());
    String json = console.out();
    assertTrue(json.contains(":~tenant=acme~alice\""), json);
    assertTrue(json.contains("turn:turn.acme.example:"), json);
    assertTrue(json.contains("\"ttl\" : 3600"), json);
    String username = json.replaceFirst("(?s).*\"username\" : \"([^\"]*)\".*", "$1");
    var secret = SharedSecrets.of(ACME).accepted(0).getFirst();
    assertTrue(json.contains(secret.password(SharedSecrets.newMac(), username)), json);
    for (String[] wrong :
        new String[][] {
          {"--tenant", "gamma"},
          {"--tenant", "acme", "--secret-file", "x"},
          {"--limits", "tenant=acme"},
          {"--tenant", "acme", "--limits", "tenant=beta"}
        }) {
      var command = new ArrayList<>(List.of("credential", "--config", config));
      command.addAll(List.of(wrong));
      console = Console.run(command.toArray(String[]::new));
      assertEquals(2, console.exitCode(), console.out());
      assertTrue(console.err().startsWith("--"), console.err());
    }
  }
}
