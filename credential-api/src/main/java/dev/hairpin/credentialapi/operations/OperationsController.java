package dev.hairpin.credentialapi.operations;

import dev.hairpin.credentialapi.http.ApiMetrics;
import dev.hairpin.credentialapi.http.Problem;
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
import io.swagger.v3.oas.annotations.Hidden;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.media.Content;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.io.IOException;
import java.io.InputStream;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// What operators and their tools ask for. Open to all: it tells health and counts only.
@Controller
@Secured(SecurityRule.IS_ANONYMOUS)
@Tag(name = "operations")
final class OperationsController {
  private final Readiness readiness;
  private final ApiMetrics metrics;
  private final @Nullable TlsCallers tlsCallers;

  OperationsController(Readiness readiness, ApiMetrics metrics, @Nullable TlsCallers tlsCallers) {
    this.readiness = readiness;
    this.metrics = metrics;
    this.tlsCallers = tlsCallers;
  }

  @Get("/healthz")
  @Produces(MediaType.TEXT_PLAIN)
  @Operation(operationId = "health", summary = "Whether the process lives")
  @ApiResponse(responseCode = "200", description = "It does.")
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
              + " each of its listeners, at most once in some seconds.")
  @ApiResponse(responseCode = "200", description = "They can.")
  @ApiResponse(
      responseCode = "503",
      description = "They cannot; the detail says why.",
      content =
          @Content(
              mediaType = Problem.MEDIA_TYPE,
              schema = @Schema(implementation = Problem.class)))
  String readiness() {
    String obstacle = readiness.obstacle();
    if (obstacle != null) {
      throw new Refusal(HttpStatus.SERVICE_UNAVAILABLE, obstacle);
    }
    return "ready\n";
  }

  @Get("/metrics")
  @Produces("text/plain; version=0.0.4; charset=utf-8")
  @Operation(operationId = "metrics", summary = "Counts, in Prometheus' text format")
  @ApiResponse(responseCode = "200", description = "All metrics.")
  @ApiResponse(
      responseCode = "404",
      description = "The call came by the TURN server's TLS port, to the world's side.",
      content =
          @Content(
              mediaType = Problem.MEDIA_TYPE,
              schema = @Schema(implementation = Problem.class)))
  String metrics(@Parameter(hidden = true) HttpRequest<?> request) {
    if (tlsCallers != null && tlsCallers.own(request.getServerAddress())) {
      throw new Refusal(HttpStatus.NOT_FOUND, "metrics are told at the API's own listener alone");
    }
    return metrics.scrape();
  }

  @Get("/openapi.yml")
  @Produces("application/yaml")
  @Hidden
  byte[] openApi() throws IOException {
    try (InputStream file =
        OperationsController.class.getResourceAsStream("/META-INF/swagger/openapi.yml")) {
      return Objects.requireNonNull(file, "openapi.yml was not built in").readAllBytes();
    }
  }
}
