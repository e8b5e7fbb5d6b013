package dev.hairpin.credentialapi;

import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Who may ask for credentials. Never printed.
///
/// @param apiKeys keys that are accepted as `Authorization: Bearer`; several at once, for rotation;
///   each has at least 16 characters of RFC 6750's `b64token`
/// @param tokens JWTs that are accepted likewise; a token's subject becomes the user
/// @param keyRing a file of further keys, each with a life of its own; null for none
public record Callers(List<String> apiKeys, Tokens tokens, @Nullable Path keyRing) {
  private static final Pattern API_KEY = Pattern.compile("[A-Za-z0-9._~+/-]{16,}=*");

  public Callers {
    apiKeys = List.copyOf(apiKeys);
    if (apiKeys.isEmpty() && tokens.areNone()) {
      throw new IllegalArgumentException("an API key, a JWT secret or a JWKS is needed");
    }
    if (!apiKeys.stream().allMatch(key -> API_KEY.matcher(key).matches())) {
      throw new IllegalArgumentException(
          "an API key has at least 16 characters, each a letter, a digit or one of - . _ ~ + /");
    }
  }

  /// Tokens may be of any issuer and for any audience.
  public Callers(List<String> apiKeys, List<String> jwtSecrets) {
    this(apiKeys, jwtSecrets, null, null);
  }

  /// Without a key ring.
  public Callers(
      List<String> apiKeys,
      List<String> jwtSecrets,
      @Nullable String jwtIssuer,
      @Nullable String jwtAudience) {
    this(apiKeys, new Tokens(jwtSecrets, null, jwtIssuer, jwtAudience, Tokens.Claims.NONE), null);
  }

  @Override
  public String toString() {
    return "Callers[" + apiKeys.size() + " keys, " + tokens + "]";
  }
}
