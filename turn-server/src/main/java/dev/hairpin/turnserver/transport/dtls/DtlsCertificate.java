package dev.hairpin.turnserver.transport.dtls;

import dev.hairpin.turnserver.transport.TlsIdentity;
import java.io.IOException;
import java.security.cert.CertificateEncodingException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.WeakHashMap;
import org.bouncycastle.crypto.params.AsymmetricKeyParameter;
import org.bouncycastle.crypto.params.ECPrivateKeyParameters;
import org.bouncycastle.crypto.params.RSAPrivateCrtKeyParameters;
import org.bouncycastle.crypto.util.PrivateKeyFactory;
import org.bouncycastle.tls.Certificate;
import org.bouncycastle.tls.SignatureAlgorithm;
import org.bouncycastle.tls.TlsCredentials;
import org.bouncycastle.tls.TlsUtils;
import org.bouncycastle.tls.crypto.TlsCertificate;
import org.bouncycastle.tls.crypto.TlsCryptoParameters;
import org.bouncycastle.tls.crypto.impl.bc.BcDefaultTlsCredentialedSigner;

/// A certificate with its chain and private key in the form that BouncyCastle wants. Any thread may
/// use it.
final class DtlsCertificate {
  private static final Map<TlsIdentity, DtlsCertificate> KNOWN =
      Collections.synchronizedMap(new WeakHashMap<>());

  private final AsymmetricKeyParameter key;
  private final List<byte[]> chain = new ArrayList<>();

  private DtlsCertificate(TlsIdentity identity) {
    try {
      this.key = PrivateKeyFactory.createKey(identity.key().getEncoded());
      for (var certificate : identity.chain()) {
        chain.add(certificate.getEncoded());
      }
    } catch (IOException | CertificateEncodingException _) { // no cause: it could quote
      throw new IllegalArgumentException("a key that DTLS cannot use: " + identity);
    }
    if (!isEc() && !(key instanceof RSAPrivateCrtKeyParameters)) {
      throw new IllegalArgumentException("neither an EC nor an RSA key: " + identity);
    }
  }

  /// Converts an identity once: it takes BouncyCastle some milliseconds.
  static DtlsCertificate of(TlsIdentity identity) {
    return KNOWN.computeIfAbsent(identity, DtlsCertificate::new);
  }

  boolean isEc() {
    return key instanceof ECPrivateKeyParameters;
  }

  /// What signs one handshake, by an algorithm that the client knows.
  TlsCredentials signer(TlsCryptoParameters parameters, DtlsCrypto crypto) throws IOException {
    var certificates = new TlsCertificate[chain.size()];
    for (int i = 0; i < certificates.length; i++) {
      certificates[i] = crypto.createCertificate(chain.get(i));
    }
    var handshake = parameters.getSecurityParametersHandshake();
    var algorithm =
        TlsUtils.chooseSignatureAndHashAlgorithm(
            handshake.getNegotiatedVersion(),
            handshake.getClientSigAlgs(),
            isEc() ? SignatureAlgorithm.ecdsa : SignatureAlgorithm.rsa);
    return new BcDefaultTlsCredentialedSigner(
        parameters, crypto, key, new Certificate(certificates), algorithm);
  }
}
