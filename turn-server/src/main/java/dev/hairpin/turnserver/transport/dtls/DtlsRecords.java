package dev.hairpin.turnserver.transport.dtls;

import dev.hairpin.turnserver.udp.Packet;
import java.util.Arrays;
import org.bouncycastle.tls.ContentType;
import org.bouncycastle.tls.HandshakeType;
import org.bouncycastle.tls.TlsUtils;

/// What is judged of a datagram before BouncyCastle sees it (RFC 6347 §4.1, §4.2.2).
final class DtlsRecords {
  /// No message of a client that shows no certificate comes near to it.
  static final int MAX_MESSAGE_BYTES = 2_048;

  private static final int DTLS_1_0 = 0xfeff; // in the first ClientHello
  private static final int DTLS_1_2 = 0xfefd;

  private static final int VERSION = 1;
  private static final int EPOCH = 3;
  private static final int LENGTH = 11;
  private static final int HEADER_BYTES = 13;
  private static final int MIN_CIPHERTEXT_BYTES = 8 + 16; // nonce and tag of AES-GCM

  private static final int MESSAGE_HEADER_BYTES = 12;
  private static final int FRAGMENT_LENGTH = 9;
  private static final int RANDOM = HEADER_BYTES + MESSAGE_HEADER_BYTES + 2;
  private static final int RANDOM_BYTES = 32;
  private static final int MAX_HELLO_BYTES = 1_500;

  private DtlsRecords() {}

  /// Whether every record may be shown to BouncyCastle 1.84, which ends a session over some that
  /// anybody can forge: of a version that it does not know, or shorter than their own tag.
  static boolean areSound(byte[] datagram) {
    int at = 0;
    while (at + HEADER_BYTES <= datagram.length) {
      int type = datagram[at];
      int version = TlsUtils.readUint16(datagram, at + VERSION);
      int epoch = TlsUtils.readUint16(datagram, at + EPOCH);
      int length = TlsUtils.readUint16(datagram, at + LENGTH);
      int start = at + HEADER_BYTES;
      at = start + length;
      boolean sound =
          type >= ContentType.change_cipher_spec
              && type <= ContentType.application_data
              && (version == DTLS_1_2 || version == DTLS_1_0)
              && at <= datagram.length
              && (epoch == 1
                  ? length >= MIN_CIPHERTEXT_BYTES
                  : epoch == 0
                      && (type != ContentType.handshake || areMessagesSmall(datagram, start, at)));
      if (!sound) {
        return false;
      }
    }
    return at == datagram.length && at > 0;
  }

  /// Whether no handshake message among some bytes claims more than is reserved for it.
  static boolean areMessagesSmall(byte[] bytes, int start, int end) {
    int at = start;
    while (at + MESSAGE_HEADER_BYTES <= end) {
      if (TlsUtils.readUint24(bytes, at + 1) > MAX_MESSAGE_BYTES) {
        return false;
      }
      at += MESSAGE_HEADER_BYTES + TlsUtils.readUint24(bytes, at + FRAGMENT_LENGTH);
    }
    return true;
  }

  /// Whether a datagram begins like a whole ClientHello in plaintext.
  static boolean isClientHello(Packet datagram) {
    var bytes = datagram.buffer();
    int at = datagram.offset();
    return datagram.length() >= RANDOM + RANDOM_BYTES
        && datagram.length() <= MAX_HELLO_BYTES
        && bytes.getByte(at) == ContentType.handshake
        && bytes.getShort(at + EPOCH) == 0
        && bytes.getByte(at + HEADER_BYTES) == HandshakeType.client_hello;
  }

  /// What tells one attempt of a client from the next.
  static byte[] random(byte[] clientHello) {
    return Arrays.copyOfRange(clientHello, RANDOM, RANDOM + RANDOM_BYTES);
  }
}
