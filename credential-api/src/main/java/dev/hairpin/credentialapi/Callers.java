package dev.hairpin.credentialapi;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Who may ask for credentials. Never printed.
///
/// @param apiKeys keys that are accepted as `Authorization: Bearer`; several at once, for rotation;
///   each has at least 16 characters of RFC 6750's `b64token`
/// @param jwtSecrets HS256 secrets of at least 32 bytes whose tokens are accepted likewise; a
///   token's subject becomes the user
/// @param jwtIssuer who must have issued a token (`iss`), or null where anybody who can sign may
/// @param jwtAudience for whom a token must be (`aud`, one of them), or null
/// @param keyRing a file of further keys, each with a life of its own; null for none
public record Callers(
    List<String> apiKeys,
    List<String> jwtSecrets,
    @Nullable String jwtIssuer,
    @Nullable String jwtAudience,
    @Nullable Path keyRing) {
  private static final Pattern API_KEY = Pattern.compile("[A-Za-z0-9._~+/-]{16,}=*");
  private static final int MIN_JWT_SECRET_BYTES = 32;

  public Callers {
    apiKeys = List.copyOf(apiKeys);
    jwtSecrets = List.copyOf(jwtSecrets);
    if (apiKeys.isEmpty() && jwtSecrets.isEmpty()) {
      throw new IllegalArgumentException("an API key or a JWT secret is needed");
    }
    if (!apiKeys.stream().allMatch(key -> API_KEY.matcher(key).matches())) {
      throw new IllegalArgumentException(
          "an API key has at least 16 characters, each a letter, a digit or one of - . _ ~ + /");
    }
    if (!jwtSecrets.stream().allMatch(Callers::isLongEnough)) {
      throw new IllegalArgumentException(
          "a JWT secret has at least " + MIN_JWT_SECRET_BYTES + " bytes");
    }
  }

  /// Tokens may be of any issuer and for any audience.
  public Callers(List<String> apiKeys, List<String> jwtSecrets) {
    this(apiKeys, jwtSecrets, null, null, null);
  }

  /// Without a key ring.
  public Callers(
      List<String> apiKeys,
      List<String> jwtSecrets,
      @Nullable String jwtIssuer,
      @Nullable String jwtAudience) {
    this(apiKeys, jwtSecrets, jwtIssuer, jwtAudience, null);
  }

  private static boolean isLongEnough(String secret) {
    return secret.getBytes(StandardCharsets.UTF_8).length >= MIN_JWT_SECRET_BYTES;
  }

  @Override
  public String toString() {
    return "Callers[" + apiKeys.size() + " keys, " + jwtSecrets.size() + " JWT secrets]";
  }
}
