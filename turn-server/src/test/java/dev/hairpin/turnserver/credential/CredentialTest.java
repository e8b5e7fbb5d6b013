package dev.hairpin.turnserver.credential;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.hairpin.turnserver.credential.CredentialVerifier.Verdict;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CredentialTest {
  private static final Instant NOW = Instant.ofEpochSecond(1_800_000_000);
  private static final Duration TTL = Duration.ofHours(1);
  private static final Duration MAX_TTL = Duration.ofHours(2);
  private static final SharedSecrets SECRETS = SharedSecrets.of("newest", "older");

  private final CredentialVerifier verifier = new CredentialVerifier(SECRETS, MAX_TTL);

  @Test
  void thePasswordIsTheOneThatEveryOtherServerComputes() {
    // printf %s 1800003600:alice | openssl dgst -sha1 -hmac north -binary | base64
    var credential =
        new CredentialIssuer(SharedSecrets.of("north")).issue(new UserId("alice"), TTL, NOW);
    assertEquals("1800003600:alice", credential.username());
    assertEquals("qe6uQh2FdtYywRuncfIrYF8O4Rk=", credential.password());
  }

  @Test
  void whatTheIssuerMakesIsValidUntilItsExpiryAndNotASecondLonger() {
    var credential = new CredentialIssuer(SECRETS).issue(new UserId("alice"), TTL, NOW);
    long end = credential.expiresAt().getEpochSecond();
    var valid =
        assertInstanceOf(Verdict.Valid.class, verifier.verify(credential.username(), end - 1));
    assertEquals(credential.password(), valid.passwords().getFirst());
    assertEquals(new UserId("alice"), valid.user());
    assertEquals(Verdict.Invalid.EXPIRED, verifier.verify(credential.username(), end));
  }

  @Test
  void everySecretGivesAPasswordTheNewestFirst() {
    var old = new CredentialIssuer(SharedSecrets.of("older")).issue(new UserId("a"), TTL, NOW);
    var verdict = verifier.verify(old.username(), NOW.getEpochSecond());
    var passwords = assertInstanceOf(Verdict.Valid.class, verdict).passwords();
    assertEquals(2, passwords.size());
    assertEquals(old.password(), passwords.get(1));
  }

  @Test
  void aCredentialFromTheFarFutureIsRefused() {
    long limit = NOW.getEpochSecond() + MAX_TTL.toSeconds();
    assertInstanceOf(Verdict.Valid.class, verifier.verify(limit + ":a", NOW.getEpochSecond()));
    assertEquals(
        Verdict.Invalid.TOO_FAR_AHEAD, verifier.verify(limit + 1 + ":a", NOW.getEpochSecond()));
  }

  @Test
  void onlyTheFirstColonSeparates() {
    var matrix = CredentialUsername.parse("1800000000:@alice:example.org");
    assertEquals(new CredentialUsername(1_800_000_000, new UserId("@alice:example.org")), matrix);
    assertEquals(
        new CredentialUsername(1_800_000_000, UserId.NOBODY),
        CredentialUsername.parse("1800000000"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        ":",
        ":alice",
        "alice",
        "alice:1800000000",
        "-1:a",
        "+1800000000:a",
        " 1800000000:a",
        "1800000000 :a",
        "0x6b49d200:a",
        "1.8e9:a",
        "99999999999:a",
        "18446744073709551616:a",
        "１８00000000:a",
        "1800000000:a\r\nb",
        "1800000000:a\u0000",
        "1800000000:\u202Ea",
        "1800000000:\u2028",
        "1800000000:\uFFFD"
      })
  void aUsernameOfAnotherFormHasNoPassword(String username) {
    assertNull(CredentialUsername.parse(username));
    assertEquals(Verdict.Invalid.MALFORMED, verifier.verify(username, NOW.getEpochSecond()));
  }

  @Test
  void aUserHasAtMost255Bytes() {
    assertEquals(255, new UserId("x".repeat(255)).text().length());
    assertThrows(IllegalArgumentException.class, () -> new UserId("x".repeat(256)));
    assertThrows(IllegalArgumentException.class, () -> new UserId("é".repeat(128)));
  }

  @Test
  void secretsAreReadOneALineNewestFirst(@TempDir Path folder) throws Exception {
    var file = folder.resolve("secrets");
    Files.write(file, List.of("# rotated in May", " newest ", "", "older"));
    var read = SharedSecrets.read(file);
    assertEquals(SECRETS.password(0, "u"), read.password(0, "u"));
    assertEquals(SECRETS.password(1, "u"), read.password(1, "u"));
    Files.writeString(file, "# nothing\n");
    assertThrows(IllegalArgumentException.class, () -> SharedSecrets.read(file));
  }

  @Test
  void nothingThatPrintsShowsASecretOrAPassword() {
    var credential = new CredentialIssuer(SECRETS).issue(new UserId("alice"), TTL, NOW);
    var verdict = verifier.verify(credential.username(), NOW.getEpochSecond());
    String printed = SECRETS + " " + credential + " " + verdict;
    assertFalse(printed.contains("newest"), printed);
    assertFalse(printed.contains(credential.password()), printed);
  }
}
