package dev.hairpin.turnserver.credential;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.hairpin.turnserver.net.IpPrefix;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CredentialTest {
  private static final Instant NOW = Instant.ofEpochSecond(1_800_000_000);
  private static final Duration TTL = Duration.ofHours(1);
  private static final Duration MAX_TTL = Duration.ofHours(2);
  private static final Duration GRACE = Duration.ofMinutes(10);
  private static final SharedSecrets SECRETS = SharedSecrets.of("newest", "older");

  private final CredentialVerifier verifier = new CredentialVerifier(SECRETS, MAX_TTL, GRACE);

  @Test
  void thePasswordIsTheOneThatEveryOtherServerComputes() {
    // printf %s 1800003600:alice | openssl dgst -sha1 -hmac north -binary | base64
    var credential =
        new CredentialIssuer(SharedSecrets.of("north")).issue(new UserId("alice"), TTL, NOW);
    assertEquals("1800003600:alice", credential.username());
    assertEquals("qe6uQh2FdtYywRuncfIrYF8O4Rk=", credential.password());
  }

  @Test
  void aSecretThatAProgramGivesIsTakenAsItStands() {
    // printf %s 1800003600:alice | openssl dgst -sha1 -hmac "$secret" -binary | base64
    String secret = "north not-after=2020-01-01T00:00:00Z";
    var credential =
        new CredentialIssuer(SharedSecrets.of(secret)).issue(new UserId("alice"), TTL, NOW);
    assertEquals("dG0BtrkunTS1dHNzd1ZkOvs7bNQ=", credential.password());
  }

  @Test
  void whatTheIssuerMakesIsValidUntilItsExpiryAndNotASecondLonger() {
    var credential = new CredentialIssuer(SECRETS).issue(new UserId("alice"), TTL, NOW);
    long end = credential.expiresAt().getEpochSecond();
    var expected = new CredentialUsername(end, CredentialScope.NONE, new UserId("alice"));
    assertEquals(expected, verifier.verify(credential.username(), end - 1));
    assertNull(verifier.verify(credential.username(), end));
  }

  @Test
  void everySecretGivesAPasswordTheNewestFirst() {
    var old = new CredentialIssuer(SharedSecrets.of("older")).issue(new UserId("a"), TTL, NOW);
    var passwords = passwords(SECRETS, old.username());
    assertEquals(2, passwords.size());
    assertEquals(old.password(), passwords.get(1));
    var recent = new CredentialIssuer(SECRETS).issue(new UserId("a"), TTL, NOW);
    assertEquals(recent.password(), passwords.get(0));
  }

  @Test
  void aCredentialFromTheFarFutureIsRefused() {
    long limit = NOW.getEpochSecond() + MAX_TTL.toSeconds();
    assertNotNull(verifier.verify(limit + ":a", NOW.getEpochSecond()));
    assertNull(verifier.verify(limit + 1 + ":a", NOW.getEpochSecond()));
  }

  @Test
  void onlyTheFirstColonSeparates() {
    var matrix = CredentialUsername.parse("1800000000:@alice:example.org");
    assertEquals(
        new CredentialUsername(
            1_800_000_000, CredentialScope.NONE, new UserId("@alice:example.org")),
        matrix);
    assertEquals(
        new CredentialUsername(1_800_000_000, CredentialScope.NONE, UserId.NOBODY),
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
    assertNull(verifier.verify(username, NOW.getEpochSecond()));
  }

  @Test
  void limitsStandBetweenTildesInFrontOfTheUser() {
    var ranges = List.of(IpPrefix.parse("203.0.113.0/24"), IpPrefix.parse("2001:db8::/32"));
    var scope = new CredentialScope("", ranges, true, 0, 0, 0, Set.of());
    var credential = new CredentialIssuer(SECRETS).issue(new UserId("@a:b~c"), scope, TTL, NOW);
    assertEquals(
        "1800003600:~peers=203.0.113.0/24,2001:db8::/32;relay-only~@a:b~c", credential.username());
    long end = credential.expiresAt().getEpochSecond();
    var expected = new CredentialUsername(end, scope, new UserId("@a:b~c"));
    assertEquals(expected, verifier.verify(credential.username(), NOW.getEpochSecond()));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "~", "~~", "~a", "~relay-only~a", "~peers=10.0.0.0/8~", "a~b", ":~"})
  void noUserPassesForALimitOrLosesOne(String user) {
    for (var scope : List.of(CredentialScope.NONE, CredentialScope.parse("relay-only"))) {
      String name = new CredentialUsername(1_800_000_000, scope, new UserId(user)).format();
      assertEquals(
          new CredentialUsername(1_800_000_000, scope, new UserId(user)),
          CredentialUsername.parse(name));
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "~",
        "~a",
        "~relay-only",
        "~ ~a",
        "~;~a",
        "~relay-only;~a",
        "~;relay-only~a",
        "~relay-only=~a",
        "~relay-only=1~a",
        "~relay-only;relay-only~a",
        "~RELAY-ONLY~a",
        "~relay-only ~a",
        "~peers~a",
        "~peers=~a",
        "~peers=,~a",
        "~peers=1.1.1.0/24,~a",
        "~peers=1.1.1.1/24~a",
        "~peers=1.1.1~a",
        "~peers=010.0.0.0/8~a",
        "~peers==1.1.1.1~a",
        "~peers=host~a",
        "~peers=1.1.1.1;peers=1.1.1.2~a",
        "~peers=1.1.1.0/33~a",
        "~peers=fe80::1%1~a",
        "~frames=1~a",
        "~=~a",
        "~peers:1.1.1.1~a"
      })
  void aLimitThatIsNotUnderstoodIsNoCredential(String rest) {
    assertNull(verifier.verify("1800000001:" + rest, NOW.getEpochSecond()));
  }

  @Test
  void limitsThatAreTooLongForAUsernameAreRefused() {
    var many = Collections.nCopies(23, IpPrefix.parse("255.255.255.0/24"));
    var user = new UserId("x".repeat(100));
    var issuer = new CredentialIssuer(SECRETS);
    var longest = new CredentialScope("", many, false, 0, 0, 0, Set.of());
    assertEquals(
        508,
        issuer
            .issue(new UserId("x".repeat(508 - 19 - 23 * 17 + 1)), longest, TTL, NOW)
            .username()
            .length());
    assertThrows(IllegalArgumentException.class, () -> issuer.issue(user, longest, TTL, NOW));
  }

  @Test
  void aUserHasAtMost255Bytes() {
    assertEquals(255, new UserId("x".repeat(255)).text().length());
    assertThrows(IllegalArgumentException.class, () -> new UserId("x".repeat(256)));
    assertThrows(IllegalArgumentException.class, () -> new UserId("é".repeat(128)));
  }

  @Test
  void aUserMayHaveLettersOfEveryPlaneButNoHalfOfOne() {
    assertEquals("a\uD83D\uDE00b", new UserId("a\uD83D\uDE00b").text());
    assertFalse(UserId.isWellFormed("a\uD83Db"));
    assertFalse(UserId.isWellFormed("a\uDE00b"));
    assertFalse(UserId.isWellFormed("a\uDE00\uD83Db"));
  }

  @Test
  void secretsAreReadOneALineNewestFirst() {
    var read = SharedSecrets.parse(List.of("newest", "older"));
    assertEquals(passwords(SECRETS, "u"), passwords(read, "u"));
    assertThrows(IllegalArgumentException.class, () -> SharedSecrets.parse(List.of("good", "")));
  }

  @Test
  void aSecretIsInForceWithinItsTimes() {
    var secrets =
        SharedSecrets.parse(
            List.of(
                "next one not-before=2027-02-01T00:00:00Z",
                "now not-before=2027-01-01T00:00:00Z   not-after=2027-02-28T00:00:00Z",
                "old not-after=2027-01-15T00:00:00Z"));
    long january = Instant.parse("2027-01-15T00:00:00Z").getEpochSecond();
    assertEquals(3, secrets.accepted(january).size());
    assertEquals(2, secrets.accepted(january + 1).size());
    long march = Instant.parse("2027-03-01T00:00:00Z").getEpochSecond();
    assertEquals(
        SharedSecrets.of("next one").accepted(0).getFirst().key(),
        secrets.accepted(march).getFirst().key());
    long february = Instant.parse("2027-02-01T00:00:00Z").getEpochSecond();
    assertEquals(SharedSecrets.of("now").sign("u", 0), secrets.sign("u", february - 1));
    assertEquals(SharedSecrets.of("next one").sign("u", 0), secrets.sign("u", february));
    long before = Instant.parse("2026-12-31T00:00:00Z").getEpochSecond();
    assertEquals(SharedSecrets.of("old").sign("u", 0), secrets.sign("u", before));
  }

  @Test
  void theTimesOfASecretStandInAnyOrder() {
    String times = " not-after=2027-02-28T00:00:00Z not-before=2027-01-01T00:00:00Z";
    var secret = SharedSecrets.parse(List.of("now" + times)).accepted(0).getFirst();
    assertEquals(SharedSecrets.of("now").accepted(0).getFirst().key(), secret.key());
    assertEquals(Instant.parse("2027-01-01T00:00:00Z").getEpochSecond(), secret.notBefore());
    assertEquals(Instant.parse("2027-02-28T00:00:00Z").getEpochSecond(), secret.notAfter());
  }

  @Test
  void whereNoSecretIsInForceNothingIsSigned() {
    var ended = SharedSecrets.parse(List.of("a not-after=2020-01-01T00:00:00Z"));
    var issuer = new CredentialIssuer(ended);
    assertThrows(IllegalStateException.class, () -> issuer.issue(new UserId("a"), TTL, NOW));
    assertEquals(List.of(), ended.accepted(NOW.getEpochSecond()));
    issuer.renew(SECRETS);
    var expected = new CredentialIssuer(SECRETS).issue(new UserId("a"), TTL, NOW);
    assertEquals(expected, issuer.issue(new UserId("a"), TTL, NOW));
  }

  @Test
  void aTimeThatIsNoneIsRefusedWithoutShowingTheSecret() {
    for (String bad : List.of("hush not-after=tomorrow", "hush not-before=2027", " not-after=x")) {
      var refusal =
          assertThrows(
              IllegalArgumentException.class, () -> SharedSecrets.parse(List.of("good", bad)));
      assertFalse(refusal.toString().contains("hush"), refusal::toString);
    }
    var spaced = SharedSecrets.parse(List.of("two words", "not-after=2020-01-01T00:00:00Z"));
    assertEquals(
        passwords(SharedSecrets.of("two words", "not-after=2020-01-01T00:00:00Z"), "u"),
        passwords(spaced, "u"));
  }

  @Test
  void thereAreOneToEightSecrets() {
    assertThrows(IllegalArgumentException.class, () -> SharedSecrets.parse(List.of()));
    assertEquals(8, SharedSecrets.parse(Collections.nCopies(8, "x")).accepted(0).size());
    var nine = Collections.nCopies(9, "x");
    assertThrows(IllegalArgumentException.class, () -> SharedSecrets.parse(nine));
  }

  @Test
  void nothingThatPrintsShowsASecretOrAPassword() {
    var credential = new CredentialIssuer(SECRETS).issue(new UserId("alice"), TTL, NOW);
    var verdict = verifier.verify(credential.username(), NOW.getEpochSecond());
    String printed = SECRETS + " " + SECRETS.accepted(0) + " " + credential + " " + verdict;
    assertFalse(printed.contains("newest"), printed);
    assertFalse(printed.contains(credential.password()), printed);
  }

  private static List<String> passwords(SharedSecrets secrets, String username) {
    return secrets.accepted(NOW.getEpochSecond()).stream()
        .map(secret -> secret.password(SharedSecrets.newMac(), username))
        .toList();
  }
}
