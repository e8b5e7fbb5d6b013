package dev.hairpin.credentialapi;

import dev.hairpin.turnserver.credential.CredentialIssuer;
import java.util.List;
import java.util.stream.Stream;

/// One of several who share the servers, as its callers are served.
///
/// @param name of the tenant; empty for the server's own users
/// @param realm that its clients may state
/// @param ttl how long its credentials last
/// @param stunUrls `stun:` URLs to hand out
/// @param turnUrls `turn:` URLs to hand out
/// @param userQuota allocations of one of its users; 0 is no limit
/// @param totalQuota allocations of all of them; 0 is no limit
/// @param issuer by its own secrets
public record ApiTenant(
    String name,
    String realm,
    TtlRange ttl,
    List<String> stunUrls,
    List<String> turnUrls,
    int userQuota,
    int totalQuota,
    CredentialIssuer issuer) {
  public ApiTenant {
    stunUrls = List.copyOf(stunUrls);
    turnUrls = List.copyOf(turnUrls);
    ApiSettings.requireUrls(stunUrls, turnUrls);
  }

  /// All that are handed out.
  public List<String> urls() {
    return Stream.concat(stunUrls.stream(), turnUrls.stream()).toList();
  }

  @Override
  public String toString() {
    return "ApiTenant[" + name + "]";
  }
}
