package dev.hairpin.turnserver.server;

import dev.hairpin.turnserver.credential.Tenant;
import dev.hairpin.turnserver.policy.PolicySettings;
import dev.hairpin.turnserver.policy.QuotaSettings;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

/// One of several who share a server, each with users, secrets and rules of its own.
///
/// @param policy whom its users may reach; of the server's policy, ranges may differ
/// @param quotas `perUser`, and `perRealm` for all of its users; the rest is the server's
public record TenantSettings(Tenant tenant, PolicySettings policy, QuotaSettings quotas) {
  /// A part of each, by its tenant's name.
  static <T> Map<String, T> byName(List<TenantSettings> all, Function<TenantSettings, T> part) {
    return all.stream().collect(Collectors.toUnmodifiableMap(t -> t.tenant().name(), part));
  }
}
