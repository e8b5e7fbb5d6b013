package dev.hairpin.credentialapi.auth;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSVerifier;
import com.nimbusds.jose.crypto.MACVerifier;
import com.nimbusds.jwt.SignedJWT;
import dev.hairpin.credentialapi.ApiSettings;
import io.micronaut.security.token.jwt.signature.SignatureConfiguration;
import jakarta.inject.Singleton;
import java.util.ArrayList;
import java.util.List;

/// Verifies that a JWT was signed by HS256 with one of the secrets. No other algorithm will do,
/// whatever a token's header says (RFC 8725 §3.1). This bean must be there without a secret too:
/// the framework believes unsigned tokens where nothing verifies signatures.
@Singleton
final class JwtSecrets implements SignatureConfiguration {
  private final List<JWSVerifier> verifiers = new ArrayList<>();

  JwtSecrets(ApiSettings settings) throws JOSEException {
    for (String secret : settings.callers().jwtSecrets()) {
      verifiers.add(new MACVerifier(secret));
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
