package dev.hairpin.turnserver.auth;

import static dev.hairpin.turnserver.auth.Requests.CLIENT;
import static dev.hairpin.turnserver.auth.Requests.WALL_SECONDS;
import static dev.hairpin.turnserver.auth.Requests.after;
import static dev.hairpin.turnserver.auth.Requests.codeOf;
import static dev.hairpin.turnserver.auth.Requests.known;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.hairpin.turnserver.auth.Requests.Credential;
import dev.hairpin.turnserver.credential.CredentialVerifier;
import dev.hairpin.turnserver.credential.SharedSecrets;
import dev.hairpin.turnserver.stun.MessageIntegrity;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/// Credentials that end, are revoked or renewed, and secrets that change, while clients are there.
class CredentialChangeTest {
  private static final SharedSecrets OLD = SharedSecrets.of("old");
  private static final SharedSecrets BOTH = SharedSecrets.of("new", "old");
  private static final SharedSecrets NEW = SharedSecrets.of("new");
  private static final Duration HOUR = Duration.ofHours(1);
  private static final Duration GRACE = Duration.ofMinutes(30);
  private static final Duration SECOND = Duration.ofSeconds(1);
  private static final Moment NOW = after(Duration.ZERO);

  private final Requests requests = new Requests();
  private final AuthSettings settings = Requests.settings(OLD, GRACE, false);
  private final CredentialVerifier verifier = settings.verifier(WALL_SECONDS);
  private final Authenticator authenticator = authenticator(settings, verifier);
  private final Credential alice = Credential.of(OLD, "alice", HOUR);

  @Test
  void whileSecretsOverlapBothAreGoodAndAfterwardsOnlyTheNewOne() {
    assertEquals(0, ask(alice));
    verifier.apply(BOTH);
    assertEquals(0, ask(alice));
    assertEquals(0, ask(Credential.of(BOTH, "bob", HOUR)));
    verifier.apply(NEW);
    assertEquals(401, ask(alice));
    assertEquals(401, ask(Credential.of(OLD, "never seen before", HOUR)));
    assertEquals(0, ask(Credential.of(NEW, "bob", HOUR)));
  }

  @Test
  void anOwnerWhoseSecretIsGoneGoesOn() {
    var owner = known(requests.ask(authenticator, alice, null, NOW));
    verifier.apply(NEW);
    assertEquals(0, codeOf(requests.ask(authenticator, alice, owner, NOW)));
    var guess = alice.withPassword("guess");
    assertEquals(401, codeOf(requests.ask(authenticator, guess, owner, NOW)));
  }

  @Test
  void aSecretVerifiesUntilItsLastSecondWhateverIsKeptOfIt() {
    long last = WALL_SECONDS + 60;
    verifier.apply(
        SharedSecrets.parse(
            List.of("new", "old not-after=" + java.time.Instant.ofEpochSecond(last))));
    assertEquals(0, ask(alice));
    assertEquals(0, askAfter(alice, Duration.ofSeconds(60)));
    assertEquals(401, askAfter(alice, Duration.ofSeconds(61)));
  }

  @Test
  void anOwnerOutlivesItsCredentialByTheTimeOfGrace() {
    var owner = known(requests.ask(authenticator, alice, null, NOW));
    assertEquals(NOW.nanos() + HOUR.plus(GRACE).toNanos(), owner.endNanos());
    var last = HOUR.plus(GRACE).minus(SECOND);
    var late = known(requests.ask(authenticator, alice, owner, after(last)));
    assertEquals(owner.endNanos(), late.endNanos());
    var over = after(HOUR.plus(GRACE));
    assertEquals(401, codeOf(requests.ask(authenticator, alice, owner, over)));
    assertEquals(401, askAfter(alice, HOUR)); // who has no allocation gets none
  }

  @Test
  void withoutGraceAnOwnerEndsWithItsCredential() {
    var strictSettings = Requests.settings(OLD, Duration.ZERO, false);
    var strict = authenticator(strictSettings, strictSettings.verifier(WALL_SECONDS));
    var owner = known(requests.ask(strict, alice, null, NOW));
    assertEquals(NOW.nanos() + HOUR.toNanos(), owner.endNanos());
    assertEquals(0, codeOf(requests.ask(strict, alice, owner, after(HOUR.minus(SECOND)))));
    assertEquals(401, codeOf(requests.ask(strict, alice, owner, after(HOUR))));
  }

  @Test
  void whoIsRevokedIsNobodyEvenAsAnOwner() {
    var owner = known(requests.ask(authenticator, alice, null, NOW));
    var later = Credential.of(OLD, "alice", HOUR.multipliedBy(2));
    verifier.revoke("", alice.username(), WALL_SECONDS);
    assertEquals(401, ask(alice));
    assertEquals(401, codeOf(requests.ask(authenticator, alice, owner, NOW)));
    assertEquals(0, ask(later));
    verifier.revoke("", "*:alice", WALL_SECONDS);
    assertEquals(401, ask(later));
    assertEquals(0, ask(Credential.of(OLD, "bob", HOUR)));
    assertTrue(verifier.isRevoked(owner.credential()));
  }

