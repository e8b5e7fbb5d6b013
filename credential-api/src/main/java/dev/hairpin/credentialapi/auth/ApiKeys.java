package dev.hairpin.credentialapi.auth;

import dev.hairpin.credentialapi.ApiSettings;
import dev.hairpin.credentialapi.Callers;
import io.micronaut.core.order.Ordered;
import io.micronaut.http.HttpRequest;
import io.micronaut.security.authentication.Authentication;
import io.micronaut.security.token.validator.TokenValidator;
import jakarta.inject.Singleton;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Mono;

/// Knows the API keys. Compares digests of equal length, always with all keys, so that the time it
/// takes tells nothing about them.
@Singleton
public final class ApiKeys implements TokenValidator<HttpRequest<?>> {
  /// The name of a caller that may ask for any user; a JWT's subject is never empty.
  public static final String ANY_USER = "";

  private static final Authentication HOLDER = Authentication.build(ANY_USER);

  private volatile List<byte[]> digests = List.of();

  ApiKeys(ApiSettings settings) {
    apply(settings.callers());
  }

  /// Knows these keys from now on, and no others.
  public void apply(Callers callers) {
    digests = callers.apiKeys().stream().map(ApiKeys::sha256).toList();
  }

  @Override
  public Publisher<Authentication> validateToken(String token, @Nullable HttpRequest<?> request) {
    return isKnown(token) ? Mono.just(HOLDER) : Mono.empty();
  }

  /// Before the JWTs: an API key then never reaches their parser, nor what it logs.
  @Override
  public int getOrder() {
    return Ordered.HIGHEST_PRECEDENCE;
  }

  private boolean isKnown(String token) {
    byte[] digest = sha256(token);
    boolean known = false;
    for (byte[] candidate : digests) {
      known |= MessageDigest.isEqual(candidate, digest);
    }
    return known;
  }

  private static byte[] sha256(String text) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("this Java has no SHA-256", e);
    }
  }
}
