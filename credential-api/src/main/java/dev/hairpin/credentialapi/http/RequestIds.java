package dev.hairpin.credentialapi.http;

import io.micronaut.http.HttpRequest;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.List;
import java.util.regex.Pattern;

/// Names calls, so that an answer and a line of the log can be brought together.
final class RequestIds {
  static final String HEADER = "X-Request-Id";

  private static final SecureRandom RANDOM = new SecureRandom();
  private static final String ATTRIBUTE = RequestIds.class.getName();
  private static final Pattern FORM = Pattern.compile("[A-Za-z0-9._-]{1,64}");

  private RequestIds() {}

  /// What the caller named it, where that is harmless; else a random name. Always the same.
  static String of(HttpRequest<?> request) {
    return request
        .getAttribute(ATTRIBUTE, String.class)
        .orElseGet(
            () -> {
              String id = of(request.getHeaders().getAll(HEADER));
              request.setAttribute(ATTRIBUTE, id);
              return id;
            });
  }

  /// Names a call.
  ///
  /// @param named how the caller named it
  static String of(List<String> named) {
    return named.size() == 1 && FORM.matcher(named.getFirst()).matches()
        ? named.getFirst()
        : HexFormat.of().toHexDigits(RANDOM.nextLong());
  }
}