  @Test
  void aLaterCredentialOfTheSameUserStandsForAnOwner() {
    var owner = known(requests.ask(authenticator, alice, null, NOW));
    assertTrue(stands(Credential.of(OLD, "alice", HOUR.multipliedBy(2)), owner));
    assertTrue(stands(alice, owner));
    assertFalse(stands(Credential.of(OLD, "alic", HOUR), owner));
    assertFalse(stands(Credential.of(OLD, "", HOUR), owner));
    var nobody = known(requests.ask(authenticator, Credential.of(OLD, "", HOUR), null, NOW));
    assertTrue(stands(Credential.of(OLD, "", HOUR), nobody));
    assertFalse(stands(Credential.of(OLD, "", HOUR.multipliedBy(2)), nobody));
  }

  private boolean stands(Credential credential, AuthResult.Known owner) {
    return known(requests.ask(authenticator, credential, null, NOW)).standsFor(owner);
  }

  @Test
  void whereSha256IsDemandedNothingElseWillDo() {
    var strictSettings = Requests.settings(OLD, GRACE, true);
    var strict = authenticator(strictSettings, strictSettings.verifier(WALL_SECONDS));
    byte[] sha256 = {0, 2, 0, 0};
    byte[] md5 = {0, 1, 0, 0};
    byte[] both = {0, 2, 0, 0, 0, 1, 0, 0};
    var challenge =
        Requests.challenge(Requests.authenticate(strict, requests.unsigned(), CLIENT, null, NOW));
    assertEquals(List.of(sha256[1]), List.of(challenge.passwordAlgorithms()[1]));
    assertEquals(4, challenge.passwordAlgorithms().length);
    byte[] nonce = challenge.nonce();
    for (var weak :
        List.of(
            requests.signed(alice, nonce),
            requests.signedBySha1(alice, "MD5", md5, nonce, sha256),
            requests.signedBySha1(alice, "MD5", md5, nonce, both),
            requests.signedBySha1(alice, "SHA-256", sha256, nonce, sha256),
            requests.signedBySha256(alice, nonce, both))) {
      assertEquals(400, codeOf(Requests.authenticate(strict, weak, CLIENT, null, NOW)));
    }
    var strong = requests.signedBySha256(alice, nonce, sha256);
    assertEquals(0, codeOf(Requests.authenticate(strict, strong, CLIENT, null, NOW)));
  }

  @Test
  void theRealmThatIsSaidMustBeTheOneInTheKey() {
    byte[] nonce = requests.nonce(authenticator, NOW);
    for (String realm : List.of("elsewhere", Requests.REALM + "\u0000", "")) {
      var request = requests.signedWithRealm(realm, alice, nonce);
      assertEquals(401, codeOf(Requests.authenticate(authenticator, request, CLIENT, null, NOW)));
    }
    var right = requests.signedWithRealm(Requests.REALM, alice, nonce);
    assertEquals(0, codeOf(Requests.authenticate(authenticator, right, CLIENT, null, NOW)));
  }

  @Test
  void settingsThatCannotBeAreRefused() {
    assertThrows(
        IllegalArgumentException.class,
        () -> Requests.settings(OLD, Duration.ofSeconds(-1), false));
    assertThrows(
        IllegalArgumentException.class,
        () ->
            new AuthSettings(Requests.REALM, OLD, HOUR, HOUR, null, HOUR, false, List.of("alice")));
  }

  @Test
  void aSecondIsTheShortestLifetimeOfANonceAndOfACredential() {
    var second = Duration.ofSeconds(1);
    var less = Duration.ofMillis(999);
    var shortest = lasting(second, second);
    assertEquals(second, shortest.nonceLifetime());
    for (Duration[] wrong : new Duration[][] {{less, HOUR}, {HOUR, less}}) {
      assertThrows(IllegalArgumentException.class, () -> lasting(wrong[0], wrong[1]));
    }
  }

  @Test
  void whatTheSettingsRevokeIsRefusedFromTheStart() {
    var revoking =
        new AuthSettings(
            Requests.REALM, OLD, HOUR, HOUR, null, HOUR, false, List.of(alice.username()));
    var other = authenticator(revoking, revoking.verifier(WALL_SECONDS));
    assertEquals(401, codeOf(requests.ask(other, alice, null, NOW)));
    assertEquals(0, codeOf(requests.ask(other, Credential.of(OLD, "bob", HOUR), null, NOW)));
  }

  private int ask(Credential credential) {
    return codeOf(requests.ask(authenticator, credential, null, NOW));
  }

  private int askAfter(Credential credential, Duration time) {
    return codeOf(requests.ask(authenticator, credential, null, after(time)));
  }

  private static Authenticator authenticator(AuthSettings by, CredentialVerifier verifier) {
    return new Authenticator(by, verifier, new ProcessKeys(), new MessageIntegrity());
  }

  private static AuthSettings lasting(Duration nonceLifetime, Duration maxTtl) {
    return new AuthSettings(
        Requests.REALM, OLD, nonceLifetime, maxTtl, null, HOUR, false, List.of());
  }
}
