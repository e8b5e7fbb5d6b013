package dev.hairpin.credentialapi.operations;

import dev.hairpin.turnserver.credential.Credential;
import dev.hairpin.turnserver.net.Family;
import dev.hairpin.turnserver.stun.Attribute;
import dev.hairpin.turnserver.stun.IntegrityAlgorithm;
import dev.hairpin.turnserver.stun.IntegrityKey;
import dev.hairpin.turnserver.stun.MessageClass;
import dev.hairpin.turnserver.stun.MessageIntegrity;
import dev.hairpin.turnserver.stun.Method;
import dev.hairpin.turnserver.stun.StunMessage;
import dev.hairpin.turnserver.stun.StunWriter;
import dev.hairpin.turnserver.stun.TransactionId;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.Closeable;
import java.io.IOException;
import java.net.PortUnreachableException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;

/// A TURN client that does no more than to get an allocation and to give it back (RFC 8656 §7, §8).
/// Blocks.
final class TurnProbe implements Closeable {
  private static final int PROTOCOL_UDP = 17;
  private static final int TRY_ALTERNATE = 300; // RFC 8489 §10

  private final SecureRandom random = new SecureRandom();
  private final MessageIntegrity integrity = new MessageIntegrity();
  private final ByteBuf request = Unpooled.buffer(Wire.MAX_BYTES);
  private final StunMessage answer = new StunMessage();
  private final Credential credential;
  private final Wire wire;
  private TransactionId transactionId = new TransactionId(0, 0);

  /// @param wire is closed with the probe
  TurnProbe(Wire wire, Credential credential) {
    this.wire = wire;
    this.credential = credential;
  }

  @Override
  public void close() throws IOException {
    wire.close();
  }

  /// @throws IOException with the reason, where the server does not answer or refuses
  void allocateAndRelease(Family relayed) throws IOException {
    writeAllocate(relayed);
    exchange();
    if (answer.messageClass() != MessageClass.ERROR || !answer.has(Attribute.NONCE)) {
      throw new IOException("an Allocate without a credential was not challenged");
    }
    byte[] realm = answer.bytesOf(Attribute.REALM);
    byte[] nonce = answer.bytesOf(Attribute.NONCE);
    byte[] key = key(realm);
    authenticate(writeAllocate(relayed), realm, nonce, key);
    exchange();
    if (errorCode() == TRY_ALTERNATE) {
      return; // it serves by sending clients elsewhere
    }
    requireSuccess("Allocate");
    if (!integrity.verify(answer, key)) {
      throw new IOException("the answer to Allocate is not authentic");
    }
    var refresh = write(Method.REFRESH).integer(Attribute.LIFETIME, 0);
    authenticate(refresh, realm, nonce, key);
    exchange();
    requireSuccess("Refresh");
  }

  private StunWriter writeAllocate(Family relayed) {
    var allocate =
        write(Method.ALLOCATE).integer(Attribute.REQUESTED_TRANSPORT, PROTOCOL_UDP << 24);
    return switch (relayed) {
      case IPV4 -> allocate; // the default, and the only one that RFC 5766 knows
      case IPV6 -> allocate.integer(Attribute.REQUESTED_ADDRESS_FAMILY, relayed.code() << 24);
    };
  }

  private StunWriter write(int method) {
    transactionId = new TransactionId(random.nextInt(), random.nextLong());
    request.clear();
    return new StunWriter(request, MessageClass.REQUEST, method, transactionId);
  }

  private void authenticate(StunWriter writer, byte[] realm, byte[] nonce, byte[] key) {
    writer
        .bytes(Attribute.USERNAME, credential.username().getBytes(StandardCharsets.UTF_8))
        .bytes(Attribute.REALM, realm)
        .bytes(Attribute.NONCE, nonce)
        .integrity(integrity, new IntegrityKey(IntegrityAlgorithm.SHA1, key));
  }

  private void requireSuccess(String what) throws IOException {
    if (answer.messageClass() != MessageClass.SUCCESS) {
      throw new IOException(what + " was refused with error " + errorCode());
    }
  }

  /// Sends what was written until an answer is there.
  private void exchange() throws IOException {
    for (int i = 0; i < wire.attempts(); i++) {
      try {
        wire.send(request.array(), request.readableBytes());
        receive();
        return;
      } catch (SocketTimeoutException | PortUnreachableException _) {
        // once more
      }
    }
    throw new IOException("there was no answer");
  }

  private void receive() throws IOException {
    byte[] message;
    do {
      message = wire.receive();
    } while (!isAnswer(Unpooled.wrappedBuffer(message)));
  }

  private boolean isAnswer(ByteBuf bytes) {
    return answer.decode(bytes, 0, bytes.readableBytes())
        && answer.transactionId().equals(transactionId);
  }

  private int errorCode() {
    byte[] value = answer.bytesOf(Attribute.ERROR_CODE);
    return value.length < 4 ? 0 : value[2] * 100 + value[3];
  }

  /// MD5(username ":" realm ":" password), RFC 8489 §9.2.2.
  private byte[] key(byte[] realm) {
    try {
      var md5 = MessageDigest.getInstance("MD5");
      md5.update((credential.username() + ":").getBytes(StandardCharsets.UTF_8));
      md5.update(realm);
      return md5.digest((":" + credential.password()).getBytes(StandardCharsets.UTF_8));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("this Java has no MD5", e);
    }
  }
}
