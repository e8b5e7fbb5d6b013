package dev.hairpin.credentialapi.compat;

import dev.hairpin.credentialapi.http.Refusal;
import io.micronaut.http.HttpParameters;
import org.jspecify.annotations.Nullable;

/// What stands in the query of a URL. Parameters that nobody asks for are passed over, as the other
/// providers do.
record Query(HttpParameters parameters) {
  /// Null where there is none.
  @Nullable String find(String name) {
    var values = parameters.getAll(name);
    if (values.size() > 1) {
      throw Refusal.badRequest(name + " is given once at most");
    }
    return values.isEmpty() ? null : values.getFirst();
  }

  /// Both the TURN REST draft and STUNner want to hear it.
  void requireTurn() {
    if (!"turn".equals(find("service"))) {
      throw Refusal.badRequest("service is turn");
    }
  }
}
