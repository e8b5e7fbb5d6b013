package dev.hairpin.credentialapi.signaling;

import dev.hairpin.credentialapi.RoomSettings;
import dev.hairpin.credentialapi.auth.Bounds;
import dev.hairpin.credentialapi.auth.Caller;
import dev.hairpin.credentialapi.http.JsonBody;
import dev.hairpin.credentialapi.http.OpenApi;
import dev.hairpin.credentialapi.http.Refusal;
import dev.hairpin.credentialapi.http.StrictQuery;
import dev.hairpin.credentialapi.issue.Issuance;
import dev.hairpin.credentialapi.json.JsonFields;
import dev.hairpin.credentialapi.tenant.Tenants;
import io.micronaut.context.annotation.Requires;
import io.micronaut.http.HttpRequest;
import io.micronaut.http.HttpResponse;
import io.micronaut.http.HttpStatus;
import io.micronaut.http.MediaType;
import io.micronaut.http.annotation.Consumes;
import io.micronaut.http.annotation.Controller;
import io.micronaut.http.annotation.Delete;
import io.micronaut.http.annotation.Get;
import io.micronaut.http.annotation.PathVariable;
import io.micronaut.http.annotation.Post;
import io.micronaut.http.annotation.Status;
import io.micronaut.security.annotation.Secured;
import io.micronaut.serde.annotation.Serdeable;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.enums.ParameterIn;
import io.swagger.v3.oas.annotations.media.Content;
import io.swagger.v3.oas.annotations.media.ExampleObject;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.parameters.RequestBody;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.security.SecurityRequirement;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// Invites into rooms, shows them, and ends them.
@Controller("/v1/rooms")
@Requires(property = RoomSettings.PROPERTY)
@Tag(name = "rooms")
final class RoomsController {
  static final String PAGE = "/call.html#";

  private final Rooms rooms;
  private final RoomTokens tokens;
  private final Tenants tenants;
  private final Issuance issuance;
  private final InstantSource clock;

  RoomsController(
      Rooms rooms, RoomTokens tokens, Tenants tenants, Issuance issuance, InstantSource clock) {
    this.rooms = rooms;
    this.tokens = tokens;
    this.tenants = tenants;
    this.issuance = issuance;
    this.clock = clock;
  }

  @Schema(
      name = "RoomTokenRequest",
      description = "For whom, and for how long. Fields other than these are refused.",
      additionalProperties = Schema.AdditionalPropertiesValue.FALSE)
  record Wish(
      @Schema(
              description =
                  "The user of the credentials, as in a call for ice-servers. Left out, each"
                      + " participant gets a random one.",
              nullable = false,
              maxLength = 255,
              example = "alice")
          @Nullable String user,
      @Schema(
              description =
                  "For how many seconds participants may join by the token: clamped to 60 to 86400,"
                      + " 3600 if left out.",
              nullable = false,
              minimum = "1",
              maximum = "999999999",
              example = "3600")
          @Nullable Integer ttl) {
    private static final long STANDARD = 3600;
    private static final long MIN = 60;
    private static final long MAX = 86_400;
    private static final long MAX_WISH = 999_999_999;

    static Wish of(JsonFields fields) {
      String user = fields.text("user");
      Long ttl = fields.number("ttl");
      if (user != null) {
        var _ = Issuance.named(user);
      }
      if (ttl != null && (ttl < 1 || ttl > MAX_WISH)) {
        throw Refusal.badRequest("ttl is a whole number of seconds, 1 to 999999999");
      }
      return new Wish(user, ttl == null ? null : Math.toIntExact(ttl));
    }

    Duration lifetime() {
      return Duration.ofSeconds(ttl == null ? STANDARD : Math.clamp((long) ttl, MIN, MAX));
    }
  }

  @Serdeable
  @Schema(name = "RoomToken", description = "Lets whoever holds it into a room.")
  record Token(
      @Schema(description = "As in the path.", example = "standup") String room,
      @Schema(
              description = "For the message join; good for any number of participants.",
              example = "eyJ0eXAiOiJyb29tK2p3dCIsImFsZyI6IkhTMjU2In0.e30.c2lnbmF0dXJl")
          String token,
      @Schema(description = "Until when they may join.", example = "2026-11-22T03:00:00Z")
          Instant expiresAt,
      @Schema(
              description = "The page for calls at this server, with the token in the fragment.",
              example = "/call.html#eyJ0eXAiOiJyb29tK2p3dCIsImFsZyI6IkhTMjU2In0.e30.c2lnbmF0dXJl")
          String link) {
    @Override
    public String toString() {
      return "Token[" + room + "]";
    }
  }

  @Serdeable
  @Schema(name = "Rooms", description = "All that somebody is in.")
  record Page(@Schema(description = "In the order in which they began.") List<View> rooms) {}

