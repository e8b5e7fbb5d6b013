package dev.hairpin.credentialapi.operations;

import dev.hairpin.credentialapi.http.ApiMetrics;
import dev.hairpin.credentialapi.http.OpenApi;
import dev.hairpin.credentialapi.http.Refusal;
import dev.hairpin.credentialapi.http.TlsCallers;
import io.micronaut.http.HttpRequest;
import io.micronaut.http.HttpStatus;
import io.micronaut.http.MediaType;
import io.micronaut.http.annotation.Controller;
import io.micronaut.http.annotation.Get;
import io.micronaut.http.annotation.Produces;
import io.micronaut.scheduling.TaskExecutors;
import io.micronaut.scheduling.annotation.ExecuteOn;
import io.micronaut.security.annotation.Secured;
import io.micronaut.security.rules.SecurityRule;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.media.Content;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/// What operators and their tools ask for. Open to all: it tells health and counts only.
@Controller
@Secured(SecurityRule.IS_ANONYMOUS)
@Tag(name = "operations")
final class OperationsController {
  private final Readiness readiness;
  private final ApiMetrics metrics;
  private final Description description;
  private final @Nullable TlsCallers tlsCallers;

  OperationsController(
      Readiness readiness,
      ApiMetrics metrics,
      Description description,
      @Nullable TlsCallers tlsCallers) {
    this.description = description;
    this.readiness = readiness;
    this.metrics = metrics;
    this.tlsCallers = tlsCallers;
  }

  @Get("/healthz")
  @Produces(MediaType.TEXT_PLAIN)
  @Operation(operationId = "health", summary = "Whether the process lives")
  @ApiResponse(responseCode = "200", description = "It does.")
  @OpenApi.Open
  String health() {
    return "ok\n";
  }

  @Get("/readyz")
  @Produces(MediaType.TEXT_PLAIN)
  @ExecuteOn(TaskExecutors.BLOCKING)
  @Operation(
      operationId = "readiness",
      summary = "Whether clients can be served",
      description =
          "Where a TURN server runs in this process, an allocation is made and given back through"
              + " each of its listeners, at most once in some seconds. Where that fails, 503 says"
              + " why.")
  @ApiResponse(responseCode = "200", description = "They can.")
  @OpenApi.Open
  @OpenApi.MayBeBusy
  String readiness() {
    String obstacle = readiness.obstacle();
    if (obstacle != null) {
      throw new Refusal(HttpStatus.SERVICE_UNAVAILABLE, obstacle);
    }
    return "ready\n";
  }

  @Get("/metrics")
  @Produces("text/plain; version=0.0.4; charset=utf-8")
  @Operation(
      operationId = "metrics",
      summary = "Counts, in Prometheus' text format",
      description = "At the API's own listener alone: 404 at the TURN server's TLS port.")
  @ApiResponse(responseCode = "200", description = "All metrics.")
  @OpenApi.Open
  @OpenApi.NotFound
  String metrics(@Parameter(hidden = true) HttpRequest<?> request) {
    if (tlsCallers != null && tlsCallers.own(request.getServerAddress())) {
      throw new Refusal(HttpStatus.NOT_FOUND, "metrics are told at the API's own listener alone");
    }
    return metrics.scrape();
  }

  @Get("/openapi.json")
  @Operation(operationId = "describe", summary = "This description, as JSON")
  @ApiResponse(
      responseCode = "200",
      description = "OpenAPI 3.1.",
      content = @Content(mediaType = MediaType.APPLICATION_JSON, schema = @Schema(type = "object")))
  @OpenApi.Open
  byte[] openApi() throws IOException {
    return description.json();
  }

  @Get("/openapi.yml")
  @Produces("application/yaml")
  @Operation(operationId = "describeAsYaml", summary = "This description, as YAML")
  @ApiResponse(
      responseCode = "200",
      description = "The same as /openapi.json.",
      content = @Content(mediaType = "application/yaml", schema = @Schema(type = "string")))
  @OpenApi.Open
  String openApiAsYaml() throws IOException {
    return description.yaml();
  }
}
