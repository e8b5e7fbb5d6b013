package dev.hairpin.turnserver.transport.dtls;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.hairpin.turnserver.transport.TlsIdentity;
import java.io.IOException;
import java.security.cert.CertificateEncodingException;
import java.security.interfaces.ECKey;
import java.util.Arrays;
import java.util.Objects;
import java.util.Set;
import org.bouncycastle.crypto.util.PrivateKeyFactory;
import org.bouncycastle.tls.AbstractTlsServer;
import org.bouncycastle.tls.Certificate;
import org.bouncycastle.tls.CipherSuite;
import org.bouncycastle.tls.KeyExchangeAlgorithm;
import org.bouncycastle.tls.NameType;
import org.bouncycastle.tls.NamedGroup;
import org.bouncycastle.tls.ProtocolVersion;
import org.bouncycastle.tls.ServerName;
import org.bouncycastle.tls.SignatureAlgorithm;
import org.bouncycastle.tls.TlsCredentials;
import org.bouncycastle.tls.TlsUtils;
import org.bouncycastle.tls.crypto.TlsCertificate;
import org.bouncycastle.tls.crypto.TlsCryptoParameters;
import org.bouncycastle.tls.crypto.impl.bc.BcDefaultTlsCredentialedSigner;
import org.jspecify.annotations.Nullable;

/// The server's side of one handshake: DTLS 1.2 with the suites of RFC 9325 §4.2, no resumption, no
/// renegotiation.
final class DtlsHandshake extends AbstractTlsServer {
  private static final Set<Integer> COMMON_CURVES =
      Set.of(NamedGroup.x25519, NamedGroup.secp256r1, NamedGroup.secp384r1);

  private final DtlsCrypto crypto;
  private final DtlsSettings settings;
  private @Nullable TlsIdentity identity;

  DtlsHandshake(DtlsCrypto crypto, DtlsSettings settings) {
    super(crypto);
    this.crypto = crypto;
    this.settings = settings;
  }

  @Override
  protected ProtocolVersion[] getSupportedVersions() {
    return ProtocolVersion.DTLSv12.only();
  }

  @Override
  protected int[] getSupportedCipherSuites() {
    return new int[] {
      CipherSuite.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
      CipherSuite.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
      CipherSuite.TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384,
      CipherSuite.TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
      CipherSuite.TLS_DHE_RSA_WITH_AES_128_GCM_SHA256 // the last choice: RFC 8489 §6.2.3
    };
  }

  /// Asked when the client's extensions are known.
  @Override
  protected boolean selectCipherSuite(int suite) throws IOException {
    boolean isForEc = TlsUtils.getKeyExchangeAlgorithm(suite) == KeyExchangeAlgorithm.ECDHE_ECDSA;
    return isEc() == isForEc && super.selectCipherSuite(suite);
  }

  private boolean isEc() {
    return identity().key() instanceof ECKey;
  }

  private TlsIdentity identity() {
    if (identity == null) {
      identity = settings.identities().apply(serverName());
    }
    return identity;
  }

  /// The server that the client names (RFC 6066 §3), or null.
  private @Nullable String serverName() {
    var names = context.getSecurityParametersHandshake().getClientServerNames();
    if (names != null
        && !names.isEmpty()
        && names.getFirst() instanceof ServerName name
        && name.getNameType() == NameType.host_name) {
      return new String(name.getNameData(), US_ASCII);
    }
    return null;
  }

  /// The client's first choice among the common curves; the others cost much more.
  @Override
  protected int selectECDH(int minimumCurveBits) {
    int[] offered = context.getSecurityParametersHandshake().getClientSupportedGroups();
    return Arrays.stream(Objects.requireNonNullElse(offered, new int[0]))
        .filter(COMMON_CURVES::contains)
        .findFirst()
        .orElseGet(() -> super.selectECDH(minimumCurveBits));
  }

  /// What signs this handshake, by an algorithm that the client knows.
  @Override
  public TlsCredentials getCredentials() throws IOException {
    var chain = identity().chain();
    var certificates = new TlsCertificate[chain.size()];
    try {
      for (int i = 0; i < certificates.length; i++) {
        certificates[i] = crypto.createCertificate(chain.get(i).getEncoded());
      }
    } catch (CertificateEncodingException e) {
      throw new IOException(e);
    }
    var handshake = context.getSecurityParametersHandshake();
    var algorithm =
        TlsUtils.chooseSignatureAndHashAlgorithm(
            handshake.getNegotiatedVersion(),
            handshake.getClientSigAlgs(),
            isEc() ? SignatureAlgorithm.ecdsa : SignatureAlgorithm.rsa);
    return new BcDefaultTlsCredentialedSigner(
        new TlsCryptoParameters(context),
        crypto,
        PrivateKeyFactory.createKey(identity().key().getEncoded()),
        new Certificate(certificates),
        algorithm);
  }

  @Override
  public boolean requiresExtendedMasterSecret() {
    return true; // RFC 7627
  }

  @Override
  public int getMaxHandshakeMessageSize() {
    return DtlsRecords.MAX_MESSAGE_BYTES;
  }

  @Override
  public int getHandshakeTimeoutMillis() {
    return (int) settings.handshakeTimeout().toMillis();
  }
}
