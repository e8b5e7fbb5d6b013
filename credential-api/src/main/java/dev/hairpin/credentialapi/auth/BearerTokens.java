package dev.hairpin.credentialapi.auth;

import dev.hairpin.credentialapi.http.Refusal;
import io.micronaut.context.annotation.Replaces;
import io.micronaut.http.HttpHeaders;
import io.micronaut.http.HttpRequest;
import io.micronaut.security.authentication.Authentication;
import io.micronaut.security.authentication.WwwAuthenticateChallengeProvider;
import io.micronaut.security.filters.AuthenticationFetcher;
import io.micronaut.security.token.TokenAuthenticationFetcher;
import jakarta.inject.Singleton;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Mono;

/// Reads `Authorization: Bearer TOKEN` (RFC 6750), asks who shows the token, and challenges callers
/// without one. The framework's own way logs headers and tokens at DEBUG.
@Singleton
@Replaces(TokenAuthenticationFetcher.class)
final class BearerTokens
    implements AuthenticationFetcher<HttpRequest<?>>,
        WwwAuthenticateChallengeProvider<HttpRequest<?>> {
  private static final String SCHEME = "Bearer";
  private static final String PREFIX = SCHEME + " ";

  private final KnownCallers callers;

  BearerTokens(KnownCallers callers) {
    this.callers = callers;
  }

  @Override
  public Publisher<Authentication> fetchAuthentication(HttpRequest<?> request) {
    String token = tokenOf(request.getHeaders().getAll(HttpHeaders.AUTHORIZATION));
    var origins = request.getHeaders().getAll(HttpHeaders.ORIGIN);
    try {
      var caller =
          token == null
              ? null
              : callers.find(token, origins.size() == 1 ? origins.getFirst() : null);
      return caller == null ? Mono.empty() : Mono.just(caller);
    } catch (Refusal e) {
      return Mono.error(e);
    }
  }

  @Override
  public String getWwwAuthenticateChallenge(@Nullable HttpRequest<?> request) {
    return SCHEME;
  }

  /// Null where there is not exactly one header of this scheme.
  private static @Nullable String tokenOf(List<String> headers) {
    return headers.size() == 1
            && headers.getFirst().regionMatches(true, 0, PREFIX, 0, PREFIX.length())
        ? headers.getFirst().substring(PREFIX.length())
        : null;
  }
}
