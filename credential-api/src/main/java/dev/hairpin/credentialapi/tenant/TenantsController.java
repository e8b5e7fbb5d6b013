package dev.hairpin.credentialapi.tenant;

import dev.hairpin.credentialapi.auth.Caller;
import dev.hairpin.credentialapi.http.OpenApi;
import dev.hairpin.credentialapi.http.Refusal;
import dev.hairpin.credentialapi.http.StrictQuery;
import io.micronaut.http.HttpRequest;
import io.micronaut.http.HttpStatus;
import io.micronaut.http.annotation.Controller;
import io.micronaut.http.annotation.Get;
import io.micronaut.http.annotation.PathVariable;
import io.micronaut.security.annotation.Secured;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.security.SecurityRequirement;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.util.List;

/// Tells of tenants. A caller of one of them sees that one alone.
@Controller("/v1/tenants")
@Secured("read")
@SecurityRequirement(name = OpenApi.BEARER, scopes = "read")
@Tag(name = "tenants")
final class TenantsController {
  private final Tenants tenants;

  TenantsController(Tenants tenants) {
    this.tenants = tenants;
  }

  @Get
  @Operation(
      operationId = "listTenants",
      summary = "List tenants",
      description = "A key of a tenant sees that one alone; a key of none sees all.")
  @ApiResponse(responseCode = "200", description = "By name; none where nobody shares the server.")
  @OpenApi.Refusals
  TenantView.All list(
      @Parameter(hidden = true) Caller caller, @Parameter(hidden = true) HttpRequest<?> request) {
    var _ = StrictQuery.of(request, List.of());
    return new TenantView.All(tenants.visibleTo(caller).stream().map(TenantView::of).toList());
  }

  @Get("/{name}")
  @Operation(operationId = "getTenant", summary = "Tell of one tenant")
  @ApiResponse(responseCode = "200", description = "Its URLs, lifetimes and quotas.")
  @OpenApi.Refusals
  @OpenApi.NotFound
  TenantView get(
      @Parameter(hidden = true) Caller caller,
      @Parameter(description = "As it stands in usernames.", example = "acme") @PathVariable
          String name,
      @Parameter(hidden = true) HttpRequest<?> request) {
    var _ = StrictQuery.of(request, List.of());
    return tenants.visibleTo(caller).stream()
        .filter(tenant -> tenant.name().equals(name))
        .map(TenantView::of)
        .findFirst()
        .orElseThrow(() -> new Refusal(HttpStatus.NOT_FOUND, "there is no such tenant"));
  }
}
