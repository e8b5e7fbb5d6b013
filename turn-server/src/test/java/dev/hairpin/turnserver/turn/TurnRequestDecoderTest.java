package dev.hairpin.turnserver.turn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.hairpin.turnserver.net.Family;
import dev.hairpin.turnserver.net.TransportAddress;
import dev.hairpin.turnserver.stun.ErrorCode;
import dev.hairpin.turnserver.stun.StunMessage;
import dev.hairpin.turnserver.stun.XorAddress;
import dev.hairpin.turnserver.testkit.Attributes;
import dev.hairpin.turnserver.testkit.Bytes;
import dev.hairpin.turnserver.testkit.MessageBuilder;
import dev.hairpin.turnserver.testkit.Methods;
import dev.hairpin.turnserver.turn.TurnRequestDecoder.Decoded;
import io.netty.buffer.Unpooled;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/// Which attributes make which request.
class TurnRequestDecoderTest {
  private static final InetSocketAddress ADDRESS = new InetSocketAddress("192.0.2.7", 4711);
  private static final TransportAddress PEER = TransportAddress.of(ADDRESS);
  private static final InetSocketAddress OTHER = new InetSocketAddress("192.0.2.8", 4712);
  private static final Decoded BAD_REQUEST = Answer.refused(ErrorCode.BAD_REQUEST);
  private static final int IPV4 = 1;
  private static final int IPV6 = 2;
  private static final int MAX_LENGTH = 40;

  private final StunMessage message = new StunMessage();

  @Test
  void theFirstOfTwoCountsExceptThatPermissionsAreAList() {
    assertEquals(
        new TurnRequest.Allocate(
            false, List.of(Family.IPV6), PortWish.Parity.EVEN_AND_NEXT, 600, false),
        valid(
            Methods.ALLOCATE,
            m ->
                m.requestedTransport()
                    .requestedTcp()
                    .requestedFamily(IPV6)
                    .requestedFamily(IPV4)
                    .attribute(Attributes.EVEN_PORT, Bytes.octets(0x80))
                    .attribute(Attributes.EVEN_PORT, Bytes.octets(0))
                    .lifetime(600)
                    .lifetime(0)));
    assertEquals(
        new TurnRequest.Refresh(600, Family.IPV4),
        valid(
            Methods.REFRESH,
            m -> m.lifetime(600).requestedFamily(IPV4).requestedFamily(IPV6).lifetime(0)));
    assertEquals(
        new TurnRequest.ChannelBind(0x4000, PEER),
        valid(
            Methods.CHANNEL_BIND,
            m -> m.channel(0x4000).channel(0x4001).peer(ADDRESS).peer(OTHER)));
    assertEquals(
        new TurnRequest.Connect(PEER), valid(Methods.CONNECT, m -> m.peer(ADDRESS).peer(OTHER)));
    assertEquals(
        new TurnRequest.ConnectionBind(7),
        valid(Methods.CONNECTION_BIND, m -> m.connectionId(7).connectionId(8)));
    assertEquals(
        new TurnRequest.CreatePermission(List.of(PEER, TransportAddress.of(OTHER))),
        valid(Methods.CREATE_PERMISSION, m -> m.peer(ADDRESS).peer(OTHER)));
    assertEquals(
        new PortWish.Reserved(1),
        assertInstanceOf(
                TurnRequest.Allocate.class,
                valid(
                    Methods.ALLOCATE,
                    m ->
                        m.requestedTransport()
                            .attribute(Attributes.RESERVATION_TOKEN, Bytes.hex("0000000000000001"))
                            .attribute(
                                Attributes.RESERVATION_TOKEN, Bytes.hex("0000000000000002"))))
            .port());
  }

  /// A second one does not make up for a first that is malformed.
  @Test
  void aSoundAttributeBehindABrokenOneOfItsTypeIsNotSeen() {
    assertEquals(
        BAD_REQUEST,
        decode(
            Methods.REFRESH, m -> m.attribute(Attributes.LIFETIME, Bytes.octets(1)).lifetime(600)));
    assertEquals(
        BAD_REQUEST,
        decode(
            Methods.CONNECT,
            m -> m.attribute(Attributes.XOR_PEER_ADDRESS, Bytes.octets(1)).peer(ADDRESS)));
  }

