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
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// Reads a request's attributes into a [TurnRequest], or says why that cannot be.
public final class TurnRequestDecoder {
  /// Enough for every candidate of a peer; a request with more is refused.
  static final int MAX_PEERS = 32;

  private static final int PROTOCOL_TCP = 6;
  private static final int PROTOCOL_UDP = 17;
  private static final int RESERVE_BIT = 0x80; // RFC 8656 §18.6

  private static final Decoded MALFORMED = refused(ErrorCode.BAD_REQUEST);

  private static final Map<Integer, Function<StunMessage, Decoded>> READERS =
      Map.of(
          Method.ALLOCATE, TurnRequestDecoder::allocate,
          Method.REFRESH, TurnRequestDecoder::refresh,
          Method.CREATE_PERMISSION, TurnRequestDecoder::createPermission,
          Method.CHANNEL_BIND, TurnRequestDecoder::channelBind,
          Method.CONNECT, TurnRequestDecoder::connect,
          Method.CONNECTION_BIND, TurnRequestDecoder::connectionBind);

  private TurnRequestDecoder() {}

  /// What a request turned out to be.
  public sealed interface Decoded permits TurnRequest, NoRequest {}

  /// What is none, and what to say to that.
  public record NoRequest(Answer answer) implements Decoded {}

  private static Decoded refused(ErrorCode error) {
    return new NoRequest(Answer.refused(error));
  }

  /// Whether this server answers requests of a method at all.
  public static boolean isRequestMethod(int method) {
    return method == Method.BINDING || READERS.containsKey(method);
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
    return message.valueOf(Attribute.REQUESTED_TRANSPORT, 4) < 0;
  }

  public static Decoded decode(StunMessage message) {
    int[] unknown = unknownAttributes(message);
    if (unknown.length > 0) {
      return new NoRequest(new Answer.UnknownAttributes(unknown));
    }
    if (message.has(Attribute.LIFETIME) && message.valueOf(Attribute.LIFETIME, 4) < 0) {
      return MALFORMED;
    }
    return READERS.getOrDefault(message.method(), _ -> MALFORMED).apply(message);
  }

  private static Decoded allocate(StunMessage message) {
    return switch (firstByte(message, Attribute.REQUESTED_TRANSPORT, 4)) {
      case -1 -> MALFORMED;
      case PROTOCOL_TCP -> allocateTcp(message);
      case PROTOCOL_UDP -> allocateUdp(message);
      default -> refused(ErrorCode.UNSUPPORTED_TRANSPORT_PROTOCOL);
    };
  }

  private static Decoded allocateUdp(StunMessage message) {
    var port = portWish(message);
    boolean dual = message.has(Attribute.ADDITIONAL_ADDRESS_FAMILY);
    if (port == null || (dual && !mayBeDual(message, port))) {
      return MALFORMED;
    }
    var error = familyError(message);
    if (error != null) {
      return error;
    }
    var family = Objects.requireNonNullElse(family(message), Family.IPV4);
    var families = dual ? List.of(Family.IPV4, Family.IPV6) : List.of(family);
    boolean dontFragment = message.has(Attribute.DONT_FRAGMENT);
    return new TurnRequest.Allocate(families, port, lifetime(message), dontFragment);
  }

  /// ADDITIONAL-ADDRESS-FAMILY names IPv6, and does not go with everything (RFC 8656 §7.2).
  private static boolean mayBeDual(StunMessage message, PortWish port) {
    return firstByte(message, Attribute.ADDITIONAL_ADDRESS_FAMILY, 4) == Family.IPV6.code()
        && !message.has(Attribute.REQUESTED_ADDRESS_FAMILY)
        && (port == PortWish.Parity.ANY || port == PortWish.Parity.EVEN);
  }

  private static Decoded allocateTcp(StunMessage message) {
    boolean plain =
        !message.has(Attribute.EVEN_PORT)
            && !message.has(Attribute.RESERVATION_TOKEN)
            && !message.has(Attribute.DONT_FRAGMENT);
    var error = familyError(message);
    if (plain && error != null) {
      return error;
    }
    var family = Objects.requireNonNullElse(family(message), Family.IPV4);
    var wish =
        new TurnRequest.Allocate(List.of(family), PortWish.Parity.ANY, lifetime(message), false);
    return new TurnRequest.AllocateTcp(wish, plain);
  }

