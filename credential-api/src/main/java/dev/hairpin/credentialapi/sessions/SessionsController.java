package dev.hairpin.credentialapi.sessions;

import dev.hairpin.credentialapi.LocalTurnServer;
import dev.hairpin.credentialapi.auth.Caller;
import dev.hairpin.credentialapi.http.OpenApi;
import dev.hairpin.credentialapi.http.Refusal;
import dev.hairpin.credentialapi.http.StrictQuery;
import dev.hairpin.turnserver.loop.Session;
import dev.hairpin.turnserver.net.IpAddress;
import dev.hairpin.turnserver.net.Transport;
import io.micronaut.http.HttpRequest;
import io.micronaut.http.HttpResponse;
import io.micronaut.http.HttpStatus;
import io.micronaut.http.annotation.Controller;
import io.micronaut.http.annotation.Delete;
import io.micronaut.http.annotation.Get;
import io.micronaut.http.annotation.PathVariable;
import io.micronaut.scheduling.TaskExecutors;
import io.micronaut.scheduling.annotation.ExecuteOn;
import io.micronaut.security.annotation.Secured;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.enums.ParameterIn;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.security.SecurityRequirement;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Shows sessions, and ends them.
@Controller("/v1/sessions")
@Secured("read")
@ExecuteOn(TaskExecutors.BLOCKING)
@Tag(name = "sessions")
final class SessionsController {
  private static final List<String> PARAMETERS =
      List.of("tenant", "user", "client", "transport", "limit", "after");
  private static final List<String> TRANSPORTS =
      Arrays.stream(Transport.values()).map(Transport::scheme).toList();
  private static final Pattern ID = Pattern.compile("[0-9a-f]{1,15}");
  private static final int DEFAULT_LIMIT = 100;
  private static final int MAX_LIMIT = 1000;

  private final LocalTurnServer turn;
  private final @Nullable SessionWatch watch;

  SessionsController(LocalTurnServer turn, @Nullable SessionWatch watch) {
    this.turn = turn;
    this.watch = watch;
  }

  @Get
  @SecurityRequirement(name = OpenApi.BEARER, scopes = "read")
  @Operation(
      operationId = "listSessions",
      summary = "List the sessions of the TURN server",
      parameters = {
        @Parameter(
            name = "tenant",
            in = ParameterIn.QUERY,
            description = "Of users of this tenant alone; empty for the server's own.",
            schema = @Schema(implementation = String.class),
            example = "acme"),
        @Parameter(
            name = "user",
            in = ParameterIn.QUERY,
            description = "Of this user alone, to the letter.",
            schema = @Schema(implementation = String.class),
            example = "alice"),
        @Parameter(
            name = "client",
            in = ParameterIn.QUERY,
            description = "Of clients at this IP address alone.",
            schema = @Schema(implementation = String.class),
            example = "203.0.113.5"),
        @Parameter(
            name = "transport",
            in = ParameterIn.QUERY,
            description = "Of clients that came by this alone.",
            schema = @Schema(implementation = String.class, pattern = "^(udp|tcp|d?tls)$"),
            example = "udp"),
        @Parameter(
            name = "limit",
            in = ParameterIn.QUERY,
            description = "How many to tell at most.",
            schema =
                @Schema(
                    implementation = Integer.class,
                    minimum = "1",
                    maximum = "1000",
                    defaultValue = "100"),
            example = "100"),
        @Parameter(
            name = "after",
            in = ParameterIn.QUERY,
            description = "The next of the page before.",
            schema = @Schema(implementation = String.class, pattern = "^[0-9a-f]{1,15}$"),
            example = "6b0c5e4a11d3")
      })
  @ApiResponse(responseCode = "200", description = "Some of the sessions.")
  @OpenApi.Refusals
  @OpenApi.MayBeElsewhere
  SessionsPage list(
      @Parameter(hidden = true) Caller caller, @Parameter(hidden = true) HttpRequest<?> request) {
    var query = StrictQuery.of(request, PARAMETERS);
    String transport = query.word("transport", TRANSPORTS);
    String tenant = query.text("tenant");
    String user = query.text("user");
    IpAddress client = ip(query.text("client"));
    String next = query.text("after");
    long after = next == null ? 0 : id(next, SessionsController::noPage);
    int limit = query.number("limit", DEFAULT_LIMIT, MAX_LIMIT);
    var asked =
        sessions(caller)
            .filter(session -> tenant == null || tenant.equals(SessionView.tenant(session)))
            .filter(session -> user == null || user.equals(session.credential().user().text()))
            .filter(
                session ->
                    transport == null || transport.equals(session.fiveTuple().transport().scheme()))
            .filter(session -> client == null || client.equals(session.fiveTuple().client().ip()))
            .toList();
    var rest = asked.stream().filter(session -> session.id() > after).limit(limit + 1L).toList();
    boolean isLast = rest.size() <= limit;
    var page = rest.stream().limit(limit).map(watch()::view).toList();
    return new SessionsPage(page, asked.size(), isLast ? null : page.getLast().id());
  }

