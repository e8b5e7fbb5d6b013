package dev.hairpin.turnserver.auth;

import static dev.hairpin.turnserver.auth.Requests.CLIENT;
import static dev.hairpin.turnserver.auth.Requests.REALM;
import static dev.hairpin.turnserver.auth.Requests.after;
import static dev.hairpin.turnserver.auth.Requests.codeOf;
import static dev.hairpin.turnserver.auth.Requests.known;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.hairpin.turnserver.auth.Requests.Credential;
import dev.hairpin.turnserver.credential.Account;
import dev.hairpin.turnserver.credential.CredentialIssuer;
import dev.hairpin.turnserver.credential.CredentialScope;
import dev.hairpin.turnserver.credential.CredentialVerifier;
import dev.hairpin.turnserver.credential.IssuedUsernames;
import dev.hairpin.turnserver.credential.SharedSecrets;
import dev.hairpin.turnserver.credential.Tenant;
import dev.hairpin.turnserver.credential.UserId;
import dev.hairpin.turnserver.stun.MessageIntegrity;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Whose secrets, realms and usernames go together where tenants share a server.
class TenantAuthTest {
  private static final Duration HOUR = Duration.ofHours(1);
  private static final Moment NOW = after(Duration.ofMinutes(1));
  private static final SharedSecrets SERVERS = SharedSecrets.of("of the server");
  private static final Tenant ACME = tenant("acme", "acme.example", "acme's");
  private static final Tenant BETA = tenant("beta", REALM, "beta's");

  private final Requests requests = new Requests();
  private final IssuedUsernames issued = new IssuedUsernames(REALM);
  private final AuthSettings settings = Requests.settings(SERVERS, HOUR, false).withIssued(issued);
  private final CredentialVerifier verifier = settings.verifier(NOW.wallSeconds());
  private final Authenticator authenticator =
      new Authenticator(settings, verifier, new ProcessKeys(), new MessageIntegrity());

  TenantAuthTest() {
    serve(ACME, BETA);
  }

  private static Tenant tenant(String name, String realm, String secret) {
    return new Tenant(
        name, realm, "turn." + name + ".example", SharedSecrets.of(secret), List.of());
  }

  private void serve(Tenant... tenants) {
    verifier.apply(List.of(tenants), NOW.wallSeconds());
  }

  private Credential issued(Tenant tenant) {
    return Credential.of(new CredentialIssuer(tenant, issued), "alice", HOUR);
  }

  private AuthResult ask(Credential credential, AuthResult.@Nullable Known owner) {
    return requests.ask(authenticator, credential, owner, NOW);
  }

  private AuthResult askIn(String realm, Credential credential, boolean byHash) {
    byte[] nonce = requests.nonce(authenticator, NOW);
    var request =
        byHash
            ? requests.hashed(realm, credential, nonce)
            : requests.signedFor(realm, credential, nonce);
    return Requests.authenticate(authenticator, request, CLIENT, null, NOW);
  }

  @ParameterizedTest
  @CsvSource({
    "~tenant=acme~alice, acme's, 0",
    "~tenant=acme~alice, beta's, 401",
    "~tenant=acme~alice, of the server, 401",
    "~tenant=beta~alice, beta's, 0",
    "~tenant=beta~alice, acme's, 401",
    "~tenant=none~alice, acme's, 401",
    "~tenant=none~alice, of the server, 401",
    "alice, of the server, 0",
    "alice, acme's, 401",
    "~allocations=1;tenant=acme~alice, acme's, 0"
  })
  void aUsernameIsGoodByTheSecretsOfItsTenantAlone(String rest, String secret, int code) {
    String username = NOW.wallSeconds() + 60 + ":" + rest;
    String password =
        SharedSecrets.of(secret).accepted(0).getFirst().password(SharedSecrets.newMac(), username);
    for (int i = 0; i < 2; i++) { // a key that was shown once is kept
      assertEquals(code, codeOf(ask(new Credential(username, password), null)));
    }
  }

  @Test
  void theIssuerOfATenantWritesItsName() {
    var credential = issued(ACME);
    assertEquals("1800003600:~tenant=acme~alice", credential.username());
    var known = known(ask(credential, null));
    assertEquals(new Account("acme", new UserId("alice")), known.credential().account());
    var issuer = new CredentialIssuer(SERVERS);
    var foreign = CredentialScope.parse("tenant=acme");
    assertThrows(
        IllegalArgumentException.class,
        () -> issuer.issue(new UserId("alice"), foreign, HOUR, Instant.EPOCH));
  }

  /// A client states the realm that it was challenged with, by whomever it was.
  @ParameterizedTest
  @CsvSource({
    "acme, example.org, 0",
    "acme, acme.example, 0",
    "acme, elsewhere, 401",
    "acme, '', 401",
    "beta, acme.example, 401",
    "beta, example.org, 0",
    "'', acme.example, 401",
    "'', '', 401"
  })
  void theRealmIsTheServersOrTheTenants(String tenant, String realm, int code) {
    var credential =
        switch (tenant) {
          case "acme" -> issued(ACME);
          case "beta" -> issued(BETA);
          default -> Credential.of(new CredentialIssuer(SERVERS, issued), "alice", HOUR);
        };
    assertEquals(code, codeOf(askIn(realm, credential, false)));
    assertEquals(code, codeOf(askIn(realm, credential, true)), "by its hash");
  }

