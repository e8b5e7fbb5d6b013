package dev.hairpin.credentialapi;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.hairpin.credentialapi.auth.Caller;
import dev.hairpin.credentialapi.auth.Scope;
import dev.hairpin.credentialapi.http.Refusal;
import dev.hairpin.credentialapi.issue.Issuance;
import dev.hairpin.credentialapi.tenant.Tenants;
import io.micronaut.context.ApplicationContext;
import io.micronaut.http.HttpStatus;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// Each caller is served for its tenant, by the beans without a socket.
class TenantIssuanceTest {
  private static final Caller OF_ACME = new Caller("a", Scope.ALL, "acme", null);
  private static final Caller OF_NONE = new Caller("b", Scope.ALL);

  private final ApplicationContext context =
      CredentialApi.startContext(
          Api.withTenants(Api.tenant("acme")), Api.issuer(), null, null, null, () -> Api.NOW);
  private final Issuance issuance = context.getBean(Issuance.class);

  @AfterEach
  void close() {
    context.close();
  }

  @Test
  void aTenantsCallerGetsItsCredentialsUrlsAndLifetime() {
    var issued = issuance.issue(OF_ACME, "alice", null);
    assertEquals(Api.NOW.getEpochSecond() + 600 + ":~tenant=acme~alice", issued.username());
    assertEquals(Api.password("secret of acme", issued.username()), issued.password());
    assertEquals(List.of("turn:acme.example:3478?transport=udp"), issued.turnUrls());
    assertEquals(600, issued.ttlSeconds());
    assertEquals(900, issuance.issue(OF_ACME, "alice", 100_000).ttlSeconds());
  }

  @Test
  void theServersOwnCallersGetWhatTheyGotWithoutTenants() {
    var issued = issuance.issue(OF_NONE, "alice", null);
    assertEquals(Api.NOW.getEpochSecond() + 21_600 + ":alice", issued.username());
    assertEquals(Api.password(issued.username()), issued.password());
    assertEquals(List.of(Api.TURN_URL), issued.turnUrls());
  }

  @Test
  void aCallerOfATenantThatIsNotServedIsRefusedWithWords() {
    var other = new Caller("c", Scope.ALL, "beta", null);
    var refusal = assertThrows(Refusal.class, () -> issuance.issue(other, "alice", null));
    assertEquals(HttpStatus.FORBIDDEN, refusal.getStatus());
    assertEquals("the tenant beta is not served here", refusal.getMessage());
    context.getBean(Tenants.class).apply(List.of(Api.tenant("beta")));
    assertTrue(issuance.issue(other, "alice", null).username().contains("tenant=beta"));
    assertThrows(Refusal.class, () -> issuance.issue(OF_ACME, "alice", null));
  }
}
