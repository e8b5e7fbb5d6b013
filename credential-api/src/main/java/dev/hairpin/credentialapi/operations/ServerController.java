package dev.hairpin.credentialapi.operations;

import dev.hairpin.credentialapi.LocalTurnServer;
import dev.hairpin.credentialapi.auth.Caller;
import dev.hairpin.credentialapi.http.JsonBody;
import dev.hairpin.credentialapi.http.OpenApi;
import dev.hairpin.credentialapi.http.Refusal;
import dev.hairpin.credentialapi.http.StrictQuery;
import dev.hairpin.turnserver.net.ListenUrl;
import io.micronaut.http.HttpRequest;
import io.micronaut.http.HttpStatus;
import io.micronaut.http.MediaType;
import io.micronaut.http.annotation.Consumes;
import io.micronaut.http.annotation.Controller;
import io.micronaut.http.annotation.Get;
import io.micronaut.http.annotation.Post;
import io.micronaut.scheduling.TaskExecutors;
import io.micronaut.scheduling.annotation.ExecuteOn;
import io.micronaut.security.annotation.Secured;
import io.micronaut.serde.annotation.Serdeable;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.security.SecurityRequirement;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What operators do to the server as a whole. Not for callers of a tenant.
@Controller("/v1/server")
@Secured("manage")
@ExecuteOn(TaskExecutors.BLOCKING)
@Tag(name = "operations")
public final class ServerController {
  private final LocalTurnServer turn;
  private volatile @Nullable Reloader reloader;

  ServerController(LocalTurnServer turn) {
    this.turn = turn;
  }

  /// Reloads by this from now on.
  public void reloadBy(Reloader newReloader) {
    reloader = newReloader;
  }

  @Serdeable
  @Schema(name = "Server", description = "The TURN server in this process.")
  record ServerState(
      @Schema(description = "Whether new clients are sent away.", example = "false")
          boolean draining,
      @Schema(description = "How many sessions there are.", example = "2") long sessions,
      @Schema(description = "Where clients are served.", example = "[\"udp://192.0.2.1:3478\"]")
          List<String> listeners) {}

  @Serdeable
  @Schema(name = "Reloaded", description = "What a reload could not bring into force.")
  record Reloaded(
      @Schema(
              description = "Keys that have changed and wait for the next start.",
              example = "[\"listen\"]")
          List<String> waiting) {}

  @Get
  @Secured("read")
  @SecurityRequirement(name = OpenApi.BEARER, scopes = "read")
  @Operation(operationId = "getServer", summary = "The state of the TURN server")
  @ApiResponse(responseCode = "200", description = "As it is now.")
  @OpenApi.Refusals
  @OpenApi.MayBeElsewhere
  ServerState get(
      @Parameter(hidden = true) Caller caller,
      @Parameter(hidden = true) HttpRequest<byte[]> request) {
    require(caller, request);
    return state();
  }

  @Post("/drain")
  @SecurityRequirement(name = OpenApi.BEARER, scopes = "manage")
  @Consumes(MediaType.ALL)
  @Operation(
      operationId = "drainServer",
      summary = "Send new clients away",
      description =
          "They are told of the alternate servers, or get 508. Sessions that run go on, and"
              + " /readyz tells 503.")
  @ApiResponse(responseCode = "200", description = "It drains.")
  @OpenApi.Refusals
  @OpenApi.MayBeElsewhere
  ServerState drain(
      @Parameter(hidden = true) Caller caller,
      @Parameter(hidden = true) HttpRequest<byte[]> request) {
    require(caller, request);
    turn.get().drain();
    return state();
  }

  @Post("/resume")
  @SecurityRequirement(name = OpenApi.BEARER, scopes = "manage")
  @Consumes(MediaType.ALL)
  @Operation(operationId = "resumeServer", summary = "Take new clients again")
  @ApiResponse(responseCode = "200", description = "It takes them.")
  @OpenApi.Refusals
  @OpenApi.MayBeElsewhere
  ServerState resume(
      @Parameter(hidden = true) Caller caller,
      @Parameter(hidden = true) HttpRequest<byte[]> request) {
    require(caller, request);
    turn.get().resume();
    return state();
  }

  @Post("/reload")
  @SecurityRequirement(name = OpenApi.BEARER, scopes = "manage")
  @Consumes(MediaType.ALL)
  @Operation(
      operationId = "reloadServer",
      summary = "Read the configuration again",
      description =
          "As SIGHUP does: all of it that can change comes into force, or nothing:"
              + " 409 says where it is wrong.")
  @ApiResponse(responseCode = "200", description = "It is in force.")
  @OpenApi.Conflict
  @OpenApi.Refusals
  @OpenApi.MayBeElsewhere
  Reloaded reload(
      @Parameter(hidden = true) Caller caller,
      @Parameter(hidden = true) HttpRequest<byte[]> request) {
    require(caller, request);
    var how = reloader;
    if (how == null) {
      throw new Refusal(HttpStatus.NOT_IMPLEMENTED, "nothing here can be read again");
    }
    try {
      return new Reloaded(how.reload());
    } catch (Reloader.Refused e) {
      throw new Refusal(HttpStatus.CONFLICT, String.valueOf(e.getMessage()));
    }
  }

  private static void require(Caller caller, HttpRequest<byte[]> request) {
    caller.requireOverseer("");
    var _ = StrictQuery.of(request, List.of());
    var _ = JsonBody.read(request, fields -> fields);
  }

  private ServerState state() {
    var server = turn.get();
    return new ServerState(
        server.isDraining(),
        server.telemetry().liveAllocations(),
        server.listeners().stream().map(ListenUrl::toString).toList());
  }
}
