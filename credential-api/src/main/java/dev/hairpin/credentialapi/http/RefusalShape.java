package dev.hairpin.credentialapi.http;

import io.micronaut.http.HttpRequest;
import io.micronaut.http.MutableHttpResponse;

/// How calls are refused at paths whose callers expect something else than a [Problem].
public interface RefusalShape {
  boolean isAt(String path);

  /// May change status and headers.
  ///
  /// @param detail in words that the caller may read
  /// @return the body, to be written as JSON
  Object refuse(HttpRequest<?> request, MutableHttpResponse<?> response, String detail);
}
