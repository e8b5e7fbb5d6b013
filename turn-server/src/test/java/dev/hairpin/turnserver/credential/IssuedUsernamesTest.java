package dev.hairpin.turnserver.credential;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class IssuedUsernamesTest {
  private static final Instant NOW = Instant.ofEpochSecond(1_800_000_000);

  /// Whatever fills the ring once, with records of 34 bytes and a username.
  private static final int MORE_THAN_ROOM =
      IssuedUsernames.CHUNKS * IssuedUsernames.CHUNK_BYTES / (34 + name(0).length()) + 1;

  private final IssuedUsernames issued = new IssuedUsernames("example.org");

  @Test
  void theHashIsTheOneThatEveryClientComputes() {
    // printf %s 1800003600:alice:example.org | sha256sum
    assertEquals(
        "38718f0ce24fed884a5004f0d1161d55aee987467188b84efd2894183ea4b595",
        HexFormat.of().formatHex(IssuedUsernames.hash("1800003600:alice", "example.org")));
  }

  @Test
  void whatTheIssuerMakesIsFound() {
    var issuer = new CredentialIssuer(SharedSecrets.of("secret"), issued);
    String name = issuer.issue(new UserId("alice"), Duration.ofHours(1), NOW).username();
    assertEquals(name, find(name));
    assertNull(issued.find(IssuedUsernames.hash(name, "another realm")));
    assertNull(find("1800003600:mallory"));
  }

  @Test
  void sixtyThousandAreKept() {
    issueMany(0, 60_000);
    int kept = 0;
    for (int i = 0; i < 60_000; i++) {
      kept += find(name(i)) == null ? 0 : 1;
    }
    assertTrue(kept > 58_000, "kept are " + kept); // more than eight may want the same places
    assertEquals(name(59_999), find(name(59_999)));
  }

  @Test
  void whereThereAreTooManyTheOldestGiveWay() {
    issueMany(0, MORE_THAN_ROOM);
    assertNull(find(name(0)));
    assertNull(find(name(1)));
    issueMany(MORE_THAN_ROOM, MORE_THAN_ROOM + 10_000);
    for (int i = MORE_THAN_ROOM + 9_000; i < MORE_THAN_ROOM + 10_000; i++) {
      assertEquals(name(i), find(name(i)));
    }
    assertNull(find(name(10_000)));
  }

  /// The place of a record that was overwritten leads into what has come in its stead: here, to
  /// where a long username has text that the same places would be asked for.
  @Test
  void noTextOfAUsernamePassesForAHash() {
    issued.add("abc");
    byte[] overwritten = IssuedUsernames.hash("name 21", "example.org");
    issued.add("name 21");
    int ofChunk = IssuedUsernames.CHUNK_BYTES / (34 + 500);
    for (int i = 0; i < IssuedUsernames.CHUNKS * ofChunk; i++) {
      issued.add("%0500d".formatted(i));
    }
    byte[] text = "x".repeat(32).getBytes(StandardCharsets.US_ASCII);
    System.arraycopy(overwritten, 0, text, 0, 4);
    issued.add("abc" + new String(text, StandardCharsets.UTF_8) + "x".repeat(400));
    assertNull(issued.find(text));
  }

  @Test
  void theSameUsernameTwiceTakesOnePlace() {
    issueMany(0, 1_000);
    for (int i = 0; i < 1_000; i++) {
      issued.add("twice");
    }
    issueMany(0, 1); // the newest, where it had been the oldest
    for (int i = 0; i < 1_000; i++) {
      assertEquals(name(i), find(name(i)));
    }
    assertEquals("twice", find("twice"));
  }

  @Test
  void usernamesOfEveryLengthComeBackWhole() {
    for (int length = 1; length <= 508; length++) {
      issued.add("é".repeat(length / 2) + "x".repeat(length % 2));
    }
    for (int length = 1; length <= 508; length++) {
      String username = "é".repeat(length / 2) + "x".repeat(length % 2);
      assertEquals(username, find(username));
    }
  }

  @Test
  void anIssuedUsernameIsWhatAClientMakesOfIt() {
    var issuer = new CredentialIssuer(SharedSecrets.of("secret"), issued);
    var user = new UserId("Zoe\u0308\u3000Z");
    var credential = issuer.issue(user, Duration.ofHours(1), NOW);
    assertEquals("1800003600:Zo\u00eb Z", credential.username());
    assertEquals(credential.username(), OpaqueString.enforce(credential.username()));
  }

  private static String name(int i) {
    return "%060d".formatted(i);
  }

  private void issueMany(int from, int to) {
    for (int i = from; i < to; i++) {
      issued.add(name(i));
    }
  }

  private @Nullable String find(String username) {
    return issued.find(IssuedUsernames.hash(username, "example.org"));
  }
}
