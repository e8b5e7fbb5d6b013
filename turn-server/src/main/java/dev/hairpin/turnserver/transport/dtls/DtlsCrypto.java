package dev.hairpin.turnserver.transport.dtls;

import dev.hairpin.turnserver.net.Jca;
import java.io.IOException;
import java.security.GeneralSecurityException;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.bouncycastle.tls.ContentType;
import org.bouncycastle.tls.crypto.TlsCryptoParameters;
import org.bouncycastle.tls.crypto.impl.TlsAEADCipher;
import org.bouncycastle.tls.crypto.impl.TlsAEADCipherImpl;
import org.bouncycastle.tls.crypto.impl.bc.BcTlsCrypto;
import org.jspecify.annotations.Nullable;

/// BouncyCastle's cryptography, but for AES-GCM: Java's uses the processor's instructions.
final class DtlsCrypto extends BcTlsCrypto {
  @Override
  protected TlsAEADCipher createCipher_AES_GCM(
      TlsCryptoParameters parameters, int keyBytes, int tagBytes) throws IOException {
    return new TlsAEADCipher(
        parameters,
        new AesGcm(Cipher.ENCRYPT_MODE),
        new AesGcm(Cipher.DECRYPT_MODE),
        keyBytes,
        tagBytes,
        TlsAEADCipher.AEAD_GCM,
        null);
  }

  /// One direction of a session.
  static final class AesGcm implements TlsAEADCipherImpl {
    private static final int TAG_BYTES = 16;
    private static final int TYPE_IN_ASSOCIATED_DATA = 8; // behind epoch and sequence number

    private final Cipher cipher = Jca.get(() -> Cipher.getInstance("AES/GCM/NoPadding"));
    private final int mode;
    private @Nullable SecretKeySpec key;
    private @Nullable GCMParameterSpec parameters;

    AesGcm(int mode) {
      this.mode = mode;
    }

    @Override
    public void setKey(byte[] bytes, int offset, int length) {
      key = new SecretKeySpec(bytes, offset, length, "AES");
    }

    @Override
    public void init(byte[] nonce, int tagBytes) {
      parameters = new GCMParameterSpec(Byte.SIZE * tagBytes, nonce);
    }

    @Override
    public int getOutputSize(int inputLength) {
      return mode == Cipher.ENCRYPT_MODE ? inputLength + TAG_BYTES : inputLength - TAG_BYTES;
    }

    /// The unchecked exception makes BouncyCastle drop the record, as RFC 6347 §4.1.2.7 has it. So
    /// does a handshake message that claims to be large: BouncyCastle 1.84 would reserve up to 16
    /// MB for each.
    @Override
    public int doFinal(byte[] associated, byte[] in, int from, int length, byte[] out, int to) {
      int count;
      try {
        cipher.init(mode, key, parameters);
        cipher.updateAAD(associated);
        count = cipher.doFinal(in, from, length, out, to);
      } catch (GeneralSecurityException e) {
        throw new IllegalStateException(e);
      }
      if (mode == Cipher.DECRYPT_MODE
          && associated[TYPE_IN_ASSOCIATED_DATA] == ContentType.handshake
          && !DtlsRecords.areMessagesSmall(out, to, to + count)) {
        throw new IllegalStateException("a handshake message is too large");
      }
      return count;
    }
  }
}
