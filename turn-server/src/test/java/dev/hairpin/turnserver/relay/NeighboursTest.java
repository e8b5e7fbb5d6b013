package dev.hairpin.turnserver.relay;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.hairpin.turnserver.net.IpAddress;
import dev.hairpin.turnserver.net.PortRange;
import dev.hairpin.turnserver.net.Sharing;
import dev.hairpin.turnserver.net.TransportAddress;
import dev.hairpin.turnserver.policy.Descriptors;
import dev.hairpin.turnserver.policy.QuotaSettings;
import dev.hairpin.turnserver.policy.Quotas;
import dev.hairpin.turnserver.udp.Packet;
import dev.hairpin.turnserver.udp.UdpEngine;
import dev.hairpin.turnserver.udp.UdpSocket;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// The hairpin: a datagram from one relayed address of a server to another.
class NeighboursTest {
  private static final IpAddress LOCAL = IpAddress.parse("192.0.2.1");
  private static final IpAddress ELSEWHERE = IpAddress.parse("192.0.2.2");
  private static final TransportAddress CLIENT = new TransportAddress(ELSEWHERE, 9);
  private static final int HEADER = 4;

  private static final RelaySettings SETTINGS =
      new RelaySettings(List.of(LOCAL), List.of(), PortRange.DYNAMIC);

  private final RelayPools pools =
      new RelayPools(SETTINGS, new Quotas(QuotaSettings.DEFAULT, new Descriptors(100)));
  private final PortPool pool = new PortPool(LOCAL, SETTINGS, new Descriptors(100).relays);
  private final List<String> sent = new ArrayList<>();
  private final List<String> handed = new ArrayList<>();
  private final List<String> away = new ArrayList<>();
  private final UdpRelaySockets sockets = new UdpRelaySockets(pools, engine(), events(), 0);
  private final UdpRelaySockets others = new UdpRelaySockets(pools, engine(), events(), 5);
  private final UdpRelaySocket alice = open(sockets, 50_000);
  private final UdpRelaySocket bob = open(sockets, 50_001);

  private UdpRelaySocket open(UdpRelaySockets loop, int port) {
    try {
      var local = new TransportAddress(LOCAL, port);
      return new UdpRelaySocket(loop, pool, local, Sharing.EXCLUSIVE);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private UdpEngine engine() {
    return fake(UdpEngine.class, (_, _) -> socket());
  }

  private UdpSocket socket() {
    return fake(
        UdpSocket.class,
        (name, arguments) -> {
          if (name.equals("relay")) {
            int skip = (int) arguments[1];
            sent.add(text((Packet) arguments[0], skip, (int) arguments[2]) + " to " + arguments[5]);
          }
          return name.equals("isClosed") ? false : null;
        });
  }

  private PeerEvents events() {
    return fake(
        PeerEvents.class,
        (name, arguments) -> {
          if (name.equals("onPacketAway")) {
            var part = text((Packet) arguments[2], (int) arguments[3], (int) arguments[4]);
            away.add(
                part + " from " + arguments[1] + " to " + arguments[5] + " of " + arguments[0]);
            return null;
          }
          var packet = (Packet) arguments[1];
          var source = new IpAddress((long) arguments[2], (long) arguments[3]);
          var to = ((UdpRelaySocket) arguments[0]).relayedAddress();
          handed.add(
              text(packet, 0, packet.length())
                  + (" from " + new TransportAddress(source, (int) arguments[4]) + " to " + to));
          return null;
        });
  }

  private static String text(Packet packet, int skip, int length) {
    return packet.buffer().toString(packet.offset() + skip, length, StandardCharsets.UTF_8);
  }

  private interface Call {
    @Nullable Object of(String name, Object[] arguments);
  }

  private static <T> T fake(Class<T> type, Call call) {
    return type.cast(
        Proxy.newProxyInstance(
            type.getClassLoader(),
            new Class<?>[] {type},
            (_, method, arguments) ->
                call.of(method.getName(), arguments == null ? new Object[0] : arguments)));
  }

  private static ByteBuf bytes() {
    return Unpooled.copiedBuffer("....headpayload...", StandardCharsets.UTF_8);
  }

  private static Packet ofAStream() {
    var packet = new Packet();
    packet.point(bytes(), 4, 11, CLIENT);
    return packet;
  }

  private static Packet datagram() {
    var packet = ofAStream();
    packet.unwrap(0, 11);
    return packet;
  }

  private void relay(Packet packet, IpAddress peer, int port) {
    alice.relay(packet, HEADER, 7, peer.high(), peer.low(), port);
  }

  @Test
  void aDatagramForANeighbourIsHandedOverWithoutTheSystem() {
    relay(datagram(), LOCAL, 50_001);
    assertEquals(List.of("payload from 192.0.2.1:50000 to 192.0.2.1:50001"), handed);
    assertEquals(List.of(), sent);
  }

  @Test
  void itsHeaderMakesRoomForTheNext() {
    var packet = datagram();
    relay(packet, LOCAL, 50_001);
    assertEquals(8, packet.offset());
    assertEquals(7, packet.length());
    assertEquals(true, packet.isDatagram());
  }

  @Test
  void oneMayReachItself() {
    relay(datagram(), LOCAL, 50_000);
    assertEquals(List.of("payload from 192.0.2.1:50000 to 192.0.2.1:50000"), handed);
  }

  @Test
  void whatIsForOthersIsSent() {
    relay(datagram(), LOCAL, 50_002);
    relay(datagram(), ELSEWHERE, 50_001);
    assertEquals(List.of("payload to 50002", "payload to 50001"), sent);
    assertEquals(List.of(), handed);
  }

  @Test
  void whatCameByAStreamGoesAsACopyBecauseItsBytesDoNotStay() {
    relay(ofAStream(), LOCAL, 50_001);
    assertEquals(List.of("payload from 192.0.2.1:50000 to 50001 of 0"), away);
    assertEquals(List.of(), sent);
    assertEquals(List.of(), handed);
  }

  @Test
  void whatIsForAnotherLoopGoesThereAndIsHandedOverThere() {
    var carol = open(others, 50_002);
    relay(datagram(), LOCAL, 50_002);
    assertEquals(List.of("payload from 192.0.2.1:50000 to 50002 of 5"), away);
    assertEquals(true, others.deliver(alice.relayedAddress(), datagram(), 50_002));
    assertEquals(List.of("headpayload from 192.0.2.1:50000 to 192.0.2.1:50002"), handed);
    carol.close();
    assertEquals(false, others.deliver(alice.relayedAddress(), datagram(), 50_002));
    relay(datagram(), LOCAL, 50_002);
    assertEquals(List.of("payload to 50002"), sent);
    assertEquals(1, away.size());
  }

  @Test
  void aNeighbourThatHasGoneIsNoNeighbour() {
    bob.close();
    relay(datagram(), LOCAL, 50_001);
    assertEquals(List.of("payload to 50001"), sent);
    assertEquals(List.of(), handed);
    assertEquals(1, sockets.neighbours.size());
  }
}
