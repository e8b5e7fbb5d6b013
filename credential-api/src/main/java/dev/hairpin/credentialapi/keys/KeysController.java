package dev.hairpin.credentialapi.keys;

import dev.hairpin.credentialapi.auth.ApiKey;
import dev.hairpin.credentialapi.auth.Bounds;
import dev.hairpin.credentialapi.auth.Caller;
import dev.hairpin.credentialapi.auth.KeyConflict;
import dev.hairpin.credentialapi.auth.KeyRing;
import dev.hairpin.credentialapi.auth.KeyRing.NewKey;
import dev.hairpin.credentialapi.auth.KeyWish;
import dev.hairpin.credentialapi.auth.KnownCallers;
import dev.hairpin.credentialapi.http.OpenApi;
import dev.hairpin.credentialapi.http.Refusal;
import dev.hairpin.credentialapi.http.StrictQuery;
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
import io.micronaut.scheduling.TaskExecutors;
import io.micronaut.scheduling.annotation.ExecuteOn;
import io.micronaut.security.annotation.Secured;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.enums.ParameterIn;
import io.swagger.v3.oas.annotations.headers.Header;
import io.swagger.v3.oas.annotations.media.Content;
import io.swagger.v3.oas.annotations.media.ExampleObject;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.parameters.RequestBody;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.security.SecurityRequirement;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Makes keys and takes them away. A caller of a tenant sees and changes keys of that tenant alone.
@Controller(KeysController.PATH)
@Secured("manage")
@ExecuteOn(TaskExecutors.BLOCKING)
@SecurityRequirement(name = OpenApi.BEARER, scopes = "manage")
@Tag(name = "keys")
final class KeysController {
  static final String PATH = "/v1/keys";

  private static final Logger LOG = LoggerFactory.getLogger(KeysController.class);
  private static final int MAX_LIMIT = 100;

  private final KnownCallers callers;
  private final Replays replays;

  KeysController(KnownCallers callers, Replays replays) {
    this.callers = callers;
    this.replays = replays;
  }

  @Get
  @Secured({"read", "manage"})
  @SecurityRequirement(name = OpenApi.BEARER, scopes = "read")
  @SecurityRequirement(name = OpenApi.BEARER, scopes = "manage")
  @Operation(
      operationId = "listKeys",
      summary = "List keys",
      description = "By their ids, also those that have expired in the last 30 days.",
      parameters = {
        @Parameter(
            name = "limit",
            in = ParameterIn.QUERY,
            description = "The most keys to get.",
            schema =
                @Schema(
                    implementation = Integer.class,
                    minimum = "1",
                    maximum = "100",
                    defaultValue = "100"),
            example = "20"),
        @Parameter(
            name = "after",
            in = ParameterIn.QUERY,
            description = "Only keys whose ids come after this one: next of the page before.",
            schema = @Schema(implementation = String.class),
            example = "6a12c3f09d27e4b1")
      })
  @ApiResponse(responseCode = "200", description = "Some keys.")
  @OpenApi.Refusals
  @OpenApi.MayBeElsewhere
  KeyAnswer.Page list(
      @Parameter(hidden = true) Caller caller, @Parameter(hidden = true) HttpRequest<?> request) {
    var query = StrictQuery.of(request, List.of("limit", "after"));
    int most = query.number("limit", MAX_LIMIT, MAX_LIMIT);
    String asked = query.text("after");
    String after = asked == null ? "" : asked;
    var found =
        ring().keys().stream()
            .filter(key -> isOf(caller, key) && key.id().compareTo(after) > 0)
            .limit(most + 1L)
            .map(key -> KeyAnswer.of(key, null))
            .toList();
    return found.size() > most
        ? new KeyAnswer.Page(found.subList(0, most), found.get(most - 1).id())
        : new KeyAnswer.Page(found, null);
  }

