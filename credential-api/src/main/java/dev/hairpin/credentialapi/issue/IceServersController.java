package dev.hairpin.credentialapi.issue;

import dev.hairpin.credentialapi.auth.Caller;
import dev.hairpin.credentialapi.http.OpenApi;
import dev.hairpin.credentialapi.http.Refusal;
import io.micronaut.http.HttpRequest;
import io.micronaut.http.MediaType;
import io.micronaut.http.annotation.Consumes;
import io.micronaut.http.annotation.Controller;
import io.micronaut.http.annotation.Get;
import io.micronaut.http.annotation.Post;
import io.micronaut.security.annotation.Secured;
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

/// Issues credentials to callers that show an API key or a JWT.
@Controller("/v1/ice-servers")
@Secured("issue")
@SecurityRequirement(name = OpenApi.BEARER, scopes = "issue")
@Tag(name = "credentials")
final class IceServersController {
  private final Issuance issuance;

  IceServersController(Issuance issuance) {
    this.issuance = issuance;
  }

  @Post
  @Consumes(MediaType.APPLICATION_JSON)
  @Operation(
      operationId = "createIceServers",
      summary = "Issue a credential",
      description = "An empty body asks for the default lifetime, and with an API key for no user.",
      requestBody =
          @RequestBody(
              content =
                  @Content(
                      mediaType = MediaType.APPLICATION_JSON,
                      schema = @Schema(implementation = IceServersBody.class),
                      examples = {
                        @ExampleObject(
                            name = "for a user",
                            value =
                                """
                                {"user": "alice", "ttl": 3600}\
                                """),
                        @ExampleObject(
                            name = "with limits",
                            value =
                                """
                                {"user": "alice", "allocations": 2, "bytes": 1000000000, \
                                "transports": ["udp", "tls"]}\
                                """)
                      })))
  @ApiResponse(responseCode = "200", description = "STUN and TURN servers with a new credential.")
  @OpenApi.Refusals
  @OpenApi.TakesJson
  IceServers post(
      @Parameter(hidden = true) Caller caller,
      @Parameter(hidden = true) HttpRequest<byte[]> request) {
    if (!request.getParameters().names().isEmpty()) {
      throw Refusal.badRequest("with POST, what is asked for stands in the body");
    }
    var wish = request.getBody().map(IceServersRequest::ofJson).orElse(IceServersRequest.EMPTY);
    return IceServers.of(issuance.issue(caller, wish));
  }

  @Get
  @Operation(
      operationId = "getIceServers",
      summary = "Issue a credential, for callers that can only GET",
      parameters = {
        @Parameter(
            name = "user",
            in = ParameterIn.QUERY,
            description = "As in the body of POST.",
            schema = @Schema(implementation = String.class, maxLength = 255),
            example = "alice"),
        @Parameter(
            name = "ttl",
            in = ParameterIn.QUERY,
            description = "As in the body of POST, in seconds.",
            schema = @Schema(implementation = Integer.class, minimum = "1", maximum = "999999999"),
            example = "3600")
      })
  @ApiResponse(responseCode = "200", description = "STUN and TURN servers with a new credential.")
  @OpenApi.Refusals
  IceServers get(
      @Parameter(hidden = true) Caller caller, @Parameter(hidden = true) HttpRequest<?> request) {
    return IceServers.of(
        issuance.issue(caller, IceServersRequest.ofQuery(request.getParameters())));
  }
}
