package dev.hairpin.credentialapi.events;

import dev.hairpin.credentialapi.LocalTurnServer;
import dev.hairpin.credentialapi.auth.Caller;
import dev.hairpin.credentialapi.auth.KnownCallers;
import dev.hairpin.credentialapi.auth.Scope;
import dev.hairpin.credentialapi.http.OpenApi;
import dev.hairpin.credentialapi.http.StrictQuery;
import dev.hairpin.credentialapi.sessions.SessionEvent;
import io.micronaut.http.HttpRequest;
import io.micronaut.http.MediaType;
import io.micronaut.http.annotation.Controller;
import io.micronaut.http.annotation.Get;
import io.micronaut.http.annotation.Produces;
import io.micronaut.http.sse.Event;
import io.micronaut.security.annotation.Secured;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.media.Content;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.security.SecurityRequirement;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.util.List;
import org.reactivestreams.Publisher;

/// What happens, as it happens.
@Controller("/v1/events")
@Secured("read")
@SecurityRequirement(name = OpenApi.BEARER, scopes = "read")
@Tag(name = "sessions")
final class EventsController {
  private final LiveEvents events;
  private final LocalTurnServer turn;
  private final KnownCallers callers;

  EventsController(LiveEvents events, LocalTurnServer turn, KnownCallers callers) {
    this.events = events;
    this.turn = turn;
    this.callers = callers;
  }

  @Get
  @Produces(MediaType.TEXT_EVENT_STREAM)
  @Operation(
      operationId = "followEvents",
      summary = "Follow the sessions that start and end",
      description =
          "Server-sent events, as browsers' EventSource reads them, until the caller goes or its"
              + " key or token ends. A heartbeat comes at once and every ten seconds.")
  @ApiResponse(
      responseCode = "200",
      description = "session.started, session.ended and heartbeat.",
      content =
          @Content(
              mediaType = MediaType.TEXT_EVENT_STREAM,
              schema = @Schema(implementation = SessionEvent.class)))
  @OpenApi.Refusals
  @OpenApi.MayBeElsewhere
  @OpenApi.MayBeBusy
  Publisher<Event<Object>> follow(
      @Parameter(hidden = true) Caller caller, @Parameter(hidden = true) HttpRequest<?> request) {
    var _ = StrictQuery.of(request, List.of());
    var _ = turn.get();
    return events.listen(
        event -> caller.oversees(event.session().owner()), callers.lasting(request, Scope.READ));
  }
}
