package dev.hairpin.credentialapi.auth;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSVerifier;
import com.nimbusds.jose.crypto.MACVerifier;
import com.nimbusds.jwt.SignedJWT;
import dev.hairpin.credentialapi.ApiSettings;
import dev.hairpin.credentialapi.Callers;
import io.micronaut.security.token.jwt.signature.SignatureConfiguration;
import jakarta.inject.Singleton;
import java.util.List;

/// Verifies that a JWT was signed by HS256 with one of the secrets. No other algorithm will do,
/// whatever a token's header says (RFC 8725 §3.1). This bean must be there without a secret too:
/// the framework believes unsigned tokens where nothing verifies signatures.
@Singleton
public final class JwtSecrets implements SignatureConfiguration {
  private volatile List<JWSVerifier> verifiers = List.of();

  JwtSecrets(ApiSettings settings) {
    apply(settings.callers());
  }

  /// Verifies by these secrets from now on, and by no others.
  public void apply(Callers callers) {
    verifiers = callers.jwtSecrets().stream().map(JwtSecrets::verifier).toList();
  }

  private static JWSVerifier verifier(String secret) {
    try {
      return new MACVerifier(secret);
    } catch (JOSEException e) {
      throw new IllegalArgumentException("a JWT secret cannot be used", e);
    }
  }

  @Override
  public String supportedAlgorithmsMessage() {
    return "Only HS256 is supported";
  }

  @Override
  public boolean supports(JWSAlgorithm algorithm) {
    return JWSAlgorithm.HS256.equals(algorithm);
  }

  @Override
  public boolean verify(SignedJWT jwt) throws JOSEException {
    if (!supports(jwt.getHeader().getAlgorithm())) {
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
