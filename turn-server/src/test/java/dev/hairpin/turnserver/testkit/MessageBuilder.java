package dev.hairpin.turnserver.testkit;

import java.net.InetSocketAddress;

/// Builds a STUN message attribute by attribute, in whatever order and however wrong it is asked
/// to.
public final class MessageBuilder {
  static final Bytes COOKIE = Bytes.hex("2112a442");
  private static final int HEADER = 20;
  private static final int TCP = 6;
  private static final int UDP = 17;
  private static final int FAMILY_IPV4 = 1;
  private static final int FAMILY_IPV6 = 2;

  private final Bytes transaction;
  private Bytes message;

  private MessageBuilder(Bytes message) {
    this.transaction = message.slice(8, HEADER);
    this.message = message;
  }

  public static MessageBuilder request(int method) {
    return of(MessageClass.REQUEST, method);
  }

  public static MessageBuilder indication(int method) {
    return of(MessageClass.INDICATION, method);
  }

  public static MessageBuilder of(MessageClass messageClass, int method) {
    return of(messageClass, method, Bytes.random(12));
  }

  /// A message with a transaction id of the caller's choice.
  public static MessageBuilder of(MessageClass messageClass, int method, Bytes transaction) {
    return new MessageBuilder(
        Bytes.uint16(type(messageClass, method))
            .plus(Bytes.uint16(0))
            .plus(COOKIE)
            .plus(transaction));
  }

  /// Adds to a message that is there, however wrong.
  public static MessageBuilder continuing(Bytes message) {
    return new MessageBuilder(message);
  }

  public MessageBuilder attribute(int type, Bytes value) {
    var padding = Bytes.of(new byte[-value.length() & 3]);
    var header = Bytes.uint16(type).plus(Bytes.uint16(value.length()));
    message = withLength(message.plus(header).plus(value).plus(padding), 0);
    return this;
  }

  public MessageBuilder flag(int type) {
    return attribute(type, Bytes.EMPTY);
  }

  public MessageBuilder text(int type, String text) {
    return attribute(type, Bytes.utf8(text));
  }

  public MessageBuilder requestedTransport() {
    return requestedTransport(UDP);
  }

  /// Asks for a TCP allocation (RFC 6062 §4.1).
  public MessageBuilder requestedTcp() {
    return requestedTransport(TCP);
  }

  public MessageBuilder requestedTransport(int protocol) {
    return attribute(Attributes.REQUESTED_TRANSPORT, Bytes.octets(protocol, 0, 0, 0));
  }

  public MessageBuilder requestedFamily(int family) {
    return attribute(Attributes.REQUESTED_ADDRESS_FAMILY, Bytes.octets(family, 0, 0, 0));
  }

  /// Asks for a relayed address of this family beside the one of IPv4 (RFC 8656 §18.12).
  public MessageBuilder additionalFamily(int family) {
    return attribute(Attributes.ADDITIONAL_ADDRESS_FAMILY, Bytes.octets(family, 0, 0, 0));
  }

  public MessageBuilder lifetime(long seconds) {
    return attribute(Attributes.LIFETIME, Bytes.uint32(seconds));
  }

  public MessageBuilder channel(int number) {
    return attribute(Attributes.CHANNEL_NUMBER, Bytes.uint16(number).plus(Bytes.uint16(0)));
  }

  public MessageBuilder peer(InetSocketAddress peer) {
    return peer(Bytes.of(peer.getAddress().getAddress()), peer.getPort());
  }

  /// A peer of 4 or 16 bytes, so that an IPv4-mapped IPv6 address goes out as it is.
  public MessageBuilder peer(Bytes ip, int port) {
    return xorAddress(Attributes.XOR_PEER_ADDRESS, ip, port);
  }

  public MessageBuilder xorAddress(int type, Bytes ip, int port) {
    int family = ip.length() == 4 ? FAMILY_IPV4 : FAMILY_IPV6;
    return attribute(
        type,
        Bytes.octets(0, family)
            .plus(Bytes.uint16(port).xor(COOKIE))
            .plus(ip.xor(COOKIE.plus(transaction))));
  }

  /// Names the connection to a peer (RFC 6062 §6.2.1).
  public MessageBuilder connectionId(long id) {
    return attribute(Attributes.CONNECTION_ID, Bytes.uint32(id));
  }

  /// Shows the ticket of an allocation; an empty one asks for a ticket (RFC 8016 §3.1, §3.2).
  public MessageBuilder ticket(Bytes ticket) {
    return attribute(Attributes.MOBILITY_TICKET, ticket);
  }

  public MessageBuilder data(Bytes payload) {
    return attribute(Attributes.DATA, payload);
  }

  /// Adds MESSAGE-INTEGRITY over all that is there so far (RFC 8489 §14.5).
  public MessageBuilder integrity(Bytes key) {
    return attribute(Attributes.MESSAGE_INTEGRITY, Hashes.hmacSha1(key, withLength(message, 24)));
  }

  /// Adds MESSAGE-INTEGRITY-SHA256 over all that is there so far (RFC 8489 §14.6).
  public MessageBuilder integritySha256(Bytes key) {
    return attribute(
        Attributes.MESSAGE_INTEGRITY_SHA256, Hashes.hmacSha256(key, withLength(message, 36)));
  }

  /// Adds FINGERPRINT over all that is there so far (RFC 8489 §14.7).
  public MessageBuilder fingerprint() {
    return attribute(Attributes.FINGERPRINT, Hashes.fingerprint(withLength(message, 8)));
  }

  /// Adds what a long-term credential needs, MESSAGE-INTEGRITY last (RFC 8489 §9.2.3).
  public MessageBuilder signedBy(TurnCredential credential, Challenge challenge) {
    return text(Attributes.USERNAME, credential.username())
        .text(Attributes.REALM, challenge.realm())
        .attribute(Attributes.NONCE, challenge.nonce())
        .integrity(credential.key(challenge.realm()));
  }

  public Bytes transaction() {
    return transaction;
  }

  public Bytes build() {
    return message;
  }

  /// The first two bytes: twelve bits of method with two bits of class between them.
  private static int type(MessageClass messageClass, int method) {
    return (method & 0xf80) << 2 | (method & 0x070) << 1 | (method & 0x00f) | messageClass.bits();
  }

  /// The header's length field, as if so many bytes more had been added.
  private static Bytes withLength(Bytes message, int more) {
    return message.with(2, Bytes.uint16(message.length() + more - HEADER));
  }
}