  @Test
  void anAttributeOfAnotherLengthThanItsOwnIsABadRequest() {
    refuseLengthsBut(4, Methods.REFRESH, Attributes.LIFETIME, m -> {});
    refuseLengthsBut(4, Methods.ALLOCATE, Attributes.LIFETIME, m -> m.requestedTransport());
    refuseLengthsBut(4, Methods.CHANNEL_BIND, Attributes.CHANNEL_NUMBER, m -> m.peer(ADDRESS));
    refuseLengthsBut(4, Methods.CONNECTION_BIND, Attributes.CONNECTION_ID, m -> {});
    refuseLengthsBut(4, Methods.ALLOCATE, Attributes.REQUESTED_TRANSPORT, m -> {});
    refuseLengthsBut(1, Methods.ALLOCATE, Attributes.EVEN_PORT, m -> m.requestedTransport());
    refuseLengthsBut(
        8, Methods.ALLOCATE, Attributes.RESERVATION_TOKEN, m -> m.requestedTransport());
    refuseLengthsBut(
        4, Methods.ALLOCATE, Attributes.REQUESTED_ADDRESS_FAMILY, m -> m.requestedTransport());
    refuseLengthsBut(
        4, Methods.ALLOCATE, Attributes.ADDITIONAL_ADDRESS_FAMILY, m -> m.requestedTransport());
    refuseLengthsBut(4, Methods.REFRESH, Attributes.REQUESTED_ADDRESS_FAMILY, m -> {});
  }

  /// The value begins with what each attribute allows.
  private void refuseLengthsBut(
      int right, int method, int attribute, Consumer<MessageBuilder> others) {
    var starts =
        Map.of(
            Attributes.CHANNEL_NUMBER,
            0x40,
            Attributes.REQUESTED_TRANSPORT,
            17,
            Attributes.REQUESTED_ADDRESS_FAMILY,
            IPV4,
            Attributes.ADDITIONAL_ADDRESS_FAMILY,
            IPV6);
    var value = Bytes.octets(starts.getOrDefault(attribute, 0)).plus(Bytes.of(new byte[40]));
    for (int length = 0; length <= MAX_LENGTH; length++) {
      var sent = value.slice(0, length);
      var decoded = decode(method, m -> others.accept(m.attribute(attribute, sent)));
      if (length == right) {
        assertInstanceOf(TurnRequest.class, decoded);
      } else {
        assertEquals(
            BAD_REQUEST, decoded, "attribute %#x of %d bytes".formatted(attribute, length));
      }
    }
  }

  @Test
  void aPeerIsOfAKnownFamilyAndItsLengthAndHasAPort() {
    for (int family = 0; family <= 255; family++) {
      for (int length = 0; length <= 24; length++) {
        for (int port : new int[] {0, 4711}) {
          checkPeer(family, length, port);
        }
      }
    }
  }

  private void checkPeer(int family, int length, int port) {
    var head = Bytes.octets(0, family).plus(Bytes.uint16(port ^ 0x2112));
    var value = head.plus(Bytes.of(new byte[20])).slice(0, length);
    boolean sound = (family == IPV4 && length == 8) || (family == IPV6 && length == 20);
    Consumer<MessageBuilder> peer = m -> m.attribute(Attributes.XOR_PEER_ADDRESS, value);
    assertEquals(sound, decode(Methods.CREATE_PERMISSION, peer) instanceof TurnRequest);
    var bind = decode(Methods.CHANNEL_BIND, m -> peer.accept(m.channel(0x4000)));
    assertEquals(sound && port != 0, bind instanceof TurnRequest);
    assertEquals(sound && port != 0, decode(Methods.CONNECT, peer) instanceof TurnRequest);
    var send = MessageBuilder.indication(Methods.SEND).data(Bytes.EMPTY);
    peer.accept(send);
    read(send);
    assertEquals(sound && port != 0, SendIndication.read(message, new XorAddress()));
    if (!sound) {
      assertEquals(BAD_REQUEST, decode(Methods.CREATE_PERMISSION, peer));
      assertEquals(BAD_REQUEST, bind);
    }
  }

