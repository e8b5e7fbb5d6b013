package dev.hairpin.turnserver.turn;

import dev.hairpin.turnserver.net.Family;
import dev.hairpin.turnserver.net.TransportAddress;
import dev.hairpin.turnserver.stun.Attribute;
import dev.hairpin.turnserver.stun.ErrorCode;
import dev.hairpin.turnserver.stun.Method;
import dev.hairpin.turnserver.stun.StunMessage;
import dev.hairpin.turnserver.stun.XorAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// Reads a request's attributes into a [TurnRequest], or says why that cannot be.
public final class TurnRequestDecoder {
  /// Enough for every candidate of a peer; a request with more is refused.
  static final int MAX_PEERS = 32;

  private static final int PROTOCOL_TCP = 6;
  private static final int PROTOCOL_UDP = 17;
  private static final int RESERVE_BIT = 0x80; // RFC 8656 §18.6

  private TurnRequestDecoder() {}

  /// What a request turned out to be.
  public sealed interface Decoded {
    record Valid(TurnRequest request) implements Decoded {}

    record Invalid(ErrorCode error) implements Decoded {}

    /// Answered with 420 and the list (RFC 8489 §6.3.1).
    record Unknown(int[] attributes) implements Decoded {}
  }

  /// Whether this server answers requests of a method at all.
  public static boolean isRequestMethod(int method) {
    return switch (method) {
      case Method.BINDING,
          Method.ALLOCATE,
          Method.REFRESH,
          Method.CREATE_PERMISSION,
          Method.CHANNEL_BIND,
          Method.CONNECT,
          Method.CONNECTION_BIND ->
          true;
      default -> false;
    };
  }

  /// Comprehension-required attributes that are not understood, each once, in order of appearance.
  public static int[] unknownAttributes(StunMessage message) {
    var unknown = new int[message.attributes()];
    int count = 0;
    for (int i = 0; i < message.attributes(); i++) {
      int type = message.typeOf(i);
      if (Attribute.isComprehensionRequired(type) && !isKnown(type) && message.find(type) == i) {
        unknown[count++] = type;
      }
    }
    return Arrays.copyOf(unknown, count);
  }

  private static boolean isKnown(int type) {
    return switch (type) {
      case Attribute.USERNAME,
          Attribute.REALM,
          Attribute.NONCE,
          Attribute.USERHASH,
          Attribute.PASSWORD_ALGORITHM,
          Attribute.LIFETIME,
          Attribute.CHANNEL_NUMBER,
          Attribute.XOR_PEER_ADDRESS,
          Attribute.DATA,
          Attribute.REQUESTED_TRANSPORT,
          Attribute.REQUESTED_ADDRESS_FAMILY,
          Attribute.EVEN_PORT,
          Attribute.DONT_FRAGMENT,
          Attribute.CONNECTION_ID,
          Attribute.RESERVATION_TOKEN ->
          true;
      default -> false;
    };
  }

  /// Whether an Allocate asks for a transport at all; one that does not is malformed whoever sent
  /// it.
  public static boolean lacksTransport(StunMessage message) {
    return lengthOf(message, Attribute.REQUESTED_TRANSPORT) != 4;
  }

  public static Decoded decode(StunMessage message) {
    int[] unknown = unknownAttributes(message);
    if (unknown.length > 0) {
      return new Decoded.Unknown(unknown);
    }
    if (message.has(Attribute.LIFETIME) && lengthOf(message, Attribute.LIFETIME) != 4) {
      return new Decoded.Invalid(ErrorCode.BAD_REQUEST);
    }
    return switch (message.method()) {
      case Method.ALLOCATE -> allocate(message);
      case Method.REFRESH -> refresh(message);
      case Method.CREATE_PERMISSION -> createPermission(message);
      case Method.CHANNEL_BIND -> channelBind(message);
      case Method.CONNECT -> connect(message);
      case Method.CONNECTION_BIND -> connectionBind(message);
      default -> new Decoded.Invalid(ErrorCode.BAD_REQUEST);
    };
  }

