package dev.hairpin.credentialapi.auth;

import io.micronaut.core.order.Ordered;
import io.micronaut.http.HttpHeaders;
import io.micronaut.http.HttpMethod;
import io.micronaut.http.HttpRequest;
import io.micronaut.http.HttpResponse;
import io.micronaut.http.HttpStatus;
import io.micronaut.http.MutableHttpResponse;
import io.micronaut.http.annotation.RequestFilter;
import io.micronaut.http.annotation.ResponseFilter;
import io.micronaut.http.annotation.ServerFilter;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Lets pages of other origins call (WHATWG Fetch §3.2): those of `api.cors-origins` and those that
/// have a key of their own, which come and go while the server runs. A preflight bears no key, so
/// an origin may call where any live key names it. Origins are compared to the letter; there is no
/// wildcard, and nothing that a browser sends by itself (cookies) is ever allowed.
@ServerFilter(ServerFilter.MATCH_ALL_PATTERN)
final class Cors implements Ordered {
  private static final Set<String> METHODS = Set.of("GET", "POST");
  private static final Set<String> HEADERS = Set.of("authorization", "content-type");
  private static final String EXPOSED =
      "Link, RateLimit, RateLimit-Policy, Retry-After, X-Request-Id";
  private static final String MAX_AGE = "600";

  private final KnownCallers callers;

  Cors(KnownCallers callers) {
    this.callers = callers;
  }

  /// Around all that may refuse, so that a page can read why.
  @Override
  public int getOrder() {
    return Ordered.HIGHEST_PRECEDENCE + 1;
  }

  /// Answers a preflight; all else goes on.
  @RequestFilter
  @Nullable HttpResponse<?> answer(HttpRequest<?> request) {
    String origin = admitted(request);
    String method = request.getHeaders().get(HttpHeaders.ACCESS_CONTROL_REQUEST_METHOD);
    if (request.getMethod() != HttpMethod.OPTIONS || origin == null || method == null) {
      return null;
    }
    var headers =
        request.getHeaders().getAll(HttpHeaders.ACCESS_CONTROL_REQUEST_HEADERS).stream()
            .flatMap(list -> Arrays.stream(list.split(",", -1)))
            .map(name -> name.strip().toLowerCase(Locale.ROOT))
            .toList();
    if (!METHODS.contains(method) || !HEADERS.containsAll(headers)) {
      return HttpResponse.status(HttpStatus.FORBIDDEN);
    }
    var answer =
        HttpResponse.ok() // passes no filter of responses but those around this one
            .header(HttpHeaders.ACCESS_CONTROL_ALLOW_ORIGIN, origin)
            .header(HttpHeaders.ACCESS_CONTROL_ALLOW_METHODS, method)
            .header(HttpHeaders.ACCESS_CONTROL_MAX_AGE, MAX_AGE);
    headers.forEach(name -> answer.header(HttpHeaders.ACCESS_CONTROL_ALLOW_HEADERS, name));
    return answer;
  }

  @ResponseFilter
  void allow(HttpRequest<?> request, MutableHttpResponse<?> response) {
    String origin = admitted(request);
    if (origin != null) {
      response.header(HttpHeaders.ACCESS_CONTROL_ALLOW_ORIGIN, origin);
      response.header(HttpHeaders.ACCESS_CONTROL_EXPOSE_HEADERS, EXPOSED);
    }
  }

  /// The origin of the page that calls; null where none does, or none that may.
  private @Nullable String admitted(HttpRequest<?> request) {
    List<String> origins = request.getHeaders().getAll(HttpHeaders.ORIGIN);
    return origins.size() == 1 && callers.admits(origins.getFirst()) ? origins.getFirst() : null;
  }
}
