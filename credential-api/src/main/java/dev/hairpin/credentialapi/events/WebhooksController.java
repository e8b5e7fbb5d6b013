package dev.hairpin.credentialapi.events;

import dev.hairpin.credentialapi.auth.Caller;
import dev.hairpin.credentialapi.http.JsonBody;
import dev.hairpin.credentialapi.http.OpenApi;
import dev.hairpin.credentialapi.http.StrictQuery;
import io.micronaut.http.HttpRequest;
import io.micronaut.http.MediaType;
import io.micronaut.http.annotation.Consumes;
import io.micronaut.http.annotation.Controller;
import io.micronaut.http.annotation.Get;
import io.micronaut.http.annotation.Post;
import io.micronaut.security.annotation.Secured;
import io.micronaut.serde.annotation.Serdeable;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.security.SecurityRequirement;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Shows how the webhooks fare, and what none of them took. Not for callers of a tenant.
@Controller("/v1/webhooks")
@Secured("read")
@Tag(name = "sessions")
final class WebhooksController {
  private final Webhooks webhooks;

  WebhooksController(Webhooks webhooks) {
    this.webhooks = webhooks;
  }

  @Serdeable
  @Schema(name = "Webhooks", description = "All that are configured.")
  record All(@Schema(description = "In their order.") List<State> webhooks) {}

  @Serdeable
  @Schema(name = "Webhook", description = "How one fares.")
  record State(
      @Schema(description = "Who is told.", example = "https://app.example.org/turn-events")
          String url,
      @Schema(description = "Events that wait to be told.", example = "0") int waiting,
      @Schema(description = "Events that were taken.", example = "1024") long delivered,
      @Schema(description = "Events that will never be told.", example = "0") long lost,
      @Schema(
              description = "Why the last attempt failed; left out where it did not.",
              nullable = false,
              example = "status 503")
          @Nullable String trouble,
      @Schema(description = "Messages that were not taken in time.")
          List<DeadLetter> deadLetters) {}

  @Serdeable
  @Schema(name = "DeadLetter", description = "A message that was not taken in time.")
  record DeadLetter(
      @Schema(description = "Its webhook-id.", example = "msg_5f0d3a-17") String id,
      @Schema(description = "How many events it holds.", example = "3") int events,
      @Schema(description = "When the first happened.", example = "2026-11-21T03:00:00Z")
          Instant first,
      @Schema(description = "When the last happened.", example = "2026-11-21T03:00:01Z")
          Instant last) {}

  @Serdeable
  @Schema(name = "Retried", description = "What is told once more.")
  record Retried(@Schema(description = "How many events.", example = "3") int events) {}

  @Get
  @SecurityRequirement(name = OpenApi.BEARER, scopes = "read")
  @Operation(operationId = "listWebhooks", summary = "How the webhooks fare")
  @ApiResponse(responseCode = "200", description = "All of them.")
  @OpenApi.Refusals
  All list(
      @Parameter(hidden = true) Caller caller, @Parameter(hidden = true) HttpRequest<?> request) {
    caller.requireOverseer("");
    var _ = StrictQuery.of(request, List.of());
    return new All(webhooks.all().stream().map(WebhooksController::state).toList());
  }

  @Post("/retry")
  @Secured("manage")
  @SecurityRequirement(name = OpenApi.BEARER, scopes = "manage")
  @Consumes(MediaType.ALL)
  @Operation(operationId = "retryWebhooks", summary = "Tell dead letters once more")
  @ApiResponse(responseCode = "200", description = "They are in line again.")
  @OpenApi.Refusals
  Retried retry(
      @Parameter(hidden = true) Caller caller,
      @Parameter(hidden = true) HttpRequest<byte[]> request) {
    caller.requireOverseer("");
    var _ = StrictQuery.of(request, List.of());
    var _ = JsonBody.read(request, fields -> fields);
    return new Retried(webhooks.all().stream().mapToInt(Webhook::retry).sum());
  }

  private static State state(Webhook webhook) {
    return new State(
        webhook.url().toString(),
        webhook.waiting(),
        webhook.delivered(),
        webhook.lost(),
        webhook.trouble(),
        webhook.dead().stream().map(WebhooksController::letter).toList());
  }

  private static DeadLetter letter(Webhook.Letter letter) {
    return new DeadLetter(
        letter.id(),
        letter.events().size(),
        letter.events().getFirst().at(),
        letter.events().getLast().at());
  }
}
