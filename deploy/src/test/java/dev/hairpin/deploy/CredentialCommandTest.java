package dev.hairpin.deploy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.hairpin.turnserver.credential.CredentialVerifier;
import dev.hairpin.turnserver.credential.SharedSecrets;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CredentialCommandTest {
  private static final String SECRET = "a secret that only the tests know";

  @TempDir Path folder;
  private String file = "";

  @BeforeEach
  void writeTheSecret() throws IOException {
    file = Files.writeString(folder.resolve("turn-secret"), SECRET + "\nolder\n").toString();
  }

  @Test
  void aServerWithTheSecretAcceptsIt() {
    var console =
        Console.run("credential", "--secret-file", file, "--user", "alice", "--ttl", "10m");
    assertEquals(0, console.exitCode(), console.err());
    var lines = console.out().lines().toList();
    String username = lines.get(0).replaceFirst("username +", "");
    String password = lines.get(1).replaceFirst("credential +", "");
    var secrets = SharedSecrets.of(SECRET);
    var verifier = new CredentialVerifier(secrets, Duration.ofMinutes(10), Duration.ZERO);
    var known = verifier.verify(username, Instant.now().getEpochSecond());
    assertNotNull(known);
    assertEquals("alice", known.user().text());
    assertEquals(
        password, secrets.accepted(0).getFirst().password(SharedSecrets.newMac(), username));
    assertFalse(console.out().contains(SECRET), console.out());
  }

  @Test
  void limitsStandInTheUsernameAndThoseThatAreNoneAreRefused() {
    String limits = "relay-only;allocations=2;bytes-per-second=1000;bytes=5;transports=udp,tls";
    var console =
        Console.run("credential", "--secret-file", file, "--user", "a", "--limits", limits);
    assertEquals(0, console.exitCode(), console.err());
    assertTrue(console.out().contains(":~" + limits + "~a\n"), console.out());
    for (String bad :
        new String[] {"bytes=0", "bytes", "frames=1", "bytes=5;bytes=5", "bytes=5;"}) {
      console = Console.run("credential", "--secret-file", file, "--limits", bad);
      assertEquals(2, console.exitCode(), bad);
      assertTrue(console.err().startsWith("--limits: "), console.err());
    }
    String long508 = "peers=1.1.1.1" + ",255.255.255.255".repeat(40);
    console = Console.run("credential", "--secret-file", file, "--limits", long508);
    assertEquals(2, console.exitCode());
    assertTrue(console.err().contains("and 508 is the most"), console.err());
  }

  @Test
  void jsonHasTheFormOfTheApisAnswer() {
    var console =
        Console.run(
            "credential",
            "--data-dir",
            folder.toString(),
            "--json",
            "--user",
            "a\"b",
            "--ttl",
            "60s");
    assertEquals(0, console.exitCode(), console.err());
    String json = console.out().replaceAll("\\s", "");
    assertTrue(
        json.matches(
            "\\{\"iceServers\":\\[\\{\"urls\":\\[\"stun:.*]},"
                + "\\{\"urls\":\\[\"turn:.*\\?transport=udp\",.*\"turn:.*\\?transport=tcp\"],"
                + "\"username\":\"[0-9]{10}:a\\\\\"b\",\"credential\":\"[A-Za-z0-9+/]{27}=\"}],"
                + "\"ttl\":60,\"expiresAt\":\"[0-9T:-]+Z\"}"),
        json);
  }

  @Test
  void aLifetimeThatTheServerWouldRefuseIsRefused() {
    var console = Console.run("credential", "--secret-file", file, "--ttl", "49h");
    assertEquals(2, console.exitCode());
    assertEquals(
        "--ttl: 49h is out of range; write a number with s, m, h or d, from 1s to 2d\n",
        console.err());
  }

  @Test
  void aUserThatFitsIntoNoUsernameIsRefused() {
    var console = Console.run("credential", "--secret-file", file, "--user", "a\nb");
    assertEquals(2, console.exitCode());
    assertTrue(console.err().startsWith("--user: a user is at most 255 bytes"), console.err());
  }

  @Test
  void withoutAnySecretItSaysHowToGetOne() {
    var console = Console.run("credential", "--data-dir", folder.resolve("none").toString());
    assertEquals(2, console.exitCode());
    assertTrue(console.err().contains("start hairpin serve once, or name a file by --secret-file"));
  }
}
