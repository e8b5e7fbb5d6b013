package dev.hairpin.credentialapi.http;

import io.swagger.v3.oas.annotations.OpenAPIDefinition;
import io.swagger.v3.oas.annotations.enums.SecuritySchemeType;
import io.swagger.v3.oas.annotations.info.Info;
import io.swagger.v3.oas.annotations.info.License;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.security.SecurityScheme;
import io.swagger.v3.oas.annotations.servers.Server;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/// What `openapi.json` says of the API as a whole. The compiler writes the file from this class,
/// from `src/main/openapi/shared.yml`, and from the annotations of the controllers.
@OpenAPIDefinition(
    info =
        @Info(
            title = "Hairpin credential API",
            version = "1",
            description =
                """
                Issues time-limited TURN credentials, in the form that WebRTC's RTCPeerConnection \
                takes, and looks after the TURN server.

                Every refusal is an application/problem+json (RFC 9457). Besides those that stand \
                with each operation there are: 404 where nothing is at a path, 405 where a path \
                has no such method, with the header Allow, and 500 where the server failed.

                Every answer has the header X-Request-Id. Answers to known callers have \
                RateLimit-Policy and RateLimit, where calls are limited.
                """,
            license =
                @License(
                    name = "Apache-2.0",
                    url = "https://www.apache.org/licenses/LICENSE-2.0.txt")),
    servers = @Server(url = "/"),
    tags = {
      @Tag(name = "credentials", description = "Issued, inspected and revoked."),
      @Tag(name = "keys", description = "Who may call."),
      @Tag(name = "sessions", description = "Allocations, and who is told of them."),
      @Tag(name = "rooms", description = "Where pages find each other for calls."),
      @Tag(name = "tenants", description = "Who shares the servers."),
      @Tag(name = "usage", description = "What was used."),
      @Tag(name = "operations", description = "Health, counts and the server as a whole.")
    })
@SecurityScheme(
    name = OpenApi.BEARER,
    type = SecuritySchemeType.HTTP,
    scheme = "bearer",
    description =
        "An API key; or a JWT by a configured secret or a published key, with the claims exp and"
            + " sub, whose subject becomes the user.")
public final class OpenApi {
  public static final String BEARER = "bearer";

  private static final String RESPONSES = "#/components/responses/";

  private OpenApi() {}

  /// The refusals that a call meets though it needs no key. One that is shown is judged all the
  /// same.
  @Target(ElementType.METHOD)
  @Retention(RetentionPolicy.RUNTIME)
  @ApiResponse(responseCode = "403", ref = RESPONSES + "Forbidden")
  @ApiResponse(responseCode = "406", ref = RESPONSES + "NotAcceptable")
  @ApiResponse(responseCode = "413", ref = RESPONSES + "TooLarge")
  @ApiResponse(responseCode = "429", ref = RESPONSES + "TooManyRequests")
  public @interface Open {}

  /// The refusals that every call with a key can meet.
  @Target(ElementType.METHOD)
  @Retention(RetentionPolicy.RUNTIME)
  @ApiResponse(responseCode = "400", ref = RESPONSES + "BadRequest")
  @ApiResponse(responseCode = "401", ref = RESPONSES + "Unauthorized")
  @ApiResponse(responseCode = "403", ref = RESPONSES + "Forbidden")
  @ApiResponse(responseCode = "406", ref = RESPONSES + "NotAcceptable")
  @ApiResponse(responseCode = "413", ref = RESPONSES + "TooLarge")
  @ApiResponse(responseCode = "429", ref = RESPONSES + "TooManyRequests")
  public @interface Refusals {}

  /// Takes a body of JSON and nothing else.
  @Target(ElementType.METHOD)
  @Retention(RetentionPolicy.RUNTIME)
  @ApiResponse(responseCode = "415", ref = RESPONSES + "UnsupportedMediaType")
  public @interface TakesJson {}

  /// Asks for what may not be in this process: the TURN server, the key ring.
  @Target(ElementType.METHOD)
  @Retention(RetentionPolicy.RUNTIME)
  @ApiResponse(responseCode = "501", ref = RESPONSES + "NotImplemented")
  public @interface MayBeElsewhere {}

  /// Does what may fail for a while.
  @Target(ElementType.METHOD)
  @Retention(RetentionPolicy.RUNTIME)
  @ApiResponse(responseCode = "503", ref = RESPONSES + "ServiceUnavailable")
  public @interface MayBeBusy {}

  /// Names a thing that may not be there.
  @Target(ElementType.METHOD)
  @Retention(RetentionPolicy.RUNTIME)
  @ApiResponse(responseCode = "404", ref = RESPONSES + "NotFound")
  public @interface NotFound {}

  /// Changes what may stand against it.
  @Target(ElementType.METHOD)
  @Retention(RetentionPolicy.RUNTIME)
  @ApiResponse(responseCode = "409", ref = RESPONSES + "Conflict")
  public @interface Conflict {}

  /// Makes something once, by an `Idempotency-Key`.
  @Target(ElementType.METHOD)
  @Retention(RetentionPolicy.RUNTIME)
  @ApiResponse(responseCode = "422", ref = RESPONSES + "UnprocessableContent")
  public @interface Once {}
}
