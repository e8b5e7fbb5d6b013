package dev.hairpin.credentialapi;

import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Which JWTs are accepted, and what they say. Never printed.
///
/// @param secrets of HS256, at least 32 bytes each; no other algorithm is verified by them
/// @param jwks where the keys of an issuer are published; null for none
/// @param issuer who must have issued a token (`iss`), or null where anybody who can sign may
/// @param audience for whom a token must be (`aud`, one of them), or null
/// @param claims where a token says more than its subject
public record Tokens(
    List<String> secrets,
    @Nullable Jwks jwks,
    @Nullable String issuer,
    @Nullable String audience,
    Claims claims) {
  public static final Tokens NONE = new Tokens(List.of(), null, null, null, Claims.NONE);

  private static final int MIN_SECRET_BYTES = 32;

  /// The published keys of an issuer (RFC 7517).
  ///
  /// @param url `https:`, or `http:` on the loopback
  /// @param algorithms that a token may be signed by, some of [#ALGORITHMS]
  public record Jwks(URI url, Set<String> algorithms) {
    public static final List<String> ALGORITHMS =
        List.of("RS256", "PS256", "ES256", "ES384", "EdDSA");

    private static final Pattern LOOPBACK =
        Pattern.compile("127\\.[0-9]+\\.[0-9]+\\.[0-9]+|\\[::1]|localhost");

    public Jwks {
      algorithms = Set.copyOf(algorithms);
      if (!isUsable(url)) {
        throw new IllegalArgumentException(
            "'" + url + "' is not a URL like https://login.example.org/jwks.json");
      }
      if (algorithms.isEmpty() || !ALGORITHMS.containsAll(algorithms)) {
        throw new IllegalArgumentException("a token is signed by one of " + ALGORITHMS);
      }
    }

    private static boolean isUsable(URI url) {
      String host = url.getHost();
      return host != null
          && url.getRawUserInfo() == null
          && url.getRawFragment() == null
          && ("https".equals(url.getScheme())
              || ("http".equals(url.getScheme()) && LOOPBACK.matcher(host).matches()));
    }
  }

  /// The names of claims, each null where none is read.
  ///
  /// @param scopes further scopes, as an array or divided by blanks; others are passed over
  /// @param tenant whose user the subject is
  /// @param ttl the most seconds that a credential lasts
  /// @param limits of the credentials, as in a username
  public record Claims(
      @Nullable String scopes,
      @Nullable String tenant,
      @Nullable String ttl,
      @Nullable String limits) {
    public static final Claims NONE = new Claims(null, null, null, null);
  }

  public Tokens {
    secrets = List.copyOf(secrets);
    if (!secrets.stream().allMatch(Tokens::isLongEnough)) {
      throw new IllegalArgumentException(
          "a JWT secret has at least " + MIN_SECRET_BYTES + " bytes");
    }
    if (jwks != null && (issuer == null || audience == null)) { // it signs for others too
      throw new IllegalArgumentException(
          "tokens by a JWKS need an issuer and an audience to be asked for");
    }
  }

  boolean areNone() {
    return secrets.isEmpty() && jwks == null;
  }

  private static boolean isLongEnough(String secret) {
    return secret.getBytes(StandardCharsets.UTF_8).length >= MIN_SECRET_BYTES;
  }

  @Override
  public String toString() {
    return "Tokens[" + secrets.size() + " secrets, " + jwks + "]";
  }
}
