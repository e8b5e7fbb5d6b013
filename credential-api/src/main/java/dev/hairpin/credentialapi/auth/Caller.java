package dev.hairpin.credentialapi.auth;

import dev.hairpin.credentialapi.http.Refusal;
import dev.hairpin.turnserver.credential.UserId;
import io.micronaut.http.HttpStatus;
import io.micronaut.security.authentication.Authentication;
import java.util.Collection;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Who calls. A controller asks for one as an argument, and for a scope by `@Secured`.
///
/// @param name tells callers apart, in logs and when calls are counted; no secret
/// @param scopes what it may do
/// @param tenant whose caller it is; null where it is the server's own
/// @param user the only user that it speaks for; null where it may speak for any
/// @param bounds of the credentials that it gets
public record Caller(
    String name, Set<Scope> scopes, @Nullable String tenant, @Nullable UserId user, Bounds bounds)
    implements Authentication {
  public Caller {
    scopes = Set.copyOf(scopes);
  }

  /// One without bounds.
  public Caller(String name, Set<Scope> scopes, @Nullable String tenant, @Nullable UserId user) {
    this(name, scopes, tenant, user, Bounds.NONE);
  }

  /// One that may ask for any user of the server's own.
  public Caller(String name, Set<Scope> scopes) {
    this(name, scopes, null, null);
  }

  /// The tenant; empty for the server's own.
  public String owner() {
    return tenant == null ? "" : tenant;
  }

  /// Whether what is a tenant's is for this caller's eyes.
  ///
  /// @param name of the tenant; empty for the server's own
  public boolean oversees(String name) {
    return tenant == null || tenant.equals(name);
  }

  /// Refuses what is another tenant's.
  public void requireOverseer(String name) {
    if (!oversees(name)) {
      throw new Refusal(HttpStatus.FORBIDDEN, "this key is for the tenant " + tenant);
    }
  }

  public boolean may(Scope scope) {
    return scopes.contains(scope);
  }

  @Override
  public String getName() {
    return name;
  }

  @Override
  public Collection<String> getRoles() {
    return scopes.stream().map(Scope::text).toList();
  }

  @Override
  public Map<String, Object> getAttributes() {
    return Map.of();
  }
}
