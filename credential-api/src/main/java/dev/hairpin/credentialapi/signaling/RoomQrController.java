package dev.hairpin.credentialapi.signaling;

import dev.hairpin.credentialapi.RoomSettings;
import dev.hairpin.credentialapi.http.JsonBody;
import dev.hairpin.credentialapi.http.OpenApi;
import dev.hairpin.credentialapi.http.Refusal;
import dev.hairpin.credentialapi.http.StrictQuery;
import dev.hairpin.credentialapi.json.JsonFields;
import io.micronaut.context.annotation.Requires;
import io.micronaut.http.HttpRequest;
import io.micronaut.http.MediaType;
import io.micronaut.http.annotation.Consumes;
import io.micronaut.http.annotation.Controller;
import io.micronaut.http.annotation.Post;
import io.micronaut.http.annotation.Produces;
import io.micronaut.scheduling.TaskExecutors;
import io.micronaut.scheduling.annotation.ExecuteOn;
import io.micronaut.security.annotation.Secured;
import io.micronaut.security.rules.SecurityRule;
import io.nayuki.qrcodegen.QrCode;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.media.Content;
import io.swagger.v3.oas.annotations.media.ExampleObject;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.parameters.RequestBody;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.util.List;
import java.util.regex.Pattern;

/// Draws invitations for the cameras of others. Whoever holds one needs no key for that.
@Controller("/v1/rooms/qr")
@Requires(property = RoomSettings.PROPERTY)
@Secured(SecurityRule.IS_ANONYMOUS)
@ExecuteOn(TaskExecutors.BLOCKING)
@Tag(name = "rooms")
final class RoomQrController {
  private static final String SVG = "image/svg+xml";
  private static final int MAX_LINK = 1024;
  private static final int QUIET = 4; // modules around it, as ISO 18004 wants
  private static final Pattern LINK =
      Pattern.compile("https?://[!-~&&[^#\"<>\\\\^`{|}]]+#([!-~&&[^#]]+)");

  private final RoomTokens tokens;

  RoomQrController(RoomTokens tokens) {
    this.tokens = tokens;
  }

  @Schema(
      name = "RoomLink",
      description = "An invitation.",
      additionalProperties = Schema.AdditionalPropertiesValue.FALSE)
  record Link(
      @Schema(
              description = "The address of a page, with a room token as its fragment.",
              maxLength = MAX_LINK,
              example = "https://turn.example.org/call.html#eyJ0eXAiOiJyb29tK2p3dCJ9.e30.c2ln")
          String link) {
    static Link of(JsonFields fields) {
      String link = fields.text("link");
      if (link == null || link.length() > MAX_LINK) {
        throw Refusal.badRequest("link is needed, and has 1024 characters at most");
      }
      return new Link(link);
    }

    @Override
    public String toString() {
      return "Link";
    }
  }

  @Post
  @Consumes(MediaType.APPLICATION_JSON)
  @Produces(SVG)
  @Operation(
      operationId = "drawRoomLink",
      summary = "Draw an invitation as a QR code",
      description = "Needs no key; what is drawn has to hold a room token that is good.",
      requestBody =
          @RequestBody(
              required = true,
              content =
                  @Content(
                      mediaType = MediaType.APPLICATION_JSON,
                      schema = @Schema(implementation = Link.class),
                      examples =
                          @ExampleObject(
                              name = "a link",
                              value =
                                  """
                                  {"link": "https://turn.example.org/call.html\
                                  #eyJ0eXAiOiJyb29tK2p3dCJ9.e30.c2ln"}\
                                  """))))
  @ApiResponse(
      responseCode = "200",
      description = "The code.",
      content = @Content(mediaType = SVG, schema = @Schema(implementation = String.class)))
  @ApiResponse(responseCode = "400", ref = "#/components/responses/BadRequest")
  @OpenApi.Open
  @OpenApi.TakesJson
  String draw(@Parameter(hidden = true) HttpRequest<byte[]> request) {
    var _ = StrictQuery.of(request, List.of());
    String link = JsonBody.read(request, Link::of).link;
    var parts = LINK.matcher(link);
    if (!parts.matches()) {
      throw Refusal.badRequest("link is a URL with a room token as its fragment");
    }
    try {
      var _ = tokens.read(parts.group(1));
    } catch (Ending e) {
      throw Refusal.badRequest(e.detail());
    }
    return svg(QrCode.encodeText(link, QrCode.Ecc.LOW));
  }

  private static String svg(QrCode code) {
    int size = code.size + 2 * QUIET;
    var path = new StringBuilder();
    for (int y = 0; y < code.size; y++) {
      for (int x = 0; x < code.size; x++) {
        if (code.getModule(x, y)) {
          path.append('M').append(x + QUIET).append(' ').append(y + QUIET).append("h1v1h-1z");
        }
      }
    }
    return """
    <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" shape-rendering="crispEdges">\
    <path fill="#fff" d="M0 0h%dv%dH0z"/><path d="%s"/></svg>
    """
        .formatted(size, size, size, size, path);
  }
}
