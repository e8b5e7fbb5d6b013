package dev.hairpin.credentialapi.auth;

import dev.hairpin.credentialapi.http.Refusal;
import io.micronaut.context.annotation.Replaces;
import io.micronaut.http.HttpHeaders;
import io.micronaut.http.HttpRequest;
import io.micronaut.scheduling.TaskExecutors;
import io.micronaut.security.authentication.Authentication;
import io.micronaut.security.authentication.WwwAuthenticateChallengeProvider;
import io.micronaut.security.filters.AuthenticationFetcher;
import io.micronaut.security.token.TokenAuthenticationFetcher;
import jakarta.inject.Named;
import jakarta.inject.Singleton;
import java.util.concurrent.ExecutorService;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

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
  private final RateGate gate;
  private final Scheduler waiting;

  BearerTokens(
      KnownCallers callers, RateGate gate, @Named(TaskExecutors.BLOCKING) ExecutorService waiting) {
    this.callers = callers;
    this.gate = gate;
    this.waiting = Schedulers.fromExecutorService(waiting);
  }

  @Override
  public Publisher<Authentication> fetchAuthentication(HttpRequest<?> request) {
    String token = tokenOf(request);
    if (token == null) {
      return Mono.empty();
    }
    var origins = request.getHeaders().getAll(HttpHeaders.ORIGIN);
    var origin = origins.size() == 1 ? origins.getFirst() : null;
    Mono<Authentication> caller = Mono.defer(() -> find(request, token, origin));
    return callers.mayWaitFor(token) ? caller.subscribeOn(waiting) : caller;
  }

  private Mono<Authentication> find(HttpRequest<?> request, String token, @Nullable String origin) {
    try {
      var caller = callers.find(token, origin);
      if (caller == null) {
        gate.miss(request);
        return Mono.empty();
      }
      gate.admit(request, caller);
      return Mono.just(caller);
    } catch (Refusal e) {
      return Mono.error(e);
    }
  }

  @Override
  public String getWwwAuthenticateChallenge(@Nullable HttpRequest<?> request) {
    return SCHEME;
  }

  /// Null where there is not exactly one header of this scheme.
  static @Nullable String tokenOf(HttpRequest<?> request) {
    var headers = request.getHeaders().getAll(HttpHeaders.AUTHORIZATION);
    return headers.size() == 1
            && headers.getFirst().regionMatches(true, 0, PREFIX, 0, PREFIX.length())
        ? headers.getFirst().substring(PREFIX.length())
        : null;
  }
}
