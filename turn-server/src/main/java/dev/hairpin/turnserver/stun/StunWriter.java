package dev.hairpin.turnserver.stun;

import dev.hairpin.turnserver.net.Family;
import dev.hairpin.turnserver.net.IpAddress;
import dev.hairpin.turnserver.net.TransportAddress;
import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;
import java.util.zip.CRC32;

/// Writes one message into a buffer, attribute by attribute. Padding is zero (RFC 8489 §14).
public final class StunWriter {
  private final ByteBuf out;
  private final int start;
  private final TransactionId transactionId;

  /// Starts a message at the buffer's writer index.
  public StunWriter(ByteBuf out, MessageClass messageClass, int method, TransactionId id) {
    this.out = out;
    this.start = out.writerIndex();
    this.transactionId = id;
    out.writeShort(messageClass.typeOf(method)).writeShort(0).writeInt(StunMessage.MAGIC_COOKIE);
    out.writeInt(id.high()).writeLong(id.low());
  }

  /// Starts the response to a request, with what that has in the place of the cookie.
  public StunWriter(ByteBuf out, MessageClass messageClass, StunMessage request) {
    this(out, messageClass, request.method(), request.transactionId());
    out.setInt(start + 4, request.cookie());
  }

  public StunWriter bytes(int attribute, byte[] value) {
    out.writeShort(attribute).writeShort(value.length).writeBytes(value);
    out.writeZero(-value.length & 3);
    return done();
  }

  public StunWriter integer(int attribute, int value) {
    out.writeShort(attribute).writeShort(4).writeInt(value);
    return done();
  }

  public StunWriter address(int attribute, TransportAddress address) {
    return address(
        attribute, address, XorAddress.maskHigh(transactionId.high()), transactionId.low());
  }

  /// An address as it is (RFC 8489 §14.1).
  public StunWriter plainAddress(int attribute, TransportAddress address) {
    return address(attribute, address, 0, 0);
  }

  private StunWriter address(int attribute, TransportAddress address, long maskHigh, long maskLow) {
    var ip = address.ip();
    out.writeShort(attribute);
    XorAddress.write(out, maskHigh, maskLow, ip.high(), ip.low(), address.port());
    return done();
  }

  /// ERROR-CODE with an empty reason: the number says it, and a short answer reflects less (RFC
  /// 8489 §14.8).
  public StunWriter error(ErrorCode error) {
    return integer(Attribute.ERROR_CODE, bitsOf(error));
  }

  /// ADDRESS-ERROR-CODE, its reason as empty (RFC 8656 §18.12).
  public StunWriter addressError(Family family, ErrorCode error) {
    return integer(Attribute.ADDRESS_ERROR_CODE, family.code() << 24 | bitsOf(error));
  }

  private static int bitsOf(ErrorCode error) {
    return (error.code() / 100) << 8 | (error.code() % 100);
  }

  public StunWriter unknownAttributes(int[] types) {
    var value = ByteBuffer.allocate(2 * types.length);
    for (int type : types) {
      value.putShort((short) type);
    }
    return bytes(Attribute.UNKNOWN_ATTRIBUTES, value.array());
  }

  public StunWriter integrity(MessageIntegrity integrity, IntegrityKey key) {
    int covered = out.writerIndex() - start;
    var algorithm = key.algorithm();
    out.writeShort(algorithm.attribute).writeShort(algorithm.bytes).writeZero(algorithm.bytes);
    done(); // the length that is hashed counts the attribute itself (RFC 8489 §14.5)
    out.setBytes(start + covered + 4, integrity.compute(out, start, covered, key));
    return this;
  }

  public StunWriter fingerprint() {
    int covered = out.writerIndex() - start;
    integer(Attribute.FINGERPRINT, 0);
    int fingerprint = StunMessage.fingerprint(new CRC32(), out, start, covered);
    out.setInt(start + covered + 4, fingerprint);
    return this;
  }

  /// ICMP (RFC 8656 §18.13), with type and code in a byte each; see docs/deviations.md.
  public StunWriter icmp(int type, int code, int data) {
    out.writeShort(Attribute.ICMP).writeShort(8).writeInt(type << 8 | code).writeInt(data);
    return done();
  }

  private StunWriter done() {
    out.setShort(start + 2, out.writerIndex() - start - StunMessage.HEADER_BYTES);
    return this;
  }

  /// Appends a whole Data indication (RFC 8656 §11.5) without making an object.
  ///
  /// @param from where the payload starts in `source`
  public static void dataIndication(
      ByteBuf out,
      int transactionHigh,
      long transactionLow,
      long peerHigh,
      long peerLow,
      int peerPort,
      ByteBuf source,
      int from,
      int length) {
    int addressBytes = IpAddress.isIpv4(peerHigh, peerLow) ? 8 : 20;
    int padding = -length & 3;
    out.writeShort(MessageClass.INDICATION.typeOf(Method.DATA));
    out.writeShort(4 + addressBytes + 4 + length + padding).writeInt(StunMessage.MAGIC_COOKIE);
    out.writeInt(transactionHigh).writeLong(transactionLow);
    out.writeShort(Attribute.XOR_PEER_ADDRESS);
    long maskHigh = XorAddress.maskHigh(transactionHigh);
    XorAddress.write(out, maskHigh, transactionLow, peerHigh, peerLow, peerPort);
    out.writeShort(Attribute.DATA).writeShort(length).writeBytes(source, from, length);
    out.writeZero(padding);
  }
}