  @Test
  void bitsThatAreReservedAreNotHeeded() {
    for (int bits : new int[] {0, 1, 0x55, 0x7f}) {
      var noise = Bytes.octets(bits, bits, bits);
      assertEquals(
          new TurnRequest.Allocate(false, List.of(Family.IPV4), PortWish.Parity.EVEN, -1, false),
          valid(
              Methods.ALLOCATE,
              m ->
                  m.attribute(Attributes.REQUESTED_TRANSPORT, Bytes.octets(17).plus(noise))
                      .attribute(
                          Attributes.REQUESTED_ADDRESS_FAMILY, Bytes.octets(IPV4).plus(noise))
                      .attribute(Attributes.EVEN_PORT, Bytes.octets(bits))));
      assertEquals(
          new TurnRequest.Allocate(
              false, List.of(Family.IPV4, Family.IPV6), PortWish.Parity.ANY, -1, false),
          valid(
              Methods.ALLOCATE,
              m ->
                  m.requestedTransport()
                      .attribute(
                          Attributes.ADDITIONAL_ADDRESS_FAMILY, Bytes.octets(IPV6).plus(noise))));
      var address = MessageBuilder.request(Methods.CHANNEL_BIND).peer(ADDRESS).build();
      assertEquals(
          new TurnRequest.ChannelBind(0x4000, PEER),
          decode(
              MessageBuilder.continuing(address.with(24, Bytes.octets(bits)))
                  .attribute(
                      Attributes.CHANNEL_NUMBER, Bytes.hex("4000").plus(noise.slice(0, 2)))));
    }
  }

  @Test
  void aListOfMoreThan32PeersIsABadRequest() {
    for (int count : new int[] {1, 32, 33, 60}) {
      Consumer<MessageBuilder> list =
          m -> {
            for (int i = 0; i < count; i++) {
              m.peer(ADDRESS);
            }
          };
      var decoded = decode(Methods.CREATE_PERMISSION, list);
      assertEquals(count <= TurnRequestDecoder.MAX_PEERS, decoded instanceof TurnRequest);
    }
    assertEquals(BAD_REQUEST, decode(Methods.CREATE_PERMISSION, _ -> {}));
  }

  @Test
  void unknownAttributesAreListedOnceEachAndInOrder() {
    var decoded =
        decode(Methods.REFRESH, m -> m.flag(0x7002).flag(0x7001).flag(0x7002).flag(0x8111));
    var unknown = assertInstanceOf(Answer.UnknownAttributes.class, decoded);
    assertArrayEquals(new int[] {0x7002, 0x7001}, unknown.attributes());
  }

  @Test
  void onlyChannelsOfTheRangeAreBound() {
    for (int channel = 0; channel <= 0xffff; channel++) {
      int number = channel;
      var decoded = decode(Methods.CHANNEL_BIND, m -> m.channel(number).peer(ADDRESS));
      assertEquals(channel >= 0x4000 && channel <= 0x7fff, decoded instanceof TurnRequest);
    }
  }

  @Test
  void aSendIndicationHasAPeerAndDataAndNothingUnknown() {
    assertTrue(isSend(m -> m.peer(ADDRESS).data(Bytes.EMPTY)));
    assertTrue(isSend(m -> m.peer(ADDRESS).data(Bytes.EMPTY).flag(Attributes.DONT_FRAGMENT)));
    assertTrue(isSend(m -> m.peer(ADDRESS).data(Bytes.EMPTY).flag(0x8111)));
    assertFalse(isSend(m -> m.peer(ADDRESS)));
    assertFalse(isSend(m -> m.data(Bytes.EMPTY)));
    for (int type = 0; type < 0x8000; type++) {
      int attribute = type;
      boolean known =
          type == Attributes.XOR_PEER_ADDRESS
              || type == Attributes.DATA
              || type == Attributes.DONT_FRAGMENT;
      boolean integrity = type == Attributes.MESSAGE_INTEGRITY;
      if (!known && !integrity && type != Attributes.MESSAGE_INTEGRITY_SHA256) {
        assertFalse(isSend(m -> m.peer(ADDRESS).data(Bytes.EMPTY).flag(attribute)));
      }
    }
  }

  private boolean isSend(Consumer<MessageBuilder> content) {
    var indication = MessageBuilder.indication(Methods.SEND);
    content.accept(indication);
    read(indication);
    return SendIndication.read(message, new XorAddress());
  }

  private TurnRequest valid(int method, Consumer<MessageBuilder> content) {
    return assertInstanceOf(TurnRequest.class, decode(method, content));
  }

  private Decoded decode(int method, Consumer<MessageBuilder> content) {
    var request = MessageBuilder.request(method);
    content.accept(request);
    return decode(request);
  }

  private Decoded decode(MessageBuilder request) {
    read(request);
    return TurnRequestDecoder.decode(message, true);
  }

  private void read(MessageBuilder builder) {
    var bytes = builder.build();
    assertTrue(message.decode(Unpooled.wrappedBuffer(bytes.toArray()), 0, bytes.length()));
  }
}
