package dev.hairpin.credentialapi.http;

import io.micronaut.http.HttpStatus;
import io.micronaut.http.exceptions.HttpStatusException;
import java.io.Serial;

/// A call that is refused in words that the caller may read.
public final class Refusal extends HttpStatusException {
  @Serial private static final long serialVersionUID = 1;

  private final String detail;

  public Refusal(HttpStatus status, String detail) {
    super(status, detail);
    this.detail = detail;
  }

  String detail() {
    return detail;
  }
}
