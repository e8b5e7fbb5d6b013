package dev.hairpin.credentialapi.auth;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSVerifier;
import com.nimbusds.jose.jca.JCAContext;
import com.nimbusds.jose.util.Base64URL;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.Signature;
import java.security.SignatureException;
import java.security.spec.X509EncodedKeySpec;
import java.util.HexFormat;
import java.util.Set;

/// Verifies by Ed25519 (RFC 8037) with what Java has; the library's own way needs another library.
final class EdDsaVerifier implements JWSVerifier {
  private static final int LENGTH = 32;

  /// What stands in front of the 32 bytes of a key in DER (RFC 8410 §4).
  private static final byte[] DER = HexFormat.of().parseHex("302a300506032b6570032100");

  private final JCAContext context = new JCAContext();
  private final PublicKey key;

  EdDsaVerifier(byte[] x) throws JOSEException {
    if (x.length != LENGTH) {
      throw new JOSEException("a key of Ed25519 has 32 bytes");
    }
    byte[] der = new byte[DER.length + LENGTH];
    System.arraycopy(DER, 0, der, 0, DER.length);
    System.arraycopy(x, 0, der, DER.length, LENGTH);
    try {
      key = KeyFactory.getInstance("Ed25519").generatePublic(new X509EncodedKeySpec(der));
    } catch (GeneralSecurityException e) {
      throw new JOSEException("this is no key of Ed25519", e);
    }
  }

  @Override
  public boolean verify(JWSHeader header, byte[] signed, Base64URL signature) throws JOSEException {
    try {
      var verifier = Signature.getInstance("Ed25519");
      verifier.initVerify(key);
      verifier.update(signed);
      return verifier.verify(signature.decode());
    } catch (SignatureException _) { // not even of the form of one
      return false;
    } catch (GeneralSecurityException e) {
      throw new JOSEException("this Java has no Ed25519", e);
    }
  }

  @Override
  public Set<JWSAlgorithm> supportedJWSAlgorithms() {
    return Set.of(JWSAlgorithm.EdDSA);
  }

  @Override
  public JCAContext getJCAContext() {
    return context;
  }
}
