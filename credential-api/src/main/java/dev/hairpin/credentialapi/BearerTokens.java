package dev.hairpin.credentialapi;

import io.micronaut.http.HttpHeaders;
import io.micronaut.http.HttpRequest;
import io.micronaut.security.authentication.WwwAuthenticateChallengeProvider;
import io.micronaut.security.token.reader.TokenReader;
import jakarta.inject.Singleton;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Reads `Authorization: Bearer TOKEN` (RFC 6750), and asks for it. The framework's own reader logs
/// headers that it does not understand, and with them keys.
@Singleton
final class BearerTokens
    implements TokenReader<HttpRequest<?>>, WwwAuthenticateChallengeProvider<HttpRequest<?>> {
  private static final String SCHEME = "Bearer";
  private static final String PREFIX = SCHEME + " ";

  @Override
  public Optional<String> findToken(HttpRequest<?> request) {
    List<String> headers = request.getHeaders().getAll(HttpHeaders.AUTHORIZATION);
    return headers.size() == 1 && startsWithPrefix(headers.getFirst())
        ? Optional.of(headers.getFirst().substring(PREFIX.length()))
        : Optional.empty();
  }

  @Override
  public String getWwwAuthenticateChallenge(@Nullable HttpRequest<?> request) {
    return SCHEME;
  }

  private static boolean startsWithPrefix(String header) {
    return header.regionMatches(true, 0, PREFIX, 0, PREFIX.length());
  }
}