  @Get("/{id}")
  @Secured({"read", "manage"})
  @SecurityRequirement(name = OpenApi.BEARER, scopes = "read")
  @SecurityRequirement(name = OpenApi.BEARER, scopes = "manage")
  @Operation(operationId = "getKey", summary = "Tell of a key")
  @ApiResponse(responseCode = "200", description = "The key, without its secret.")
  @OpenApi.Refusals
  @OpenApi.MayBeElsewhere
  @OpenApi.NotFound
  KeyAnswer get(
      @Parameter(hidden = true) Caller caller,
      @PathVariable @Parameter(description = "As the list tells it.", example = "6a12c3f09d27e4b1")
          String id,
      @Parameter(hidden = true) HttpRequest<?> request) {
    var _ = StrictQuery.of(request, List.of());
    return KeyAnswer.of(find(caller, id), null);
  }

  @Post
  @Consumes(MediaType.APPLICATION_JSON)
  @Operation(
      operationId = "createKey",
      summary = "Make a key",
      description =
          "The answer is the only place where the key stands. A call with the same"
              + " Idempotency-Key and the same body gets the same answer for 10 minutes, and 409"
              + " from then on until a day has gone.",
      parameters =
          @Parameter(
              name = "Idempotency-Key",
              in = ParameterIn.HEADER,
              description = "Of the caller's choice, 1 to 255 visible characters of ASCII.",
              schema = @Schema(implementation = String.class, maxLength = 255),
              example = "5f0a2b0c-2d9b-4c6e-9a55-0c5f4d0b5d43"),
      requestBody =
          @RequestBody(
              required = true,
              content =
                  @Content(
                      mediaType = MediaType.APPLICATION_JSON,
                      schema = @Schema(implementation = KeyBody.Create.class),
                      examples = {
                        @ExampleObject(
                            name = "for a server",
                            value =
                                """
                                {"name": "signalling server", \
                                "expires": "2027-01-31T12:00:00Z"}\
                                """),
                        @ExampleObject(
                            name = "for pages",
                            value =
                                """
                                {"name": "web app", "origins": ["https://app.example.org"], \
                                "limits": "allocations=4;bytes=1000000000"}\
                                """)
                      })))
  @ApiResponse(
      responseCode = "201",
      description = "The key, with its secret.",
      headers =
          @Header(
              name = "Location",
              required = true,
              description = "Where the key is told of.",
              schema = @Schema(type = "string", example = "/v1/keys/6a12c3f09d27e4b1")),
      content =
          @Content(
              mediaType = MediaType.APPLICATION_JSON,
              schema = @Schema(implementation = KeyAnswer.class)))
  @OpenApi.Refusals
  @OpenApi.MayBeElsewhere
  @OpenApi.TakesJson
  @OpenApi.Conflict
  @OpenApi.Once
  @OpenApi.MayBeBusy
  HttpResponse<KeyAnswer> create(
      @Parameter(hidden = true) Caller caller,
      @Parameter(hidden = true) HttpRequest<byte[]> request) {
    var _ = StrictQuery.of(request, List.of());
    byte[] body = request.getBody().orElse(new byte[0]);
    var wish = KeyBody.create(body, caller.tenant());
    requireGrantable(caller, wish);
    var headers = request.getHeaders().getAll("Idempotency-Key");
    var answer =
        headers.isEmpty()
            ? told(make(caller, wish))
            : replays.once(
                caller.name(), String.join(", ", headers), body, () -> make(caller, wish));
    return HttpResponse.created(answer, URI.create(PATH + "/" + answer.id()));
  }

  /// Nobody gives what it does not have.
  private static void requireGrantable(Caller caller, KeyWish wish) {
    if (!isOf(caller, wish.tenant())) {
      throw new Refusal(HttpStatus.FORBIDDEN, "this caller makes keys for its own tenant alone");
    }
    if (!caller.scopes().containsAll(wish.scopes())) {
      throw new Refusal(HttpStatus.FORBIDDEN, "a caller grants only scopes that it has itself");
    }
    if (!caller.bounds().equals(Bounds.NONE)) {
      throw new Refusal(HttpStatus.FORBIDDEN, "a caller with limits of its own makes no keys");
    }
  }

