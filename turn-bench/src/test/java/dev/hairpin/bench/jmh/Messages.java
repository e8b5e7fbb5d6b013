package dev.hairpin.bench.jmh;

import dev.hairpin.turnserver.net.IpAddress;
import dev.hairpin.turnserver.net.TransportAddress;
import dev.hairpin.turnserver.stun.Attribute;
import dev.hairpin.turnserver.stun.IntegrityKey;
import dev.hairpin.turnserver.stun.MessageClass;
import dev.hairpin.turnserver.stun.MessageIntegrity;
import dev.hairpin.turnserver.stun.Method;
import dev.hairpin.turnserver.stun.StunMessage;
import dev.hairpin.turnserver.stun.StunWriter;
import dev.hairpin.turnserver.stun.TransactionId;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;

/// Messages as clients send them, in memory outside of the heap as those that a socket receives.
final class Messages {
  static final String REALM = "hairpin";
  static final TransportAddress CLIENT = address("198.51.100.7", 49_152);
  static final TransportAddress PEER = address("203.0.113.9", 40_000);
  static final TransportAddress RELAYED = address("192.0.2.1", 50_000);

  /// Of one frame of audio: 20 ms of Opus, RTP and SRTP included.
  static final int PAYLOAD_BYTES = 160;

  private static final TransactionId ID = new TransactionId(0x01020304, 0x05060708090a0b0cL);
  private static final int UDP = 17 << 24;

  private Messages() {}

  static TransportAddress address(String ip, int port) {
    return new TransportAddress(IpAddress.parse(ip), port);
  }

  static ByteBuf room() {
    return Unpooled.directBuffer(2_048);
  }

  static ByteBuf binding() {
    var out = room();
    request(out, Method.BINDING).fingerprint();
    return out;
  }

  static ByteBuf sendIndication() {
    var out = room();
    new StunWriter(out, MessageClass.INDICATION, Method.SEND, ID)
        .address(Attribute.XOR_PEER_ADDRESS, PEER)
        .bytes(Attribute.DATA, new byte[PAYLOAD_BYTES]);
    return out;
  }

  static ByteBuf channelData(int channel) {
    return room().writeShort(channel).writeShort(PAYLOAD_BYTES).writeZero(PAYLOAD_BYTES);
  }

  /// An Allocate with the attributes that browsers send.
  static ByteBuf allocate(String username, byte[] nonce, IntegrityKey key) {
    var out = room();
    request(out, Method.ALLOCATE)
        .integer(Attribute.REQUESTED_TRANSPORT, UDP)
        .bytes(Attribute.USERNAME, username.getBytes(StandardCharsets.UTF_8))
        .bytes(Attribute.REALM, REALM.getBytes(StandardCharsets.UTF_8))
        .bytes(Attribute.NONCE, nonce)
        .integrity(new MessageIntegrity(), key);
    return out;
  }

  /// An Allocate without credentials, which gets a challenge.
  static ByteBuf strangersAllocate() {
    var out = room();
    request(out, Method.ALLOCATE).integer(Attribute.REQUESTED_TRANSPORT, UDP);
    return out;
  }

  static StunMessage decoded(ByteBuf bytes) {
    var message = new StunMessage();
    if (!message.decode(bytes, 0, bytes.readableBytes())) {
      throw new AssertionError("not a message");
    }
    return message;
  }

  private static StunWriter request(ByteBuf out, int method) {
    return new StunWriter(out, MessageClass.REQUEST, method, ID);
  }
}
