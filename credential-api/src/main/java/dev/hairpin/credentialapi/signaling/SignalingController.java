package dev.hairpin.credentialapi.signaling;

import dev.hairpin.credentialapi.RoomSettings;
import dev.hairpin.credentialapi.http.ClientAddresses;
import dev.hairpin.credentialapi.http.OpenApi;
import dev.hairpin.credentialapi.http.Refusal;
import dev.hairpin.credentialapi.http.StrictQuery;
import io.micronaut.context.annotation.Requires;
import io.micronaut.http.HttpRequest;
import io.micronaut.http.HttpStatus;
import io.micronaut.http.annotation.Controller;
import io.micronaut.http.annotation.Get;
import io.micronaut.http.annotation.Produces;
import io.micronaut.http.annotation.Status;
import io.micronaut.security.annotation.Secured;
import io.micronaut.security.rules.SecurityRule;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.media.Content;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Objects;

/// Describes the WebSocket, and says why there is none; where there is one, the request does not
/// come here.
@Controller
@Requires(property = RoomSettings.PROPERTY)
@Secured(SecurityRule.IS_ANONYMOUS)
@Tag(name = "rooms")
final class SignalingController {
  private final SignalingUpgrade upgrade;
  private final ClientAddresses addresses;

  SignalingController(SignalingUpgrade upgrade, ClientAddresses addresses) {
    this.upgrade = upgrade;
    this.addresses = addresses;
  }

  @Get("/asyncapi.yml")
  @Produces("application/yaml")
  @Operation(operationId = "describeRooms", summary = "What is said in rooms, as YAML")
  @ApiResponse(
      responseCode = "200",
      description = "AsyncAPI 3.0.",
      content = @Content(mediaType = "application/yaml", schema = @Schema(type = "string")))
  @OpenApi.Open
  byte[] asyncApi() throws IOException {
    try (InputStream file = SignalingController.class.getResourceAsStream("/asyncapi.yml")) {
      return Objects.requireNonNull(file, "asyncapi.yml was not built in").readAllBytes();
    }
  }

  @Get(SignalingUpgrade.PATH)
  @Status(HttpStatus.SWITCHING_PROTOCOLS)
  @Operation(
      operationId = "signal",
      summary = "Open the WebSocket for rooms",
      description =
          "What is said over it stands in asyncapi.yml. The first message shows a room token; the"
              + " request itself needs no key.")
  @ApiResponse(responseCode = "101", description = "From here on it is a WebSocket (RFC 6455).")
  @ApiResponse(responseCode = "400", ref = "#/components/responses/BadRequest")
  @ApiResponse(responseCode = "426", ref = "#/components/responses/UpgradeRequired")
  @OpenApi.Open
  @OpenApi.MayBeBusy
  void refuse(@Parameter(hidden = true) HttpRequest<?> request) {
    var _ = StrictQuery.of(request, List.of());
    var fault = upgrade.fault(addresses.household(request), request.getHeaders()::getAll);
    throw switch (fault) {
      case NO_UPGRADE ->
          new Refusal(HttpStatus.UPGRADE_REQUIRED, "this is a WebSocket of version 13");
      case FOREIGN_ORIGIN ->
          new Refusal(HttpStatus.FORBIDDEN, "pages of this origin may not open it");
      case BUSY -> Refusal.untilLater("too many are about to join", Rooms.TO_JOIN.toSeconds());
      case null -> Refusal.untilLater("there was no room a moment ago", 1);
    };
  }
}
