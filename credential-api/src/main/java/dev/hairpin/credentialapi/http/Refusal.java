package dev.hairpin.credentialapi.http;

import io.micronaut.http.HttpStatus;
import io.micronaut.http.exceptions.HttpStatusException;
import java.io.Serial;

/// A call that is refused in words that the caller may read.
public final class Refusal extends HttpStatusException {
  @Serial private static final long serialVersionUID = 1;

  private final String detail;
  private final long retrySeconds;

  public Refusal(HttpStatus status, String detail) {
    this(status, detail, 0);
  }

  private Refusal(HttpStatus status, String detail, long retrySeconds) {
    super(status, detail);
    this.detail = detail;
    this.retrySeconds = retrySeconds;
  }

  /// What cannot be made sense of.
  public static Refusal badRequest(String detail) {
    return new Refusal(HttpStatus.BAD_REQUEST, detail);
  }

  /// What cannot be served now may be served in so many seconds.
  public static Refusal untilLater(String detail, long retrySeconds) {
    return new Refusal(HttpStatus.SERVICE_UNAVAILABLE, detail, retrySeconds);
  }

  String detail() {
    return detail;
  }

  /// 0 where nobody knows.
  long retrySeconds() {
    return retrySeconds;
  }
}
