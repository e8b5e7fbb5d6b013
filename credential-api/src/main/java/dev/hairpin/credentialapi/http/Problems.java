package dev.hairpin.credentialapi.http;

import io.micronaut.http.HttpHeaders;
import io.micronaut.http.HttpRequest;
import io.micronaut.http.HttpStatus;
import io.micronaut.http.MediaType;
import io.micronaut.http.MutableHttpResponse;
import io.micronaut.http.server.exceptions.response.ErrorContext;
import io.micronaut.http.server.exceptions.response.ErrorResponseProcessor;
import jakarta.inject.Singleton;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Writes every refusal, and counts it. What it says is a [Refusal]'s words or a sentence per
/// status, never the message of another exception.
@Singleton
final class Problems implements ErrorResponseProcessor<Object> {
  private static final Logger LOG = LoggerFactory.getLogger(Problems.class);

  private final ApiMetrics metrics;
  private final List<RefusalShape> shapes;

  /// @param shapes of paths that refuse otherwise than by a [Problem]
  Problems(ApiMetrics metrics, List<RefusalShape> shapes) {
    this.metrics = metrics;
    this.shapes = shapes;
  }

  @Override
  public MutableHttpResponse<Object> processResponse(
      ErrorContext context, MutableHttpResponse<?> response) {
    var refusal = context.getRootCause().map(e -> e instanceof Refusal own ? own : null);
    String detail = refusal.map(Refusal::detail).orElse(standardDetail(response.status()));
    refusal
        .map(Refusal::retrySeconds)
        .filter(seconds -> seconds > 0)
        .ifPresent(seconds -> response.header(HttpHeaders.RETRY_AFTER, seconds.toString()));
    if (response.status() == HttpStatus.UPGRADE_REQUIRED) { // RFC 9110 §15.5.22
      response.header(HttpHeaders.UPGRADE, "websocket");
    }
    // A request that could not be read passes no filter.
    ResponseHeaders.set(context.getRequest(), response);
    Object body = shaped(context.getRequest(), response, detail);
    metrics.refused(response.status());
    if (response.status() == HttpStatus.INTERNAL_SERVER_ERROR) { // what failed stands beside it
      LOG.warn("call {} failed", RequestIds.of(context.getRequest()));
    }
    return body == null
        ? response
            .<Object>body(Problem.of(response.status(), detail))
            .contentType(Problem.MEDIA_TYPE)
        : response.body(body).contentType(MediaType.APPLICATION_JSON_TYPE);
  }

  /// Null where a [Problem] will do.
  private @Nullable Object shaped(
      HttpRequest<?> request, MutableHttpResponse<?> response, String detail) {
    return shapes.stream()
        .filter(shape -> shape.isAt(request.getPath()))
        .findFirst()
        .map(shape -> shape.refuse(request, response, detail))
        .orElse(null);
  }

  private static String standardDetail(HttpStatus status) {
    return switch (status) {
      case BAD_REQUEST -> "the request is malformed";
      case UNAUTHORIZED -> "a valid API key or JWT is needed, as Authorization: Bearer";
      case FORBIDDEN -> "the key or token has not the scope that this call needs";
      case NOT_FOUND -> "nothing is here";
      case METHOD_NOT_ALLOWED -> "the header Allow names the methods that this path knows";
      case REQUEST_ENTITY_TOO_LARGE ->
          "the most is %d bytes of body, %d of headers, %d of request line"
              .formatted(
                  Limits.MAX_BODY_BYTES, Limits.MAX_HEADER_BYTES, Limits.MAX_REQUEST_LINE_BYTES);
      case UNSUPPORTED_MEDIA_TYPE -> "a body must be application/json";
      case INTERNAL_SERVER_ERROR -> "the server failed; its log says more";
      default -> status.getReason();
    };
  }
}