  @Get("/{id}")
  @SecurityRequirement(name = OpenApi.BEARER, scopes = "read")
  @Operation(operationId = "getSession", summary = "Inspect a session")
  @ApiResponse(responseCode = "200", description = "As it is now.")
  @OpenApi.Refusals
  @OpenApi.NotFound
  @OpenApi.MayBeElsewhere
  SessionView get(
      @Parameter(hidden = true) Caller caller,
      @Parameter(hidden = true) HttpRequest<?> request,
      @PathVariable @Parameter(description = "As the list tells it.", example = "6b0c5e4a11d3")
          String id) {
    var _ = StrictQuery.of(request, List.of());
    return watch().view(find(caller, id));
  }

  @Delete("/{id}")
  @Secured("manage")
  @SecurityRequirement(name = OpenApi.BEARER, scopes = "manage")
  @Operation(
      operationId = "endSession",
      summary = "End a session",
      description =
          "At once. Its client may allocate anew, unless its credential is revoked as well.")
  @ApiResponse(responseCode = "204", description = "It has ended.")
  @OpenApi.Refusals
  @OpenApi.NotFound
  @OpenApi.MayBeElsewhere
  HttpResponse<?> end(
      @Parameter(hidden = true) Caller caller,
      @Parameter(hidden = true) HttpRequest<?> request,
      @PathVariable @Parameter(description = "As the list tells it.", example = "6b0c5e4a11d3")
          String id) {
    var _ = StrictQuery.of(request, List.of());
    var session = find(caller, id);
    if (!turn.get().end(session.id())) {
      throw gone();
    }
    return HttpResponse.noContent();
  }

  private Session find(Caller caller, String text) {
    long id = id(text, SessionsController::gone);
    return sessions(caller)
        .filter(session -> session.id() == id)
        .findFirst()
        .orElseThrow(SessionsController::gone);
  }

  private Stream<Session> sessions(Caller caller) {
    return watch().sessions().stream()
        .filter(session -> caller.oversees(SessionView.tenant(session)));
  }

  private SessionWatch watch() {
    var _ = turn.get();
    return Objects.requireNonNull(watch);
  }

  private static long id(String text, Supplier<Refusal> otherwise) {
    if (!ID.matcher(text).matches()) {
      throw otherwise.get();
    }
    return Long.parseLong(text, 16);
  }

  private static @Nullable IpAddress ip(@Nullable String text) {
    try {
      return text == null ? null : IpAddress.parse(text);
    } catch (IllegalArgumentException _) {
      throw Refusal.badRequest("client is an IP address");
    }
  }

  private static Refusal noPage() {
    return Refusal.badRequest("after is what next said of the page before");
  }

  private static Refusal gone() {
    return new Refusal(HttpStatus.NOT_FOUND, "there is no such session, or none any more");
  }
}
