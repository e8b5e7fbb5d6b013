package dev.hairpin.credentialapi.http;

import io.swagger.v3.oas.annotations.OpenAPIDefinition;
import io.swagger.v3.oas.annotations.enums.SecuritySchemeType;
import io.swagger.v3.oas.annotations.headers.Header;
import io.swagger.v3.oas.annotations.info.Info;
import io.swagger.v3.oas.annotations.info.License;
import io.swagger.v3.oas.annotations.media.Content;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.security.SecurityScheme;
import io.swagger.v3.oas.annotations.servers.Server;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/// What `openapi.yml` says of the API as a whole. The compiler writes the file from this class and
/// from the annotations of the controllers.
@OpenAPIDefinition(
    info =
        @Info(
            title = "Hairpin credential API",
            version = "1",
            description =
                "Issues time-limited TURN credentials, in the form that WebRTC's RTCPeerConnection"
                    + " takes. Every refusal is an application/problem+json (RFC 9457).",
            license =
                @License(
                    name = "Apache-2.0",
                    url = "https://www.apache.org/licenses/LICENSE-2.0.txt")),
    servers = @Server(url = "/"))
@SecurityScheme(
    name = OpenApi.BEARER,
    type = SecuritySchemeType.HTTP,
    scheme = "bearer",
    description =
        "An API key; or a JWT by a configured secret or a published key, with the claims exp and"
            + " sub, whose subject becomes the user.")
public final class OpenApi {
  public static final String BEARER = "bearer";

  private OpenApi() {}

  /// The refusals that every call with a key can meet.
  @Target(ElementType.METHOD)
  @Retention(RetentionPolicy.RUNTIME)
  @ApiResponse(
      responseCode = "400",
      description = "The request has an unknown field, a value of a wrong type or out of range.",
      content =
          @Content(
              mediaType = Problem.MEDIA_TYPE,
              schema = @Schema(implementation = Problem.class)))
  @ApiResponse(
      responseCode = "401",
      description = "There is no API key or JWT, or it is not valid. Which of them, is not told.",
      headers = @Header(name = "WWW-Authenticate", description = "Bearer"),
      content =
          @Content(
              mediaType = Problem.MEDIA_TYPE,
              schema = @Schema(implementation = Problem.class)))
  @ApiResponse(
      responseCode = "403",
      description =
          "The key has not the scope, or the JWT's subject is another than the user asked for.",
      content =
          @Content(
              mediaType = Problem.MEDIA_TYPE,
              schema = @Schema(implementation = Problem.class)))
  @ApiResponse(
      responseCode = "429",
      description = "The caller calls too often.",
      headers = {
        @Header(name = "Retry-After", description = "Seconds until a call may succeed."),
        @Header(name = "RateLimit-Policy", description = "What the caller gets: q calls in w s."),
        @Header(name = "RateLimit", description = "What is left: r calls; in t s more.")
      },
      content =
          @Content(
              mediaType = Problem.MEDIA_TYPE,
              schema = @Schema(implementation = Problem.class)))
  public @interface Refusals {}

  /// Asks the TURN server, which may run in another process.
  @Target(ElementType.METHOD)
  @Retention(RetentionPolicy.RUNTIME)
  @ApiResponse(
      responseCode = "501",
      description = "The TURN server runs in another process: call the API of that one.",
      content =
          @Content(
              mediaType = Problem.MEDIA_TYPE,
              schema = @Schema(implementation = Problem.class)))
  public @interface AsksTurnServer {}

  /// Has room for so many.
  @Target(ElementType.METHOD)
  @Retention(RetentionPolicy.RUNTIME)
  @ApiResponse(
      responseCode = "503",
      description = "There is no room; the detail says for what. Ask again later.",
      content =
          @Content(
              mediaType = Problem.MEDIA_TYPE,
              schema = @Schema(implementation = Problem.class)))
  public @interface MayBeBusy {}

  /// Names a thing that may not be there.
  @Target(ElementType.METHOD)
  @Retention(RetentionPolicy.RUNTIME)
  @ApiResponse(
      responseCode = "404",
      description = "There is none of this name, or it is another tenant's.",
      content =
          @Content(
              mediaType = Problem.MEDIA_TYPE,
              schema = @Schema(implementation = Problem.class)))
  public @interface NotFound {}

  /// For calls that make something.
  @Target(ElementType.METHOD)
  @Retention(RetentionPolicy.RUNTIME)
  @ApiResponse(
      responseCode = "409",
      description = "There is one of this name already, or there are too many.",
      content =
          @Content(
              mediaType = Problem.MEDIA_TYPE,
              schema = @Schema(implementation = Problem.class)))
  @ApiResponse(
      responseCode = "422",
      description = "The Idempotency-Key came with another body before.",
      content =
          @Content(
              mediaType = Problem.MEDIA_TYPE,
              schema = @Schema(implementation = Problem.class)))
  public @interface Conflict {}
}
