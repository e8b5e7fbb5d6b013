package dev.hairpin.credentialapi.tenant;

import com.fasterxml.jackson.annotation.JsonProperty;
import dev.hairpin.credentialapi.ApiTenant;
import io.micronaut.serde.annotation.Serdeable;
import io.swagger.v3.oas.annotations.media.Schema;
import java.util.List;

/// What is told of a tenant.
@Serdeable
@Schema(name = "Tenant", description = "A tenant that shares the servers. No secret is told.")
record TenantView(
    @Schema(description = "As it stands in usernames and in keys.", example = "acme") String name,
    @Schema(
            description = "What its clients may state as REALM, beside the server's.",
            example = "acme.example")
        String realm,
    @Schema(
            description = "The URLs that are handed out to it.",
            example = "[\"turn:turn.acme.example:3478?transport=udp\"]")
        List<String> urls,
    Ttl ttl,
    Quotas quotas) {

  /// How long credentials last.
  @Serdeable
  @Schema(name = "TenantTtl", description = "How long credentials last, in seconds.")
  record Ttl(
      @Schema(name = "default", description = "Where nothing is asked for.", example = "86400")
          @JsonProperty("default")
          long standard,
      @Schema(description = "The shortest.", example = "60") long min,
      @Schema(description = "The longest.", example = "86400") long max) {}

  /// How many allocations there may be.
  @Serdeable
  @Schema(
      name = "TenantQuotas",
      description = "How many live allocations and reserved ports there may be.")
  record Quotas(
      @Schema(description = "Of one user; 0 is no limit.", example = "256") int user,
      @Schema(description = "Of all of its users; 0 is no limit.", example = "1000") int total) {}

  /// Several of them.
  @Serdeable
  @Schema(name = "Tenants", description = "Every tenant that the caller may see, by name.")
  record All(@Schema(description = "By name.") List<TenantView> tenants) {}

  static TenantView of(ApiTenant tenant) {
    var ttl = tenant.ttl();
    return new TenantView(
        tenant.name(),
        tenant.realm(),
        tenant.urls(),
        new Ttl(ttl.standard().toSeconds(), ttl.min().toSeconds(), ttl.max().toSeconds()),
        new Quotas(tenant.userQuota(), tenant.totalQuota()));
  }
}
