package dev.hairpin.credentialapi;

import java.util.List;

/// Who may ask for credentials. Never printed.
///
/// @param apiKeys keys that are accepted as `Authorization: Bearer`; several at once, for rotation
/// @param jwtSecrets HS256 secrets of at least 32 bytes whose tokens are accepted likewise; a
///   token's subject becomes the user
public record Callers(List<String> apiKeys, List<String> jwtSecrets) {
  public Callers {
    apiKeys = List.copyOf(apiKeys);
    jwtSecrets = List.copyOf(jwtSecrets);
    if (apiKeys.isEmpty() && jwtSecrets.isEmpty()) {
      throw new IllegalArgumentException("an API key or a JWT secret is needed");
    }
  }

  @Override
  public String toString() {
    return "Callers[" + apiKeys.size() + " keys, " + jwtSecrets.size() + " JWT secrets]";
  }
}