  @Test
  void whoNamesATenantsHostIsChallengedWithItsRealm() {
    var challenge =
        Requests.challenge(
            Requests.authenticate(authenticator, requests.unsigned(), CLIENT, null, NOW));
    for (String host : new String[] {"turn.acme.example", "TURN.acme.example"}) {
      var other = authenticator.asAt(host, challenge);
      assertEquals("acme.example", other.realm());
      assertEquals(challenge.nonce(), other.nonce());
    }
    assertEquals(challenge, authenticator.asAt("turn.example", challenge));
    assertEquals(challenge, authenticator.asAt(null, challenge));
    serve(ACME, new Tenant("b", "b.example", ACME.host(), BETA.secrets(), List.of()));
    assertEquals(challenge, authenticator.asAt(ACME.host(), challenge), "two share the host");
  }

  @Test
  void nobodyStandsForAUserOfAnotherTenant() {
    var inAcme = known(ask(issued(ACME), null));
    var inBeta = known(ask(issued(BETA), null));
    var ofServer = known(ask(Credential.of(SERVERS, "alice", HOUR), null));
    var known = List.of(inAcme, inBeta, ofServer);
    for (var one : known) {
      for (var other : known) {
        assertEquals(one.equals(other), one.standsFor(other), one + " for " + other);
      }
    }
    var later = Credential.of(new CredentialIssuer(ACME, null), "alice", HOUR.plusMinutes(1));
    assertTrue(known(ask(later, null)).standsFor(inAcme));
  }

  @Test
  void aTenantsSecretsChangeWithOverlap() {
    var credential = issued(ACME);
    var owner = known(ask(credential, null));
    serve(tenantWith("new", "acme's"), BETA);
    assertEquals(0, codeOf(ask(credential, null)));
    serve(tenantWith("new"), BETA);
    assertEquals(401, codeOf(ask(credential, null)));
    assertEquals(0, codeOf(ask(credential, owner)), "its allocation goes on");
    assertEquals(0, codeOf(ask(issued(BETA), null)));
  }

  private static Tenant tenantWith(String... newestFirst) {
    return new Tenant(
        ACME.name(), ACME.realm(), ACME.host(), SharedSecrets.of(newestFirst), List.of());
  }

  @Test
  void withATenantItsCredentialsGo() {
    var owner = known(ask(issued(ACME), null));
    serve(BETA);
    assertEquals(401, codeOf(ask(issued(ACME), null)));
    assertEquals(401, codeOf(ask(issued(ACME), owner)));
    assertFalse(verifier.knows(owner.credential()));
    assertTrue(verifier.isRevoked(owner.credential()));
  }

  @Test
  void whatOneTenantRevokesTouchesNobodyElse() {
    var inAcme = known(ask(issued(ACME), null)).credential();
    var inBeta = known(ask(issued(BETA), null)).credential();
    var ofServer = known(ask(Credential.of(SERVERS, "alice", HOUR), null)).credential();
    verifier.revoke("acme", "*:alice", NOW.wallSeconds());
    assertTrue(verifier.isRevoked(inAcme));
    assertFalse(verifier.isRevoked(inBeta));
    assertFalse(verifier.isRevoked(ofServer));
    verifier.list(List.of("*:alice"), NOW.wallSeconds());
    assertFalse(verifier.isRevoked(inBeta));
    assertTrue(verifier.isRevoked(ofServer));
    serve(ACME, BETA);
    assertTrue(verifier.isRevoked(inAcme), "a reload does not forgive");
    for (String entry : List.of("*:alice", ofServer.format())) {
      assertThrows(
          IllegalArgumentException.class,
          () -> verifier.revoke(entry.equals("*:alice") ? "none" : "acme", entry, 0));
    }
  }

  @Test
  void aTenantHasANameARealmAndEntriesOfItsOwn() {
    for (String name : List.of("", "Acme", "a b", "a".repeat(33), "a~b")) {
      assertThrows(IllegalArgumentException.class, () -> tenant(name, REALM, "x"), name);
    }
    assertThrows(IllegalArgumentException.class, () -> tenant("a", "", "x"));
    for (String entry : List.of("1800003600:alice", "<1800003600:~tenant=b~alice", "alice")) {
      assertThrows(
          IllegalArgumentException.class,
          () -> new Tenant("a", REALM, "", SERVERS, List.of(entry)),
          entry);
    }
    var fine = List.of("1800003600:~tenant=a~alice", "*:alice", "<1800003600:alice");
    assertEquals(fine, new Tenant("a", REALM, "", SERVERS, fine).revoked());
  }
}