  @Delete("/{id}")
  @Operation(operationId = "deleteKey", summary = "Revoke a key at once")
  @ApiResponse(responseCode = "204", description = "It is good no more.")
  @OpenApi.Refusals
  @OpenApi.MayBeElsewhere
  @OpenApi.NotFound
  @OpenApi.MayBeBusy
  HttpResponse<?> delete(
      @Parameter(hidden = true) Caller caller,
      @PathVariable @Parameter(description = "As the list tells it.", example = "6a12c3f09d27e4b1")
          String id,
      @Parameter(hidden = true) HttpRequest<?> request) {
    var _ = StrictQuery.of(request, List.of());
    var key = find(caller, id);
    writing(() -> ring().revoke(key.id()));
    LOG.info("key {} was revoked by {}", id, caller.name());
    return HttpResponse.noContent();
  }

  @Post("/{id}/rotate")
  @Consumes(MediaType.APPLICATION_JSON)
  @Operation(
      operationId = "rotateKey",
      summary = "Give a key a new secret",
      description = "An empty body leaves the former secret good for a day.",
      requestBody =
          @RequestBody(
              content =
                  @Content(
                      mediaType = MediaType.APPLICATION_JSON,
                      schema = @Schema(implementation = KeyBody.Rotate.class),
                      examples =
                          @ExampleObject(
                              name = "with an hour to change over",
                              value =
                                  """
                                  {"overlap": 3600}\
                                  """))))
  @ApiResponse(responseCode = "200", description = "The key, with its new secret.")
  @OpenApi.Refusals
  @OpenApi.MayBeElsewhere
  @OpenApi.NotFound
  @OpenApi.TakesJson
  @OpenApi.MayBeBusy
  KeyAnswer rotate(
      @Parameter(hidden = true) Caller caller,
      @PathVariable @Parameter(description = "As the list tells it.", example = "6a12c3f09d27e4b1")
          String id,
      @Parameter(hidden = true) HttpRequest<byte[]> request) {
    var _ = StrictQuery.of(request, List.of());
    var key = find(caller, id);
    requireGrantable(caller, key.wish());
    var overlap = KeyBody.overlap(request.getBody().orElse("{}".getBytes(StandardCharsets.UTF_8)));
    var rotated = writing(() -> ring().rotate(key.id(), overlap)).orElseThrow(KeysController::none);
    LOG.info("key {} was rotated by {}", id, caller.name());
    return told(rotated);
  }

  private NewKey make(Caller caller, KeyWish wish) {
    var made = writing(() -> ring().create(wish));
    LOG.info("key {} was made by {}", made.key().id(), caller.name());
    return made;
  }

  private static KeyAnswer told(NewKey key) {
    return KeyAnswer.of(key.key(), key.secret());
  }

  private KeyRing ring() {
    return callers
        .ring()
        .orElseThrow(() -> new Refusal(HttpStatus.NOT_IMPLEMENTED, "there is no key ring"));
  }

  private ApiKey find(Caller caller, String id) {
    return ring().get(id).filter(key -> isOf(caller, key)).orElseThrow(KeysController::none);
  }

  private static Refusal none() {
    return new Refusal(HttpStatus.NOT_FOUND, "there is no such key");
  }

  private static boolean isOf(Caller caller, ApiKey key) {
    return isOf(caller, key.tenant());
  }

  private static boolean isOf(Caller caller, @Nullable String tenant) {
    return caller.tenant() == null || caller.tenant().equals(tenant);
  }

  private interface Writing<T> {
    T write() throws IOException;
  }

  private static <T> T writing(Writing<T> writing) {
    try {
      return writing.write();
    } catch (KeyConflict e) {
      throw new Refusal(HttpStatus.CONFLICT, String.valueOf(e.getMessage()));
    } catch (IOException | IllegalArgumentException e) {
      LOG.error("the key ring cannot be changed: {}", e.toString());
      throw new Refusal(
          HttpStatus.SERVICE_UNAVAILABLE, "the key ring cannot be changed; the log says why");
    }
  }
}
