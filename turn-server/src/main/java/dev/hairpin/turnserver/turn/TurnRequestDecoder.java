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
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// Reads a request's attributes into a [TurnRequest], or says why that cannot be.
public final class TurnRequestDecoder {
  /// Enough for every candidate of a peer; a request with more is refused.
  static final int MAX_PEERS = 32;

  private static final int PROTOCOL_TCP = 6;
  private static final int PROTOCOL_UDP = 17;
  private static final int RESERVE_BIT = 0x80; // RFC 8656 §18.6

  /// The comprehension-required attributes that this server understands.
  private static final Set<Integer> KNOWN =
      Set.of(
          Attribute.USERNAME,
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
          Attribute.RESERVATION_TOKEN);

  private static final Answer MALFORMED = Answer.refused(ErrorCode.BAD_REQUEST);

  private static final Map<Integer, Function<StunMessage, Decoded>> READERS =
      Map.of(
          Method.REFRESH, TurnRequestDecoder::refresh,
          Method.CREATE_PERMISSION, TurnRequestDecoder::createPermission,
          Method.CHANNEL_BIND, TurnRequestDecoder::channelBind,
          Method.CONNECT, TurnRequestDecoder::connect,
          Method.CONNECTION_BIND, TurnRequestDecoder::connectionBind);

  private TurnRequestDecoder() {}

  /// A request, or what to say to one that is not valid.
  public sealed interface Decoded permits TurnRequest, Answer {}

  /// Whether this server answers requests of a method at all.
  public static boolean isRequestMethod(int method) {
    return method == Method.BINDING || method == Method.ALLOCATE || READERS.containsKey(method);
  }

  /// Comprehension-required attributes that are not understood, each once, in order of appearance.
  ///
  /// @param besides what is understood in this message beside what always is
  public static int[] unknownAttributes(StunMessage message, Set<Integer> besides) {
    var unknown = new int[message.attributes()];
    int count = 0;
    for (int i = 0; i < message.attributes(); i++) {
      int type = message.typeOf(i);
      if (Attribute.isComprehensionRequired(type)
          && !KNOWN.contains(type)
          && !besides.contains(type)
          && message.find(type) == i) {
        unknown[count++] = type;
      }
    }
    return Arrays.copyOf(unknown, count);
  }

  /// Reads a request of any method but Binding.
  ///
  /// @param servesTcp whether there are TCP allocations (RFC 6062)
  public static Decoded decode(StunMessage message, boolean servesTcp) {
    int[] unknown = unknownAttributes(message, Set.of());
    if (unknown.length > 0) {
      return new Answer.UnknownAttributes(unknown);
    }
    if (message.has(Attribute.LIFETIME) && message.numberOf(Attribute.LIFETIME) < 0) {
      return MALFORMED;
    }
    return message.method() == Method.ALLOCATE
        ? allocate(message, servesTcp)
        : READERS.getOrDefault(message.method(), _ -> MALFORMED).apply(message);
  }

  private static Decoded allocate(StunMessage message, boolean servesTcp) {
    long protocol = message.numberOf(Attribute.REQUESTED_TRANSPORT) >> 24;
    boolean tcp = protocol == PROTOCOL_TCP;
    if (protocol >= 0 && protocol != PROTOCOL_UDP && !(tcp && servesTcp)) {
      return Answer.refused(ErrorCode.UNSUPPORTED_TRANSPORT_PROTOCOL);
    }
    var port = portWish(message);
    boolean dontFragment = message.has(Attribute.DONT_FRAGMENT);
    boolean dual = !tcp && message.has(Attribute.ADDITIONAL_ADDRESS_FAMILY);
    if (protocol < 0
        || port == null
        || (tcp && (dontFragment || port != PortWish.Parity.ANY)) // RFC 6062 §5.1
        || (dual && !mayBeDual(message, port))) {
      return MALFORMED;
    }
    var error = familyError(message);
    if (error != null) {
      return error;
    }
    var family = Objects.requireNonNullElse(family(message), Family.IPV4);
    var families = dual ? List.of(Family.IPV4, Family.IPV6) : List.of(family);
    long lifetime = message.numberOf(Attribute.LIFETIME);
    return new TurnRequest.Allocate(tcp, families, port, lifetime, dontFragment);
  }

  /// ADDITIONAL-ADDRESS-FAMILY names IPv6, and does not go with everything (RFC 8656 §7.2).
  private static boolean mayBeDual(StunMessage message, PortWish port) {
    return message.numberOf(Attribute.ADDITIONAL_ADDRESS_FAMILY) >> 24 == Family.IPV6.code()
        && !message.has(Attribute.REQUESTED_ADDRESS_FAMILY)
        && (port == PortWish.Parity.ANY || port == PortWish.Parity.EVEN);
  }

  /// Null where EVEN-PORT, RESERVATION-TOKEN and the rest do not go together (RFC 8656 §7.2).
  private static @Nullable PortWish portWish(StunMessage message) {
    boolean hasEven = message.has(Attribute.EVEN_PORT);
    if (message.has(Attribute.RESERVATION_TOKEN)) {
      int token = message.valueOf(Attribute.RESERVATION_TOKEN, Long.BYTES);
      boolean alone = !hasEven && !message.has(Attribute.REQUESTED_ADDRESS_FAMILY);
      return alone && token >= 0 ? new PortWish.Reserved(message.buffer().getLong(token)) : null;
    }
    int even = message.valueOf(Attribute.EVEN_PORT, 1);
    if (even < 0) {
      return hasEven ? null : PortWish.Parity.ANY;
    }
    boolean reserveNext = (message.buffer().getByte(even) & RESERVE_BIT) != 0;
    return reserveNext ? PortWish.Parity.EVEN_AND_NEXT : PortWish.Parity.EVEN;
  }

  private static Decoded refresh(StunMessage message) {
    var error = familyError(message);
    return error != null
        ? error
        : new TurnRequest.Refresh(message.numberOf(Attribute.LIFETIME), family(message));
  }

  /// What stands against the family that a client names, or null.
  private static @Nullable Decoded familyError(StunMessage message) {
    if (!message.has(Attribute.REQUESTED_ADDRESS_FAMILY) || family(message) != null) {
      return null;
    }
    return message.numberOf(Attribute.REQUESTED_ADDRESS_FAMILY) < 0
        ? MALFORMED
        : Answer.refused(ErrorCode.ADDRESS_FAMILY_NOT_SUPPORTED);
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
    long id = message.numberOf(Attribute.CONNECTION_ID);
    return id < 0 ? MALFORMED : new TurnRequest.ConnectionBind((int) id);
  }

  /// The transport address of a peer, or null where it is missing or malformed.
  private static @Nullable TransportAddress peer(StunMessage message) {
    int at = message.find(Attribute.XOR_PEER_ADDRESS);
    var peer = at < 0 ? null : XorAddress.decode(message, at);
    return peer == null || peer.port() == 0 ? null : peer;
  }

  private static Decoded channelBind(StunMessage message) {
    var peer = peer(message);
    int channel = (int) (message.numberOf(Attribute.CHANNEL_NUMBER) >> 16);
    return peer != null && ChannelData.isChannel(channel)
        ? new TurnRequest.ChannelBind(channel, peer)
        : MALFORMED;
  }

  /// Null where the client did not name a family that there is.
  private static @Nullable Family family(StunMessage message) {
    long code = message.numberOf(Attribute.REQUESTED_ADDRESS_FAMILY) >> 24;
    for (var family : Family.values()) {
      if (family.code() == code) {
        return family;
      }
    }
    return null;
  }
}
