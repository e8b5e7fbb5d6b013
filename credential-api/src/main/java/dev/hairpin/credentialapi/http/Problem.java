package dev.hairpin.credentialapi.http;

import io.micronaut.http.HttpStatus;
import io.micronaut.serde.annotation.Serdeable;

/// Why a call was refused (RFC 9457), without anything internal. `src/main/openapi/shared.yml`
/// describes it.
@Serdeable
public record Problem(String type, String title, int status, String detail) {
  public static final String MEDIA_TYPE = "application/problem+json";

  static Problem of(HttpStatus status, String detail) {
    return new Problem("about:blank", status.getReason(), status.getCode(), detail);
  }
}