  private static Decoded allocate(StunMessage message) {
    if (lacksTransport(message)) {
      return new Decoded.Invalid(ErrorCode.BAD_REQUEST);
    }
    int protocol = firstByte(message, Attribute.REQUESTED_TRANSPORT);
    if (protocol == PROTOCOL_TCP) {
      return allocateTcp(message);
    }
    if (protocol != PROTOCOL_UDP) {
      return new Decoded.Invalid(ErrorCode.UNSUPPORTED_TRANSPORT_PROTOCOL);
    }
    var port = portWish(message);
    boolean dual = message.has(Attribute.ADDITIONAL_ADDRESS_FAMILY);
    if (port == null || (dual && !mayBeDual(message, port))) {
      return new Decoded.Invalid(ErrorCode.BAD_REQUEST);
    }
    if (isFamilyUnknown(message)) {
      return unknownFamily(message);
    }
    var family = Objects.requireNonNullElse(family(message), Family.IPV4);
    var families = dual ? List.of(Family.IPV4, Family.IPV6) : List.of(family);
    boolean dontFragment = message.has(Attribute.DONT_FRAGMENT);
    return new Decoded.Valid(
        new TurnRequest.Allocate(families, port, lifetime(message), dontFragment));
  }

  /// ADDITIONAL-ADDRESS-FAMILY names IPv6, and does not go with everything (RFC 8656 §7.2).
  private static boolean mayBeDual(StunMessage message, PortWish port) {
    return lengthOf(message, Attribute.ADDITIONAL_ADDRESS_FAMILY) == 4
        && firstByte(message, Attribute.ADDITIONAL_ADDRESS_FAMILY) == Family.IPV6.code()
        && !message.has(Attribute.REQUESTED_ADDRESS_FAMILY)
        && (port == PortWish.Parity.ANY || port == PortWish.Parity.EVEN);
  }

  private static Decoded allocateTcp(StunMessage message) {
    boolean plain =
        !message.has(Attribute.EVEN_PORT)
            && !message.has(Attribute.RESERVATION_TOKEN)
            && !message.has(Attribute.DONT_FRAGMENT);
    if (plain && isFamilyUnknown(message)) {
      return unknownFamily(message);
    }
    var family = Objects.requireNonNullElse(family(message), Family.IPV4);
    var wish =
        new TurnRequest.Allocate(List.of(family), PortWish.Parity.ANY, lifetime(message), false);
    return new Decoded.Valid(new TurnRequest.AllocateTcp(wish, plain));
  }

  /// Null where EVEN-PORT, RESERVATION-TOKEN and the rest do not go together (RFC 8656 §7.2).
  private static @Nullable PortWish portWish(StunMessage message) {
    int even = message.find(Attribute.EVEN_PORT);
    int token = message.find(Attribute.RESERVATION_TOKEN);
    if (token >= 0) {
      boolean alone = even < 0 && !message.has(Attribute.REQUESTED_ADDRESS_FAMILY);
      return alone && message.lengthOf(token) == Long.BYTES
          ? new PortWish.Reserved(message.buffer().getLong(message.offsetOf(token)))
          : null;
    }
    if (even < 0) {
      return PortWish.Parity.ANY;
    }
    if (message.lengthOf(even) != 1) {
      return null;
    }
    boolean reserveNext = (firstByte(message, Attribute.EVEN_PORT) & RESERVE_BIT) != 0;
    return reserveNext ? PortWish.Parity.EVEN_AND_NEXT : PortWish.Parity.EVEN;
  }

  private static Decoded refresh(StunMessage message) {
    return isFamilyUnknown(message)
        ? unknownFamily(message)
        : new Decoded.Valid(new TurnRequest.Refresh(lifetime(message), family(message)));
  }

