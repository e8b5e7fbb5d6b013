package dev.hairpin.turnserver.udp;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.hairpin.turnserver.net.IpAddress;
import dev.hairpin.turnserver.net.Sharing;
import dev.hairpin.turnserver.net.TransportAddress;
import dev.hairpin.turnserver.telemetry.DropReason;
import dev.hairpin.turnserver.testkit.Await;
import io.netty.buffer.Unpooled;
import io.netty.channel.IoEventLoop;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.unix.Socket;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.net.StandardSocketOptions;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;

/// One behaviour for both forms of UDP socket.
@SuppressWarnings("NullAway.Init") // every test starts the form that it is given
class UdpSocketTest {
  private static final int HEADER = 0x40010203;

  private MultiThreadIoEventLoopGroup loops;
  private IoEventLoop loop;
  private UdpEngine engine;
  private final List<UdpSocket> opened = new ArrayList<>();
  private final AtomicInteger turns = new AtomicInteger();
  private final BlockingQueue<DropReason> losses = new LinkedBlockingQueue<>();
  private final AtomicReference<Throwable> fault = new AtomicReference<>();
  private final AtomicReference<@Nullable Error> planted = new AtomicReference<>();

  @AfterEach
  void stop() throws Exception {
    onLoop(
        () -> {
          opened.forEach(UdpSocket::close);
          engine.close();
          return null;
        });
    loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).sync();
  }

  @ParameterizedTest
  @EnumSource(mode = Mode.EXCLUDE, names = "AUTO")
  void anEmptyDatagramArrivesAsItselfAndNothingArrivesTwice(UdpMode mode) throws Exception {
    try (var peer = peer()) {
      var socket =
          open(mode, (s, p) -> s.relay(p, 0, p.length(), high(peer), low(peer), port(peer)));
      send(peer, socket, "A");
      send(peer, socket, "");
      send(peer, socket, "B");
      assertEquals(List.of("A", "", "B"), receive(peer, 3));
      assertNothingMore(peer);
    }
  }

  @ParameterizedTest
  @EnumSource(mode = Mode.EXCLUDE, names = "AUTO")
  void messagesOfOneTurnLeaveInOrderWithTheirEmptyOnes(UdpMode mode) throws Exception {
    try (var peer = peer()) {
      var socket = open(mode, (_, _) -> {});
      var texts = List.of("A", "", "C", "CC", "CC", "D", "", "", "E", "EEE", "EEE", "E");
      onLoop(
          () -> {
            for (String text : texts) {
              socket.send(
                  Unpooled.wrappedBuffer(text.getBytes()), high(peer), low(peer), port(peer));
            }
            return null;
          });
      assertEquals(texts, receive(peer, texts.size()));
      assertNothingMore(peer);
    }
  }

  @ParameterizedTest
  @EnumSource(mode = Mode.EXCLUDE, names = "AUTO")
  void aHeaderGoesInFrontOfEveryPacketOfABurst(UdpMode mode) throws Exception {
    try (var peer = peer()) {
      var socket =
          open(mode, (s, p) -> s.relayBehind(HEADER, p, high(peer), low(peer), port(peer)));
      for (int i = 0; i < 40; i++) {
        send(peer, socket, "%03d".formatted(i).repeat(40 + i % 3));
      }
      var got = receive(peer, 40);
      for (int i = 0; i < 40; i++) {
        assertEquals("@\1\2\3" + "%03d".formatted(i).repeat(40 + i % 3), got.get(i));
      }
    }
  }

  @ParameterizedTest
  @EnumSource(mode = Mode.EXCLUDE, names = "AUTO")
  void nothingIsSentToABroadcastAndNoGroupIsReachedBeyondThisMachine(UdpMode mode)
      throws Exception {
    var socket = open(mode, (_, _) -> {});
    var broadcast = IpAddress.parse("127.255.255.255");
    onLoop(
        () -> {
          var text = Unpooled.wrappedBuffer("A".getBytes());
          socket.send(text, broadcast.high(), broadcast.low(), 9);
          return null;
        });
    assertEquals(DropReason.SEND_REFUSED, losses.poll(5, TimeUnit.SECONDS));
    if (socket instanceof NativeUdpSocket own) {
      var descriptor = new Socket(own.fd().intValue());
      assertEquals(0, descriptor.getIntOpt(0, 33), "IP_MULTICAST_TTL");
      assertEquals(0, descriptor.getIntOpt(1, 6), "SO_BROADCAST");
    } else {
      var java = ((PortableUdpSocket) socket).java;
      assertEquals(0, java.getOption(StandardSocketOptions.IP_MULTICAST_TTL));
      assertEquals(false, java.getOption(StandardSocketOptions.SO_BROADCAST));
    }
  }

  /// Natively, equal messages of one turn leave as one that the kernel cuts, and arrive joined.
  @ParameterizedTest
  @EnumSource(mode = Mode.EXCLUDE, names = "AUTO")
  void aRunFromSocketToSocketIsToldApartAgain(UdpMode mode) throws Exception {
    try (var peer = peer()) {
      var middle =
          open(mode, (s, p) -> s.relayBehind(HEADER, p, high(peer), low(peer), port(peer)));
      var first =
          onLoop(() -> engine.open(any("127.0.0.1"), Sharing.EXCLUSIVE, handler((_, _) -> {})));
      opened.add(first);
      var expected = new ArrayList<String>();
      onLoop(
          () -> {
            var to = middle.localAddress();
            for (int i = 0; i < 150; i++) {
              String text = "%03d".formatted(i).repeat(i % 50 == 49 ? 10 : 300);
              expected.add("@\1\2\3" + text);
              first.send(
                  Unpooled.wrappedBuffer(text.getBytes()),
                  to.ip().high(),
                  to.ip().low(),
                  to.port());
            }
            return null;
          });
      assertEquals(expected, receive(peer, expected.size()));
      assertNothingMore(peer);
    }
  }

  @ParameterizedTest
  @EnumSource(mode = Mode.EXCLUDE, names = "AUTO")
  void aPartOfAPacketIsRelayedToTheBitForEverySize(UdpMode mode) throws Exception {
    try (var peer = peer()) {
      var socket =
          open(mode, (s, p) -> s.relay(p, 4, p.length() - 4, high(peer), low(peer), port(peer)));
      for (int size : new int[] {4, 5, 7, 1_204, 1_476, 9_000, 32_768, 65_507}) {
        var payload = new byte[size];
        for (int i = 0; i < size; i++) {
          payload[i] = (byte) (i * 31 + size);
        }
        sendBytes(peer, socket, payload);
        assertArrayEquals(Arrays.copyOfRange(payload, 4, size), receiveBytes(peer));
      }
    }
  }

  /// Loopback lets 64 KiB pass; an IPv6 datagram can be a little longer than that.
  @ParameterizedTest
  @EnumSource(mode = Mode.EXCLUDE, names = "AUTO")
  void whatMayNotBeCutIsLostWhereItDoesNotFitAndTheRestIsCut(UdpMode mode) throws Exception {
    start(mode);
    try (var peer = new DatagramSocket(0, InetAddress.getByName("::1"))) {
      peer.setSoTimeout(5_000);
      BiConsumer<UdpSocket, Packet> twice =
          (s, p) -> {
            s.setDontFragment(true);
            s.relay(p, 0, 100, high(peer), low(peer), port(peer));
            s.relay(p, 0, p.length(), high(peer), low(peer), port(peer));
            s.setDontFragment(false);
            s.relay(p, 0, p.length(), high(peer), low(peer), port(peer));
          };
      var socket = onLoop(() -> engine.open(any("::1"), Sharing.EXCLUSIVE, handler(twice)));
      opened.add(socket);
      var payload = new byte[65_520];
      sendBytes(peer, socket, payload);
      assertEquals(100, receiveBytes(peer).length);
      assertArrayEquals(payload, receiveBytes(peer));
      assertEquals(DropReason.SEND_REFUSED, losses.poll(5, TimeUnit.SECONDS));
      assertTrue(losses.isEmpty());
    }
  }

  @ParameterizedTest
  @EnumSource(mode = Mode.EXCLUDE, names = "AUTO")
  void theSourceIsToldInItsCanonicalForm(UdpMode mode) throws Exception {
    var sources = new LinkedBlockingQueue<TransportAddress>();
    BiConsumer<UdpSocket, Packet> note = (_, p) -> sources.add(p.source());
    var ipv4 = open(mode, note);
    try (var peer = peer()) {
      send(peer, ipv4, "x");
      assertEquals(
          new TransportAddress(IpAddress.parse("127.0.0.1"), port(peer)),
          sources.poll(5, TimeUnit.SECONDS));
    }
    var ipv6 = onLoop(() -> engine.open(any("::1"), Sharing.EXCLUSIVE, handler(note)));
    opened.add(ipv6);
    try (var peer = new DatagramSocket(0, InetAddress.getByName("::1"))) {
      send(peer, ipv6, "x");
      assertEquals(
          new TransportAddress(IpAddress.parse("::1"), port(peer)),
          sources.poll(5, TimeUnit.SECONDS));
    }
  }

  @ParameterizedTest
  @EnumSource(mode = Mode.EXCLUDE, names = "AUTO")
  void anIpv6SocketDoesNotSpeakIpv4(UdpMode mode) throws Exception {
    start(mode);
    var got = new LinkedBlockingQueue<String>();
    var socket =
        onLoop(
            () -> engine.open(any("::"), Sharing.EXCLUSIVE, handler((_, p) -> got.add(text(p)))));
    opened.add(socket);
    try (var ipv4 = peer();
        var ipv6 = new DatagramSocket(0, InetAddress.getByName("::1"))) {
      int port = socket.localAddress().port();
      ipv4.send(new DatagramPacket("4".getBytes(), 1, new InetSocketAddress("127.0.0.1", port)));
      ipv6.send(new DatagramPacket("6".getBytes(), 1, new InetSocketAddress("::1", port)));
      assertEquals("6", got.poll(5, TimeUnit.SECONDS));
      assertTrue(got.isEmpty());
    }
  }

  @ParameterizedTest
  @EnumSource(mode = Mode.EXCLUDE, names = "AUTO")
  void whatTheKernelRefusesIsToldAndTheRestGoesOut(UdpMode mode) throws Exception {
    try (var peer = peer()) {
      var socket = open(mode, (_, _) -> {});
      var broadcast = IpAddress.parse("255.255.255.255");
      onLoop(
          () -> {
            var message = Unpooled.wrappedBuffer("x".getBytes());
            socket.send(message, high(peer), low(peer), port(peer));
            socket.send(message, broadcast.high(), broadcast.low(), 9);
            socket.send(message, high(peer), low(peer), port(peer));
            return null;
          });
      assertEquals(List.of("x", "x"), receive(peer, 2));
      assertEquals(DropReason.SEND_REFUSED, losses.poll(5, TimeUnit.SECONDS));
    }
  }

  @ParameterizedTest
  @EnumSource(mode = Mode.EXCLUDE, names = "AUTO")
  void anErrorInAHandlerLosesOnePacketOnly(UdpMode mode) throws Exception {
    try (var peer = peer()) {
      var socket =
          open(
              mode,
              (s, p) -> {
                if (text(p).equals("bad")) {
                  throw new IllegalStateException("planted");
                }
                if (text(p).equals("worse")) {
                  throw new StackOverflowError("planted");
                }
                s.relay(p, 0, p.length(), high(peer), low(peer), port(peer));
              });
      send(peer, socket, "bad");
      send(peer, socket, "worse");
      send(peer, socket, "good");
      assertEquals(List.of("good"), receive(peer, 1));
      assertNotNull(fault.get());
    }
  }

  @ParameterizedTest
  @EnumSource(mode = Mode.EXCLUDE, names = "AUTO")
  void anErrorBetweenPacketsDoesNotEndTheLoop(UdpMode mode) throws Exception {
    try (var peer = peer()) {
      var socket =
          open(mode, (s, p) -> s.relay(p, 0, p.length(), high(peer), low(peer), port(peer)));
      planted.set(new StackOverflowError("planted"));
      send(peer, socket, "x");
      Await.until(Duration.ofSeconds(5), () -> planted.get() == null, () -> "it is thrown");
      send(peer, socket, "x");
      assertEquals(List.of("x"), receive(peer, 1));
    }
  }

  @ParameterizedTest
  @EnumSource(mode = Mode.EXCLUDE, names = "AUTO")
  void whatWasQueuedBeforeTheCloseIsStillSent(UdpMode mode) throws Exception {
    try (var peer = peer()) {
      var socket = open(mode, (_, _) -> {});
      onLoop(
          () -> {
            socket.send(
                Unpooled.wrappedBuffer("last".getBytes()), high(peer), low(peer), port(peer));
            socket.close();
            socket.close();
            return null;
          });
      assertEquals(List.of("last"), receive(peer, 1));
    }
  }

  @ParameterizedTest
  @EnumSource(mode = Mode.EXCLUDE, names = "AUTO")
  void aTakenAddressIsABindException(UdpMode mode) throws Exception {
    var socket = open(mode, (_, _) -> {});
    var second =
        loop.submit(
                () -> {
                  try {
                    return engine.open(
                        socket.localAddress(), Sharing.EXCLUSIVE, handler((_, _) -> {}));
                  } catch (java.net.BindException e) {
                    return e;
                  }
                })
            .get();
    assertTrue(second instanceof java.net.BindException, () -> second.toString());
  }

  @Test
  void anEngineThatWasClosedOpensNothing() throws Exception {
    start(UdpMode.NATIVE);
    onLoop(
        () -> {
          engine.close();
          assertThrows(
              IOException.class,
              () -> engine.open(any("127.0.0.1"), Sharing.EXCLUSIVE, handler((_, _) -> {})));
          return null;
        });
  }

  @Test
  void anEngineGivesItsMemoryBackOnce() throws Exception {
    start(UdpMode.NATIVE);
    onLoop(
        () -> {
          engine.close();
          var mapped = List.of(new Libc().map(1 << 20), new Libc().map(1 << 24));
          engine.close();
          mapped.forEach(memory -> assertTrue(isMapped(memory.address()), "taken away"));
          return null;
        });
  }

  private static boolean isMapped(long address) {
    try (var lines = Files.lines(Path.of("/proc/self/maps"))) {
      return lines
          .map(line -> line.split("[- ]", 3))
          .anyMatch(
              line ->
                  Long.parseUnsignedLong(line[0], 16) <= address
                      && address < Long.parseUnsignedLong(line[1], 16));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private UdpSocket open(UdpMode mode, BiConsumer<UdpSocket, Packet> onPacket) throws Exception {
    start(mode);
    var socket = onLoop(() -> engine.open(any("127.0.0.1"), Sharing.EXCLUSIVE, handler(onPacket)));
    opened.add(socket);
    return socket;
  }

  private void start(UdpMode mode) throws Exception {
    assertEquals(mode, mode.here());
    loops = mode.loops(1);
    loop = loops.next();
    engine = onLoop(() -> UdpEngine.of(loop, new Events()));
  }

  private final class Events implements UdpEngine.Events {
    @Override
    public void onTurnStarted() {
      turns.incrementAndGet();
      var error = planted.getAndSet(null);
      if (error != null) {
        throw error;
      }
    }

    @Override
    public void onFault(Throwable thrown) {
      fault.set(thrown);
    }

    @Override
    public void onLoss(UdpSocket socket, DropReason reason, int datagrams) {
      losses.add(reason);
    }
  }

  private UdpHandler handler(BiConsumer<UdpSocket, Packet> onPacket) {
    return (socket, packet) -> {
      assertTrue(turns.get() > 0, "a packet before the turn was announced");
      onPacket.accept(socket, packet);
    };
  }

  private <T> T onLoop(Callable<T> task) throws Exception {
    return loop.submit(task).get();
  }

  private static TransportAddress any(String ip) {
    return new TransportAddress(IpAddress.parse(ip), 0);
  }

  private static DatagramSocket peer() throws IOException {
    var socket = new DatagramSocket(0, InetAddress.getByName("127.0.0.1"));
    socket.setSoTimeout(5_000);
    socket.setReceiveBufferSize(1 << 20);
    return socket;
  }

  private static long high(DatagramSocket peer) {
    return IpAddress.of(peer.getLocalAddress()).high();
  }

  private static long low(DatagramSocket peer) {
    return IpAddress.of(peer.getLocalAddress()).low();
  }

  private static int port(DatagramSocket peer) {
    return peer.getLocalPort();
  }

  private static void send(DatagramSocket peer, UdpSocket to, String text) throws IOException {
    sendBytes(peer, to, text.getBytes());
  }

  private static void sendBytes(DatagramSocket peer, UdpSocket to, byte[] bytes)
      throws IOException {
    var address = to.localAddress().toInetSocketAddress();
    peer.send(new DatagramPacket(bytes, bytes.length, address));
  }

  private static byte[] receiveBytes(DatagramSocket peer) throws IOException {
    var packet = new DatagramPacket(new byte[70_000], 70_000);
    peer.receive(packet);
    return Arrays.copyOf(packet.getData(), packet.getLength());
  }

  private static List<String> receive(DatagramSocket peer, int count) throws IOException {
    var texts = new ArrayList<String>();
    for (int i = 0; i < count; i++) {
      texts.add(new String(receiveBytes(peer)));
    }
    return texts;
  }

  /// Nothing is on its way: a datagram sent last is the next to arrive.
  private static void assertNothingMore(DatagramSocket peer) throws IOException {
    peer.send(new DatagramPacket("end".getBytes(), 3, peer.getLocalSocketAddress()));
    try {
      assertEquals("end", new String(receiveBytes(peer)));
    } catch (SocketTimeoutException e) {
      throw new AssertionError("the marker did not arrive", e);
    }
  }

  private static String text(Packet packet) {
    var bytes = new byte[packet.length()];
    packet.buffer().getBytes(packet.offset(), bytes);
    return new String(bytes);
  }
}
