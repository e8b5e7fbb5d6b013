package dev.hairpin.credentialapi.auth;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSVerifier;
import com.nimbusds.jose.crypto.ECDSAVerifier;
import com.nimbusds.jose.crypto.MACVerifier;
import com.nimbusds.jose.crypto.RSASSAVerifier;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.OctetKeyPair;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jwt.SignedJWT;
import dev.hairpin.credentialapi.Tokens;
import java.text.ParseException;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Tokens that were signed with one of the secrets, by HS256, or by a published key and one of the
/// algorithms that are configured for them. No other algorithm will do, whatever a token's header
/// says (RFC 8725 §3.1): a key that is public never verifies by HS256. Nothing is done that a
/// header asks for: neither `crit` nor `zip`, and no key is taken from it or from where it points
/// to.
final class Jwts {
  private static final int MAX_LENGTH = 8192;
  private static final int MIN_RSA_BITS = 2048;

  private final List<JWSVerifier> secrets;
  private final Set<String> algorithms;
  private final @Nullable JwkStore store;
  private final JwtClaims claims;

  /// @param former of the configuration before, whose published keys are kept
  Jwts(Tokens tokens, @Nullable Jwts former) {
    secrets = tokens.secrets().stream().map(Jwts::verifier).toList();
    claims = new JwtClaims(tokens);
    var jwks = tokens.jwks();
    algorithms = jwks == null ? Set.of() : jwks.algorithms();
    var last = former == null ? null : former.store;
    boolean isSame = jwks != null && last != null && last.url().equals(jwks.url());
    store = jwks == null ? null : isSame ? last : new JwkStore(jwks.url());
  }

  private static JWSVerifier verifier(String secret) {
    try {
      return new MACVerifier(secret);
    } catch (JOSEException e) {
      throw new IllegalArgumentException("a JWT secret cannot be used", e);
    }
  }

  /// Whether reading a token may have to wait for the keys of an issuer.
  boolean mayWaitFor(String token) {
    return store != null && token.indexOf('.') != token.lastIndexOf('.');
  }

  /// Whom a token speaks for; null where it is not good.
  @Nullable Caller find(String token, Instant now) {
    if (token.length() > MAX_LENGTH) {
      return null;
    }
    try {
      var jwt = SignedJWT.parse(token);
      var said = isSigned(jwt, now) ? jwt.getPayload().toJSONObject() : null;
      return said == null ? null : claims.caller(said, now);
    } catch (ParseException | JOSEException | IllegalArgumentException _) { // quotes the token
      return null;
    }
  }

  private boolean isSigned(SignedJWT jwt, Instant now) throws JOSEException {
    var header = jwt.getHeader();
    String algorithm = header.getAlgorithm().getName();
    if (header.getCriticalParams() != null || header.getCustomParam("zip") != null) {
      return false;
    }
    if (algorithm.equals(JWSAlgorithm.HS256.getName())) {
      return isVerified(jwt, secrets);
    }
    if (store == null || !algorithms.contains(algorithm)) {
      return false;
    }
    for (var key : store.find(header, now)) {
      if (isFor(header, key) && jwt.verify(verifier(key))) {
        return true;
      }
    }
    return false;
  }

  private static boolean isVerified(SignedJWT jwt, List<JWSVerifier> verifiers)
      throws JOSEException {
    for (var verifier : verifiers) {
      if (jwt.verify(verifier)) {
        return true;
      }
    }
    return false;
  }

  /// Whether a key is for an algorithm: of its kind, its curve and a sufficient size.
  private static boolean isFor(JWSHeader header, JWK key) {
    String algorithm = header.getAlgorithm().getName();
    boolean fits = key.getAlgorithm() == null || key.getAlgorithm().getName().equals(algorithm);
    return fits
        && switch (algorithm) {
          case "RS256", "PS256" -> key instanceof RSAKey rsa && rsa.size() >= MIN_RSA_BITS;
          case "ES256" -> key instanceof ECKey ec && ec.getCurve().getName().equals("P-256");
          case "ES384" -> key instanceof ECKey ec && ec.getCurve().getName().equals("P-384");
          case "EdDSA" ->
              key instanceof OctetKeyPair pair && pair.getCurve().getName().equals("Ed25519");
          default -> false;
        };
  }

  private static JWSVerifier verifier(JWK key) throws JOSEException {
    return switch (key) {
      case RSAKey rsa -> new RSASSAVerifier(rsa.toRSAPublicKey());
      case ECKey ec -> new ECDSAVerifier(ec.toECPublicKey());
      case OctetKeyPair pair -> new EdDsaVerifier(pair.getDecodedX());
      default -> throw new JOSEException("no key for signatures");
    };
  }
}
