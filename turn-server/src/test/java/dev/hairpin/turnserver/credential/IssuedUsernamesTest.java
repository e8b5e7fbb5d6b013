package dev.hairpin.turnserver.credential;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class IssuedUsernamesTest {
  private static final Instant NOW = Instant.ofEpochSecond(1_800_000_000);
  private static final long NOW_SECONDS = NOW.getEpochSecond();

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
  void aUsernameIsForgottenOnceItHasEnded() {
    issued.add("brief", NOW_SECONDS + 1, NOW_SECONDS);
    issued.add("long", NOW_SECONDS + 2, NOW_SECONDS);
    issued.add("next", NOW_SECONDS + 9, NOW_SECONDS + 1);
    assertNull(find("brief"));
    assertEquals("long", find("long"));
  }

  @Test
  void whereThereAreTooManyThoseThatEndFirstGiveWay() {
    for (int i = 0; i < IssuedUsernames.MAX_USERNAMES; i++) {
      issued.add("user " + i, NOW_SECONDS + 10 + (i * 7919L) % IssuedUsernames.MAX_USERNAMES, 0);
    }
    assertNotNull(find("user 0"));
    issued.add("one too many", NOW_SECONDS + 1_000_000, 0);
    assertNull(find("user 0"));
    assertNotNull(find("user 1"));
    assertNotNull(find("one too many"));
  }

  @Test
  void theSameUsernameTwiceIsOne() {
    issued.add("twice", NOW_SECONDS + 1, NOW_SECONDS);
    issued.add("twice", NOW_SECONDS + 1, NOW_SECONDS);
    issued.add("next", NOW_SECONDS + 9, NOW_SECONDS + 1);
    assertNull(find("twice"));
  }

  @Test
  void anIssuedUsernameIsWhatAClientMakesOfIt() {
    var issuer = new CredentialIssuer(SharedSecrets.of("secret"), issued);
    var user = new UserId("Zoe\u0308\u3000Z");
    var credential = issuer.issue(user, Duration.ofHours(1), NOW);
    assertEquals("1800003600:Zo\u00eb Z", credential.username());
    assertEquals(credential.username(), OpaqueString.enforce(credential.username()));
  }

  private @Nullable String find(String username) {
    return issued.find(IssuedUsernames.hash(username, "example.org"));
  }
}
