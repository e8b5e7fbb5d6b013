package dev.hairpin.credentialapi.tenant;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.hairpin.credentialapi.Api;
import dev.hairpin.credentialapi.Jwt;
import dev.hairpin.credentialapi.auth.Caller;
import dev.hairpin.credentialapi.auth.Scope;
import dev.hairpin.credentialapi.http.Refusal;
import io.micronaut.http.HttpRequest;
import io.micronaut.http.HttpStatus;
import java.util.Set;
import org.junit.jupiter.api.Test;

class TenantsControllerTest {
  private static final String ACME =
      "{\"name\":\"acme\",\"realm\":\"acme.example\","
          + "\"urls\":[\"stun:acme.example:3478\",\"turn:acme.example:3478?transport=udp\"],"
          + "\"ttl\":{\"default\":600,\"min\":60,\"max\":900},"
          + "\"quotas\":{\"user\":3,\"total\":40}}";
  private static final Set<Scope> READ = Set.of(Scope.READ);

  @Test
  void aKeyOfNoTenantSeesAllAndNoSecret() {
    try (var api = Api.start(Api.withTenants(Api.tenant("beta"), Api.tenant("acme")))) {
      var all = api.get("/v1/tenants", Api.KEY);
      assertEquals(200, all.statusCode());
      assertEquals("{\"tenants\":[" + ACME + "," + ACME.replace("acme", "beta") + "]}", all.body());
      assertFalse(all.body().contains("secret"), all.body());
      assertEquals(ACME, api.get("/v1/tenants/acme", Api.KEY).body());
      assertEquals(404, api.get("/v1/tenants/gamma", Api.KEY).statusCode());
      assertEquals(400, api.get("/v1/tenants?name=acme", Api.KEY).statusCode());
      assertEquals(401, api.get("/v1/tenants").statusCode());
      assertEquals(403, api.get("/v1/tenants", Jwt.good("alice")).statusCode());
    }
    try (var api = Api.start()) {
      assertEquals("{\"tenants\":[]}", api.get("/v1/tenants", Api.KEY).body());
    }
  }

  @Test
  void aKeyOfATenantSeesThatOneAlone() {
    var settings = Api.withTenants(Api.tenant("acme"), Api.tenant("beta"));
    var controller = new TenantsController(new Tenants(settings, Api.issuer()));
    var request = HttpRequest.GET("/v1/tenants");
    var ofAcme = new Caller("a", READ, "acme", null);
    var seen = controller.list(ofAcme, request).tenants();
    assertEquals(1, seen.size());
    assertEquals(seen.getFirst(), controller.get(ofAcme, "acme", request));
    for (String other : new String[] {"beta", "gamma", ""}) {
      var refusal = assertThrows(Refusal.class, () -> controller.get(ofAcme, other, request));
      assertEquals(HttpStatus.NOT_FOUND, refusal.getStatus());
    }
    var ofNobody = new Caller("g", READ, "gamma", null);
    assertEquals(
        HttpStatus.FORBIDDEN,
        assertThrows(Refusal.class, () -> controller.list(ofNobody, request)).getStatus());
  }
}
