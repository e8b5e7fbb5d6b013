package dev.hairpin.credentialapi.http;

import io.micronaut.http.HttpStatus;
import io.micronaut.serde.annotation.Serdeable;
import io.swagger.v3.oas.annotations.media.Schema;

/// Why a call was refused (RFC 9457), without anything internal.
@Serdeable
@Schema(description = "Why a call was refused, as RFC 9457 describes it.")
public record Problem(
    @Schema(description = "Always about:blank: the status says it all.", example = "about:blank")
        String type,
    @Schema(description = "The name of the status.", example = "Bad Request") String title,
    @Schema(description = "The HTTP status.", example = "400") int status,
    @Schema(
            description = "What was wrong with this very call.",
            example = "ttl is a whole number of seconds, 1 to 999999999")
        String detail) {
  public static final String MEDIA_TYPE = "application/problem+json";

  static Problem of(HttpStatus status, String detail) {
    return new Problem("about:blank", status.getReason(), status.getCode(), detail);
  }
}