  private static boolean isFamilyUnknown(StunMessage message) {
    return message.has(Attribute.REQUESTED_ADDRESS_FAMILY) && family(message) == null;
  }

  private static Decoded unknownFamily(StunMessage message) {
    return new Decoded.Invalid(
        lengthOf(message, Attribute.REQUESTED_ADDRESS_FAMILY) == 4
            ? ErrorCode.ADDRESS_FAMILY_NOT_SUPPORTED
            : ErrorCode.BAD_REQUEST);
  }

  private static Decoded createPermission(StunMessage message) {
    var peers = new ArrayList<TransportAddress>(2);
    for (int i = 0; i < message.attributes(); i++) {
      if (message.typeOf(i) != Attribute.XOR_PEER_ADDRESS) {
        continue;
      }
      var peer = XorAddress.decode(message, i);
      if (peer == null || peers.size() == MAX_PEERS) {
        return new Decoded.Invalid(ErrorCode.BAD_REQUEST);
      }
      peers.add(peer);
    }
    return peers.isEmpty()
        ? new Decoded.Invalid(ErrorCode.BAD_REQUEST)
        : new Decoded.Valid(new TurnRequest.CreatePermission(peers));
  }

  private static Decoded connect(StunMessage message) {
    var peer = peer(message);
    return peer == null
        ? new Decoded.Invalid(ErrorCode.BAD_REQUEST)
        : new Decoded.Valid(new TurnRequest.Connect(peer));
  }

  private static Decoded connectionBind(StunMessage message) {
    if (lengthOf(message, Attribute.CONNECTION_ID) != Integer.BYTES) {
      return new Decoded.Invalid(ErrorCode.BAD_REQUEST);
    }
    int at = message.offsetOf(message.find(Attribute.CONNECTION_ID));
    return new Decoded.Valid(new TurnRequest.ConnectionBind(message.buffer().getInt(at)));
  }

  /// The transport address of a peer, or null where it is missing or malformed.
  private static @Nullable TransportAddress peer(StunMessage message) {
    int at = message.find(Attribute.XOR_PEER_ADDRESS);
    var peer = at < 0 ? null : XorAddress.decode(message, at);
    return peer == null || peer.port() == 0 ? null : peer;
  }

  private static Decoded channelBind(StunMessage message) {
    var peer = peer(message);
    if (peer == null || lengthOf(message, Attribute.CHANNEL_NUMBER) != 4) {
      return new Decoded.Invalid(ErrorCode.BAD_REQUEST);
    }
    int number = message.find(Attribute.CHANNEL_NUMBER);
    int channel = message.buffer().getUnsignedShort(message.offsetOf(number));
    return ChannelData.isChannel(channel)
        ? new Decoded.Valid(new TurnRequest.ChannelBind(channel, peer))
        : new Decoded.Invalid(ErrorCode.BAD_REQUEST);
  }

  /// Null where the client did not name a family that there is.
  private static @Nullable Family family(StunMessage message) {
    if (lengthOf(message, Attribute.REQUESTED_ADDRESS_FAMILY) != 4) {
      return null;
    }
    int code = firstByte(message, Attribute.REQUESTED_ADDRESS_FAMILY);
    for (var family : Family.values()) {
      if (family.code() == code) {
        return family;
      }
    }
    return null;
  }

  private static long lifetime(StunMessage message) {
    int at = message.find(Attribute.LIFETIME);
    return at < 0 ? TurnRequest.NO_LIFETIME : message.buffer().getUnsignedInt(message.offsetOf(at));
  }

  /// The length of an attribute's value, or -1 where it is absent.
  private static int lengthOf(StunMessage message, int attribute) {
    int at = message.find(attribute);
    return at < 0 ? -1 : message.lengthOf(at);
  }

  private static int firstByte(StunMessage message, int attribute) {
    return message.buffer().getUnsignedByte(message.offsetOf(message.find(attribute)));
  }
}