  /// Null where EVEN-PORT, RESERVATION-TOKEN and the rest do not go together (RFC 8656 §7.2).
  private static @Nullable PortWish portWish(StunMessage message) {
    boolean hasEven = message.has(Attribute.EVEN_PORT);
    if (message.has(Attribute.RESERVATION_TOKEN)) {
      int token = message.valueOf(Attribute.RESERVATION_TOKEN, Long.BYTES);
      boolean alone = !hasEven && !message.has(Attribute.REQUESTED_ADDRESS_FAMILY);
      return alone && token >= 0 ? new PortWish.Reserved(message.buffer().getLong(token)) : null;
    }
    int even = firstByte(message, Attribute.EVEN_PORT, 1);
    if (even < 0) {
      return hasEven ? null : PortWish.Parity.ANY;
    }
    boolean reserveNext = (even & RESERVE_BIT) != 0;
    return reserveNext ? PortWish.Parity.EVEN_AND_NEXT : PortWish.Parity.EVEN;
  }

  private static Decoded refresh(StunMessage message) {
    var error = familyError(message);
    return error != null ? error : new TurnRequest.Refresh(lifetime(message), family(message));
  }

  /// What stands against the family that a client names, or null.
  private static @Nullable Decoded familyError(StunMessage message) {
    if (!message.has(Attribute.REQUESTED_ADDRESS_FAMILY) || family(message) != null) {
      return null;
    }
    return message.valueOf(Attribute.REQUESTED_ADDRESS_FAMILY, 4) < 0
        ? MALFORMED
        : refused(ErrorCode.ADDRESS_FAMILY_NOT_SUPPORTED);
  }

  private static Decoded createPermission(StunMessage message) {
    var peers = new ArrayList<TransportAddress>(2);
    for (int i = 0; i < message.attributes(); i++) {
      if (message.typeOf(i) != Attribute.XOR_PEER_ADDRESS) {
        continue;
      }
      var peer = XorAddress.decode(message, i);
      if (peer == null || peers.size() == MAX_PEERS) {
        return MALFORMED;
      }
      peers.add(peer);
    }
    return peers.isEmpty() ? MALFORMED : new TurnRequest.CreatePermission(peers);
  }

  private static Decoded connect(StunMessage message) {
    var peer = peer(message);
    return peer == null ? MALFORMED : new TurnRequest.Connect(peer);
  }

  private static Decoded connectionBind(StunMessage message) {
    int id = message.valueOf(Attribute.CONNECTION_ID, Integer.BYTES);
    return id < 0 ? MALFORMED : new TurnRequest.ConnectionBind(message.buffer().getInt(id));
  }

  /// The transport address of a peer, or null where it is missing or malformed.
  private static @Nullable TransportAddress peer(StunMessage message) {
    int at = message.find(Attribute.XOR_PEER_ADDRESS);
    var peer = at < 0 ? null : XorAddress.decode(message, at);
    return peer == null || peer.port() == 0 ? null : peer;
  }

  private static Decoded channelBind(StunMessage message) {
    var peer = peer(message);
    int number = message.valueOf(Attribute.CHANNEL_NUMBER, 4);
    int channel = number < 0 ? -1 : message.buffer().getUnsignedShort(number);
    return peer != null && ChannelData.isChannel(channel)
        ? new TurnRequest.ChannelBind(channel, peer)
        : MALFORMED;
  }

  /// Null where the client did not name a family that there is.
  private static @Nullable Family family(StunMessage message) {
    int code = firstByte(message, Attribute.REQUESTED_ADDRESS_FAMILY, 4);
    for (var family : Family.values()) {
      if (family.code() == code) {
        return family;
      }
    }
    return null;
  }

  private static long lifetime(StunMessage message) {
    int at = message.valueOf(Attribute.LIFETIME, 4);
    return at < 0 ? TurnRequest.NO_LIFETIME : message.buffer().getUnsignedInt(at);
  }

  /// Of an attribute's value, or -1 where it is absent or of another length.
  private static int firstByte(StunMessage message, int attribute, int length) {
    int at = message.valueOf(attribute, length);
    return at < 0 ? -1 : message.buffer().getUnsignedByte(at);
  }
}