  @Serdeable
  @Schema(name = "Room", description = "A room that somebody is in.")
  record View(
      @Schema(description = "Its name.", example = "standup") String room,
      @Schema(
              description = "Whose it is; left out where it is the server's own.",
              nullable = false,
              example = "acme")
          @Nullable String tenant,
      @Schema(description = "In the order of their joining.") List<Somebody> participants,
      @Schema(description = "When the first joined.", example = "2026-11-22T03:00:00Z")
          Instant since) {
    static View of(Room room) {
      return new View(
          room.name(),
          room.key().tenant(),
          room.participants().stream().map(p -> new Somebody(p.id(), p.name())).toList(),
          room.since());
    }
  }

  @Serdeable
  @Schema(name = "RoomParticipant", description = "One in a room.")
  record Somebody(
      @Schema(description = "Random.", example = "pXb0vqEUnQhGWwcl") String id,
      @Schema(description = "As it calls itself.", example = "Alice") String name) {}

  @Post("/{room}/tokens")
  @Status(HttpStatus.CREATED)
  @Secured("issue")
  @SecurityRequirement(name = OpenApi.BEARER, scopes = "issue")
  @Consumes(MediaType.APPLICATION_JSON)
  @Operation(
      operationId = "createRoomToken",
      summary = "Invite into a room",
      description = "The room need not be there; it begins when somebody joins.",
      requestBody =
          @RequestBody(
              content =
                  @Content(
                      mediaType = MediaType.APPLICATION_JSON,
                      schema = @Schema(implementation = Wish.class),
                      examples =
                          @ExampleObject(
                              name = "for an hour",
                              value =
                                  """
                                  {"user": "alice", "ttl": 3600}\
                                  """))))
  @ApiResponse(responseCode = "201", description = "A token, and a link that holds it.")
  @OpenApi.Refusals
  @OpenApi.TakesJson
  Token invite(
      @Parameter(hidden = true) Caller caller,
      @Parameter(hidden = true) HttpRequest<byte[]> request,
      @PathVariable
          @Parameter(
              description = "1 to 64 letters of A-Z, a-z, 0-9 and . _ ~ -",
              schema =
                  @Schema(
                      implementation = String.class,
                      pattern = "^(?!\\.{1,2}$)[A-Za-z0-9._~-]{1,64}$"),
              example = "standup")
          String room) {
    var _ = StrictQuery.of(request, List.of());
    if (!Invitation.ROOM.matcher(room).matches()) {
      throw Refusal.badRequest("a room's name is 1 to 64 letters of A-Z, a-z, 0-9 and . _ ~ -");
    }
    var _ = tenants.of(caller);
    var wish = JsonBody.read(request, Wish::of);
    var end = clock.instant().plus(wish.lifetime()).truncatedTo(ChronoUnit.SECONDS);
    var bounds = new Bounds(caller.bounds().maxTtl(), caller.bounds().limits(), false);
    var user = issuance.userFor(caller, wish.user());
    String token = tokens.sign(new Invitation(room, caller.tenant(), user, bounds, end));
    if (token.length() > RoomTokens.MAX_LENGTH) {
      throw Refusal.badRequest("user and limits of the caller make the token too long");
    }
    return new Token(room, token, end, PAGE + token);
  }

  @Get
  @Secured("read")
  @SecurityRequirement(name = OpenApi.BEARER, scopes = "read")
  @Operation(operationId = "listRooms", summary = "List the rooms")
  @ApiResponse(responseCode = "200", description = "Every room that the caller may see.")
  @OpenApi.Refusals
  Page list(
      @Parameter(hidden = true) Caller caller, @Parameter(hidden = true) HttpRequest<?> request) {
    var _ = StrictQuery.of(request, List.of());
    return new Page(
        rooms.map(View::of).stream()
            .filter(room -> caller.oversees(Objects.requireNonNullElse(room.tenant, "")))
            .toList());
  }

  @Delete("/{room}")
  @Secured("manage")
  @SecurityRequirement(name = OpenApi.BEARER, scopes = "manage")
  @Operation(
      operationId = "endRoom",
      summary = "End a room",
      description = "Everybody in it is sent away. Tokens for it stay good until they end.",
      parameters =
          @Parameter(
              name = "tenant",
              in = ParameterIn.QUERY,
              description = "Whose room it is. Left out for the caller's own, or the server's.",
              schema = @Schema(implementation = String.class),
              example = "acme"))
  @ApiResponse(responseCode = "204", description = "It has ended.")
  @OpenApi.Refusals
  @OpenApi.NotFound
  HttpResponse<?> end(
      @Parameter(hidden = true) Caller caller,
      @Parameter(hidden = true) HttpRequest<?> request,
      @PathVariable
          @Parameter(
              description = "As the list tells it.",
              schema = @Schema(implementation = String.class),
              example = "standup")
          String room) {
    String named = StrictQuery.of(request, List.of("tenant")).text("tenant");
    if (named != null) {
      caller.requireOverseer(named);
    }
    String tenant = named == null || named.isEmpty() ? caller.tenant() : named;
    if (!rooms.end(new Room.Key(tenant, room))) {
      throw new Refusal(HttpStatus.NOT_FOUND, "nobody is in a room of this name");
    }
    return HttpResponse.noContent();
  }
}
