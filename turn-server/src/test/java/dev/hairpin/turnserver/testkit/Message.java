package dev.hairpin.turnserver.testkit;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A STUN message, read from its bytes by the letter of RFC 8489 §5 and §14: what is not exactly of
/// that form is an error of the test.
public final class Message {
  private static final int HEADER = 20;

  private final Bytes bytes;
  private final List<Attribute> attributes;

  /// One attribute and the place where its header begins.
  public record Attribute(int type, Bytes value, Bytes padding, int offset) {}

  private Message(Bytes bytes, List<Attribute> attributes) {
    this.bytes = bytes;
    this.attributes = List.copyOf(attributes);
  }

  /// Whether these bytes claim to be STUN, not ChannelData (RFC 8656 §12).
  public static boolean isStun(Bytes datagram) {
    return datagram.length() >= HEADER
        && datagram.at(0) < 0x40
        && datagram.slice(4, 8).equals(MessageBuilder.COOKIE);
  }

  /// Whether [#decode(Bytes)] takes these bytes: header, lengths and nothing left over.
  public static boolean isWellFormed(Bytes datagram) {
    if (!isStun(datagram) || datagram.uint16At(2) != datagram.length() - HEADER) {
      return false;
    }
    int offset = HEADER;
    while (offset + 4 <= datagram.length()) {
      offset += 4 + (datagram.uint16At(offset + 2) + 3 & ~3);
    }
    return offset == datagram.length();
  }

  public static Message decode(Bytes datagram) {
    Expect.that(isStun(datagram), "not STUN: ", datagram);
    Expect.that(datagram.uint16At(2) == datagram.length() - HEADER, "wrong length: ", datagram);
    var attributes = new ArrayList<Attribute>();
    int offset = HEADER;
    while (offset < datagram.length()) {
      Expect.that(offset + 4 <= datagram.length(), "half an attribute header: ", datagram);
      int start = offset + 4;
      int end = start + datagram.uint16At(offset + 2);
      int next = (end + 3) & ~3;
      Expect.that(next <= datagram.length(), "an attribute leaves the message: ", datagram);
      attributes.add(
          new Attribute(
              datagram.uint16At(offset),
              datagram.slice(start, end),
              datagram.slice(end, next),
              offset));
      offset = next;
    }
    return new Message(datagram, attributes);
  }

  public Bytes bytes() {
    return bytes;
  }

  public MessageClass messageClass() {
    return MessageClass.ofType(bytes.uint16At(0));
  }

  public int method() {
    int type = bytes.uint16At(0);
    return (type >> 2 & 0xf80) | (type >> 1 & 0x070) | (type & 0x00f);
  }

  public Bytes transaction() {
    return bytes.slice(8, HEADER);
  }

  public List<Attribute> attributes() {
    return attributes;
  }

  public boolean has(int type) {
    return find(type) != null;
  }

  /// The first attribute of this type, which is the one that counts (RFC 8489 §14).
  public @Nullable Attribute find(int type) {
    for (Attribute attribute : attributes) {
      if (attribute.type() == type) {
        return attribute;
      }
    }
    return null;
  }

  public Bytes require(int type) {
    var attribute = find(type);
    if (attribute == null) {
      throw new AssertionError("no attribute 0x%04x in %s".formatted(type, this));
    }
    return attribute.value();
  }

  public long uint32(int type) {
    var value = require(type);
    Expect.that(value.length() == 4, "not four bytes long: ", value);
    return value.uint32At(0);
  }

  public boolean isSuccess() {
    return messageClass() == MessageClass.SUCCESS;
  }

  public boolean isError(int code) {
    return messageClass() == MessageClass.ERROR && errorCode() == code;
  }

  /// The number in ERROR-CODE (RFC 8489 §14.8).
  public int errorCode() {
    var value = require(Attributes.ERROR_CODE);
    Expect.that(value.length() >= 4, "ERROR-CODE is too short: ", value);
    return value.at(2) * 100 + value.at(3);
  }

  /// An address in its XOR form (RFC 8489 §14.2).
  public InetSocketAddress address(int type) {
    return address(require(type), MessageBuilder.COOKIE.plus(transaction()));
  }

  /// All addresses of one type, in their XOR form.
  public List<InetSocketAddress> addresses(int type) {
    var mask = MessageBuilder.COOKIE.plus(transaction());
    return attributes.stream()
        .filter(attribute -> attribute.type() == type)
        .map(attribute -> address(attribute.value(), mask))
        .toList();
  }

  /// An address as it is (RFC 8489 §14.1), such as RESPONSE-ORIGIN or ALTERNATE-SERVER.
  public InetSocketAddress plainAddress(int type) {
    return address(require(type), Bytes.of(new byte[16]));
  }

  private static InetSocketAddress address(Bytes value, Bytes mask) {
    Expect.that(value.length() >= 4, "an address is too short: ", value);
    int length = value.at(1) == 1 ? 4 : 16;
    Expect.that(
        value.at(0) == 0 && value.at(1) <= 2 && value.length() == 4 + length,
        "a strange address: ",
        value);
    var ip = value.slice(4, value.length()).xor(mask);
    try {
      return new InetSocketAddress(
          InetAddress.getByAddress(ip.toArray()), value.slice(2, 4).xor(mask).uint16At(0));
    } catch (UnknownHostException e) {
      throw new AssertionError("4 or 16 bytes are always an address", e);
    }
  }

  public boolean isIntegrityValid(Bytes key) {
    var integrity = find(Attributes.MESSAGE_INTEGRITY);
    return integrity != null && Hashes.hmacSha1(key, upTo(integrity, 24)).equals(integrity.value());
  }

  public boolean isIntegritySha256Valid(Bytes key) {
    var integrity = find(Attributes.MESSAGE_INTEGRITY_SHA256);
    return integrity != null
        && Hashes.hmacSha256(key, upTo(integrity, 36)).equals(integrity.value());
  }

  public boolean isFingerprintValid() {
    var fingerprint = find(Attributes.FINGERPRINT);
    return fingerprint != null
        && Hashes.fingerprint(upTo(fingerprint, 8)).equals(fingerprint.value());
  }

  /// All before this attribute, with a length field that ends behind it.
  private Bytes upTo(Attribute attribute, int size) {
    return bytes
        .slice(0, attribute.offset())
        .with(2, Bytes.uint16(attribute.offset() + size - HEADER));
  }

  @Override
  public String toString() {
    var text = new StringBuilder("%s of method 0x%03x".formatted(messageClass(), method()));
    for (Attribute attribute : attributes) {
      text.append(" [0x%04x %s]".formatted(attribute.type(), attribute.value()));
    }
    return text.toString();
  }
}
