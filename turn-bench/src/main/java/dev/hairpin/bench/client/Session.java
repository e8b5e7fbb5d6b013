package dev.hairpin.bench.client;

import dev.hairpin.bench.Credentials.Login;
import dev.hairpin.turnserver.credential.OpaqueString;
import dev.hairpin.turnserver.net.TransportAddress;
import dev.hairpin.turnserver.stun.Attribute;
import dev.hairpin.turnserver.stun.IntegrityAlgorithm;
import dev.hairpin.turnserver.stun.IntegrityKey;
import dev.hairpin.turnserver.stun.MessageClass;
import dev.hairpin.turnserver.stun.MessageIntegrity;
import dev.hairpin.turnserver.stun.Method;
import dev.hairpin.turnserver.stun.StunMessage;
import dev.hairpin.turnserver.stun.StunWriter;
import dev.hairpin.turnserver.stun.TransactionId;
import dev.hairpin.turnserver.turn.ChannelData;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import org.jspecify.annotations.Nullable;

/// Writes the requests of one client, signed once the server has said by what (RFC 8489 §9.2).
final class Session {
  private static final int UDP = 17 << 24;
  private static final int IPV6 = 2 << 24;
  private static final int SHA_256 = 2;

  private final Login login;
  private final TransportAddress peer;
  private final MessageIntegrity integrity;
  private byte[] realm = {};
  private byte[] nonce = {};
  private byte @Nullable [] offered;
  private @Nullable IntegrityKey key;

  /// What a client asks for.
  enum Request {
    ALLOCATE(Method.ALLOCATE, "Allocate"),
    BIND(Method.CHANNEL_BIND, "ChannelBind"),
    REFRESH(Method.REFRESH, "Refresh"),
    RELEASE(Method.REFRESH, "Refresh");

    final int method;
    final String words;

    Request(int method, String words) {
      this.method = method;
      this.words = words;
    }
  }

  Session(Login login, TransportAddress peer, MessageIntegrity integrity) {
    this.login = login;
    this.peer = peer;
    this.integrity = integrity;
  }

  /// Begins anew, as another client of the server's.
  void forget() {
    key = null;
  }

  boolean isSigned() {
    return key != null;
  }

  ByteBuf write(Request request, TransactionId id) {
    ByteBuf out = Unpooled.buffer(512);
    var writer = new StunWriter(out, MessageClass.REQUEST, request.method, id);
    switch (request) {
      case ALLOCATE -> {
        writer.integer(Attribute.REQUESTED_TRANSPORT, UDP);
        if (!peer.ip().isIpv4()) {
          writer.integer(Attribute.REQUESTED_ADDRESS_FAMILY, IPV6);
        }
      }
      case BIND ->
          writer
              .integer(Attribute.CHANNEL_NUMBER, ChannelData.FIRST_CHANNEL << 16)
              .address(Attribute.XOR_PEER_ADDRESS, peer);
      case REFRESH -> {}
      case RELEASE -> writer.integer(Attribute.LIFETIME, 0);
    }
    var known = key;
    if (known != null) {
      writer
          .bytes(Attribute.USERNAME, utf8(login.username()))
          .bytes(Attribute.REALM, realm)
          .bytes(Attribute.NONCE, nonce);
      if (known.algorithm() == IntegrityAlgorithm.SHA256 && offered != null) {
        writer.bytes(Attribute.PASSWORD_ALGORITHMS, offered);
        writer.bytes(Attribute.PASSWORD_ALGORITHM, new byte[] {0, SHA_256, 0, 0});
      }
      writer.integrity(integrity, known);
    }
    return out;
  }

  /// Takes over what a 401 or 438 says. False where it says too little.
  boolean learn(StunMessage answer) {
    boolean hasRealm = answer.has(Attribute.REALM);
    if (!answer.has(Attribute.NONCE) || (!hasRealm && key == null)) {
      return false;
    }
    nonce = answer.bytesOf(Attribute.NONCE);
    realm = hasRealm ? answer.bytesOf(Attribute.REALM) : realm;
    boolean offers = answer.has(Attribute.PASSWORD_ALGORITHMS);
    offered = offers ? answer.bytesOf(Attribute.PASSWORD_ALGORITHMS) : null;
    key = newKey(offered != null && isSha256Alone(offered));
    return true;
  }

  /// MD5 where it is allowed, which every server knows.
  private static boolean isSha256Alone(byte[] algorithms) {
    return algorithms.length == 4 && algorithms[1] == SHA_256;
  }

  private IntegrityKey newKey(boolean sha256) {
    var algorithm = sha256 ? IntegrityAlgorithm.SHA256 : IntegrityAlgorithm.SHA1;
    String text =
        OpaqueString.enforce(login.username())
            + ":"
            + new String(realm, StandardCharsets.UTF_8)
            + ":"
            + OpaqueString.enforce(login.password());
    try {
      var digest = MessageDigest.getInstance(sha256 ? "SHA-256" : "MD5");
      return new IntegrityKey(algorithm, digest.digest(utf8(text)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has MD5 and SHA-256", e);
    }
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
