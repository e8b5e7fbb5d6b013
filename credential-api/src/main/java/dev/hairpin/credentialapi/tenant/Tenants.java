package dev.hairpin.credentialapi.tenant;

import dev.hairpin.credentialapi.ApiSettings;
import dev.hairpin.credentialapi.ApiTenant;
import dev.hairpin.credentialapi.auth.Caller;
import dev.hairpin.credentialapi.http.Refusal;
import dev.hairpin.turnserver.credential.CredentialIssuer;
import io.micronaut.http.HttpStatus;
import jakarta.inject.Singleton;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// Knows the tenants, and the server's own users as one without a name.
@Singleton
public final class Tenants {
  private final ApiTenant own;
  private volatile Map<String, ApiTenant> byName = Map.of();

  Tenants(ApiSettings settings, CredentialIssuer issuer) {
    own =
        new ApiTenant(
            "", "", settings.ttl(), settings.stunUrls(), settings.turnUrls(), 0, 0, issuer);
    apply(settings.tenants());
  }

  /// Knows these from now on, and no others. Any thread may call.
  public void apply(List<ApiTenant> tenants) {
    var next = new TreeMap<String, ApiTenant>();
    tenants.forEach(tenant -> next.put(tenant.name(), tenant));
    byName = next;
  }

  /// Whom a caller calls for, or a refusal where that tenant is not served here.
  public ApiTenant of(Caller caller) {
    String name = caller.tenant();
    var tenant = find(name);
    if (tenant == null) {
      throw new Refusal(HttpStatus.FORBIDDEN, "the tenant " + name + " is not served here");
    }
    return tenant;
  }

  /// The tenant of a name, or the server's own users by none; null where it is not served here.
  public @Nullable ApiTenant find(@Nullable String name) {
    return name == null ? own : byName.get(name);
  }

  /// The tenants that a caller may see, by their names: its own, or every one.
  List<ApiTenant> visibleTo(Caller caller) {
    return caller.tenant() == null ? List.copyOf(byName.values()) : List.of(of(caller));
  }
}
