package dev.hairpin.credentialapi.auth;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSVerifier;
import com.nimbusds.jose.crypto.MACVerifier;
import com.nimbusds.jwt.SignedJWT;
import dev.hairpin.credentialapi.Callers;
import dev.hairpin.turnserver.credential.UserId;
import java.text.ParseException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Tokens that were signed by HS256 with one of the secrets. No other algorithm will do, whatever a
/// token's header says (RFC 8725 §3.1), and nothing that a header must be understood for (`crit`).
final class Jwts {
  private final List<JWSVerifier> verifiers;
  private final JwtClaims claims;

  Jwts(Callers callers) {
    verifiers = callers.jwtSecrets().stream().map(Jwts::verifier).toList();
    claims = new JwtClaims(callers.jwtIssuer(), callers.jwtAudience());
  }

  private static JWSVerifier verifier(String secret) {
    try {
      return new MACVerifier(secret);
    } catch (JOSEException e) {
      throw new IllegalArgumentException("a JWT secret cannot be used", e);
    }
  }

  /// The subject of a token, who may ask for credentials of its own; null where the token is not
  /// good.
  @Nullable Caller find(String token, Instant now) {
    try {
      var jwt = SignedJWT.parse(token);
      Map<String, Object> said = isSigned(jwt) ? jwt.getPayload().toJSONObject() : null;
      String subject = said == null ? null : claims.subject(said, now);
      return subject == null
          ? null
          : new Caller("jwt:" + subject, Set.of(Scope.ISSUE), null, new UserId(subject));
    } catch (ParseException | JOSEException | IllegalArgumentException _) { // quotes the token
      return null;
    }
  }

  private boolean isSigned(SignedJWT jwt) throws JOSEException {
    var header = jwt.getHeader();
    if (!JWSAlgorithm.HS256.equals(header.getAlgorithm()) || header.getCriticalParams() != null) {
      return false;
    }
    for (JWSVerifier verifier : verifiers) {
      if (jwt.verify(verifier)) {
        return true;
      }
    }
    return false;
  }
}
