package dev.hairpin.turnserver.server;

import static dev.hairpin.turnserver.server.TcpRelayStage.LOOPBACK;
import static dev.hairpin.turnserver.server.TcpRelayStage.SECRET;
import static dev.hairpin.turnserver.server.TcpRelayStage.addressOf;
import static dev.hairpin.turnserver.server.TcpRelayStage.connectTo;
import static dev.hairpin.turnserver.server.TcpRelayStage.listen;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.hairpin.turnserver.net.ListenUrl;
import dev.hairpin.turnserver.telemetry.DropReason;
import dev.hairpin.turnserver.testkit.Attributes;
import dev.hairpin.turnserver.testkit.Await;
import dev.hairpin.turnserver.testkit.Bytes;
import dev.hairpin.turnserver.testkit.Message;
import dev.hairpin.turnserver.testkit.Methods;
import dev.hairpin.turnserver.testkit.StreamEnd;
import dev.hairpin.turnserver.testkit.StreamWire;
import dev.hairpin.turnserver.testkit.TestCertificate;
import dev.hairpin.turnserver.testkit.TestTurnClient;
import dev.hairpin.turnserver.testkit.TlsProfile;
import dev.hairpin.turnserver.transport.StreamSettings;
import dev.hairpin.turnserver.udp.UdpMode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// What the data connections of TCP allocations carry (RFC 6062 §5.4, §5.5): every byte, in order,
/// no faster than it is taken.
class TcpRelayDataTest {
  private static final Duration PATIENCE = Duration.ofSeconds(5);
  private static final int MEBIBYTE = 1 << 20;
  private static final int MUCH = 48 * MEBIBYTE;

  /// What the kernel keeps on the way at most, with some room.
  private static final int KERNEL = 24 * MEBIBYTE;

  private static final Bytes HELLO = Bytes.utf8("hello");

  private static TcpRelayStage stage(UdpMode mode, int loops) {
    return new TcpRelayStage(
        s -> s.allowingPeers("127.0.0.0/8").but(d -> d.udp = mode).but(d -> d.loops = loops));
  }

  @ParameterizedTest
  @EnumSource(names = {"NATIVE", "PORTABLE"})
  void aPeerSeesTheRelayedAddressInBothDirections(UdpMode mode) throws Exception {
    try (var stage = stage(mode, 2);
        var client = stage.client();
        var peer = listen()) {
      var relayed = client.allocateTcp().relayed();
      try (var data = client.bindConnection(client.connect(addressOf(peer)));
          var accepted = accept(peer)) {
        assertEquals(relayed, accepted.getRemoteSocketAddress());
        assertExchange(data, accepted);
      }
      client.permit(new InetSocketAddress(LOOPBACK, 1));
      try (var incoming = connectTo(relayed)) {
        var attempt = client.awaitAttempt();
        assertEquals(incoming.getLocalSocketAddress(), attempt.peer());
        try (var data = client.bindConnection(attempt.connectionId())) {
          assertExchange(data, incoming);
        }
      }
    }
  }

  private static Socket accept(ServerSocket peer) throws IOException {
    var accepted = peer.accept();
    accepted.setSoTimeout(10_000);
    return accepted;
  }

  private static void assertExchange(StreamWire data, Socket peer) throws IOException {
    data.send(HELLO);
    assertEquals(HELLO, Bytes.of(peer.getInputStream().readNBytes(HELLO.length())));
    peer.getOutputStream().write(HELLO.toArray());
    assertEquals(HELLO, data.receiveBytes(HELLO.length()));
  }

  /// The kernel brings control and data connections to whatever loop it likes.
  @ParameterizedTest
  @EnumSource(names = {"NATIVE", "PORTABLE"})
  void aDataConnectionMayComeOnAnyLoop(UdpMode mode) throws Exception {
    try (var stage = stage(mode, 4);
        var client = stage.client();
        var peer = listen()) {
      var relayed = client.allocateTcp().relayed();
      client.permit(new InetSocketAddress(LOOPBACK, 1));
      for (int i = 0; i < 24; i++) {
        try (var incoming = connectTo(relayed);
            var data = client.bindConnection(client.awaitAttempt().connectionId())) {
          assertExchange(data, incoming);
        }
      }
      assertTrue(peer.isBound());
    }
  }

  @Test
  void whatFollowsTheConnectionBindInOneSegmentIsThePeers() throws Exception {
    try (var stage = stage(UdpMode.AUTO, 2);
        var client = stage.client();
        var peer = listen()) {
      client.allocateTcp();
      long id = client.connect(addressOf(peer));
      // like the beginning of TLS, and like a STUN message
      var early = Bytes.hex("160301 0005").plus(client.signed(Methods.REFRESH, m -> m.lifetime(0)));
      var wire = stage.wire();
      try (var binder = TestTurnClient.over(wire).with(client.credential());
          var accepted = accept(peer)) {
        binder.challenge();
        wire.send(binder.signed(Methods.CONNECTION_BIND, m -> m.connectionId(id)).plus(early));
        var answer = Optional.ofNullable(wire.receive(PATIENCE)).orElseThrow();
        assertTrue(Message.decode(answer).isSuccess());
        assertEquals(early, Bytes.of(accepted.getInputStream().readNBytes(early.length())));
        assertExchange(wire, accepted);
      }
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"NATIVE", "PORTABLE"})
  void aClientMayHaveSaidAllBeforeItIsAnswered(UdpMode mode) throws Exception {
    try (var stage = stage(mode, 2);
        var client = stage.client();
        var peer = listen()) {
      client.allocateTcp();
      for (int i = 0; i < 3; i++) {
        long id = connectAnew(client, peer);
        var wire = stage.wire();
        try (var binder = TestTurnClient.over(wire).with(client.credential());
            var accepted = accept(peer)) {
          binder.challenge();
          wire.send(binder.signed(Methods.CONNECTION_BIND, m -> m.connectionId(id)).plus(HELLO));
          wire.closeOutput();
          var answer = Message.decode(Optional.ofNullable(wire.receive(PATIENCE)).orElseThrow());
          assertTrue(answer.isSuccess(), answer::toString);
          assertEquals(HELLO, Bytes.of(accepted.getInputStream().readAllBytes()));
          accepted.getOutputStream().write(Torrent.row(0, MEBIBYTE));
          accepted.shutdownOutput();
          Torrent.assertArrives(MEBIBYTE, count -> wire.receiveBytes(count).toArray());
          assertEquals(StreamEnd.Manner.CLOSED, wire.awaitEnd());
        }
      }
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"NATIVE", "PORTABLE"})
  void aPeerWaitsUntilItsConnectionIsBoundAndLosesNothing(UdpMode mode) throws Exception {
    try (var stage = stage(mode, 2);
        var client = stage.client();
        var peer = listen()) {
      client.allocateTcp();
      long id = client.connect(addressOf(peer));
      try (var accepted = accept(peer)) {
        var torrent = new Torrent(MUCH, accepted.getOutputStream()::write);
        long waited = torrent.awaitStandstill();
        assertTrue(waited >= MEBIBYTE && waited < KERNEL / 2, () -> "taken: " + waited);
        try (var data = client.bindConnection(id)) {
          Torrent.assertArrives(MUCH, count -> data.receiveBytes(count).toArray());
        }
      }
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"NATIVE", "PORTABLE"})
  void whatAPeerSaidBeforeItLeftIsThereForTheClient(UdpMode mode) throws Exception {
    try (var stage = stage(mode, 2);
        var client = stage.client();
        var peer = listen()) {
      client.allocateTcp();
      int much = 100_000;
      long id = client.connect(addressOf(peer));
      try (var accepted = accept(peer)) {
        accepted.getOutputStream().write(Torrent.row(0, much));
      }
      client.binding();
      client.binding();
      try (var data = client.bindConnection(id)) {
        Torrent.assertArrives(much, count -> data.receiveBytes(count).toArray());
        assertEquals(StreamEnd.Manner.CLOSED, data.awaitEnd());
      }
      Await.until(PATIENCE, () -> stage.livePeerConnections() == 0, () -> "the connection ends");
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"NATIVE", "PORTABLE"})
  void aSideThatDoesNotReadHoldsUpTheOther(UdpMode mode) throws Exception {
    try (var stage = stage(mode, 2);
        var client = stage.client();
        var peer = listen()) {
      client.allocateTcp();
      try (var data = client.bindConnection(client.connect(addressOf(peer)));
          var accepted = accept(peer)) {
        var down = new Torrent(MUCH, accepted.getOutputStream()::write);
        var up = new Torrent(MUCH, bytes -> data.send(Bytes.of(bytes)));
        long taken = Math.max(down.awaitStandstill(), up.awaitStandstill());
        assertTrue(taken < KERNEL, () -> "taken: " + taken);
        client.binding(); // others are served meanwhile
        Torrent.assertArrives(MUCH, count -> data.receiveBytes(count).toArray());
        Torrent.assertArrives(MUCH, count -> accepted.getInputStream().readNBytes(count));
      }
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"NATIVE", "PORTABLE"})
  void oneDirectionMayEndBeforeTheOther(UdpMode mode) throws Exception {
    try (var stage = stage(mode, 2);
        var client = stage.client();
        var peer = listen()) {
      client.allocateTcp();
      try (var data = client.bindConnection(client.connect(addressOf(peer)));
          var accepted = accept(peer)) {
        data.send(HELLO);
        data.closeOutput();
        assertEquals(HELLO, Bytes.of(accepted.getInputStream().readAllBytes()));
        accepted.getOutputStream().write(Torrent.row(0, MEBIBYTE));
        accepted.shutdownOutput();
        Torrent.assertArrives(MEBIBYTE, count -> data.receiveBytes(count).toArray());
        assertEquals(StreamEnd.Manner.CLOSED, data.awaitEnd());
        Await.until(PATIENCE, () -> stage.livePeerConnections() == 0, () -> "the connection ends");
      }
    }
  }

  @Test
  void theEndOfEitherConnectionIsTheEndOfTheOtherAndOfNothingElse() throws Exception {
    try (var stage = stage(UdpMode.AUTO, 2);
        var client = stage.client();
        var peer = listen()) {
      client.allocateTcp();
      for (boolean reset : new boolean[] {false, true}) {
        try (var data = client.bindConnection(connectAnew(client, peer));
            var accepted = accept(peer)) {
          assertExchange(data, accepted);
          accepted.setSoLinger(reset, 0);
          end(accepted);
          assertEquals(StreamEnd.Manner.CLOSED, data.awaitEnd());
        }
        try (var data = client.bindConnection(connectAnew(client, peer));
            var accepted = accept(peer)) {
          assertExchange(data, accepted);
          if (reset) {
            data.reset();
          } else {
            end(data);
          }
          assertArrayEquals(new byte[0], accepted.getInputStream().readAllBytes());
        }
      }
      assertEquals(1, stage.server.telemetry().liveAllocations());
    }
  }

  private static void end(AutoCloseable connection) throws Exception {
    connection.close();
  }

  /// As soon as the connection before is gone.
  private static long connectAnew(TestTurnClient client, ServerSocket peer) {
    var ids = new ArrayList<Long>();
    Await.until(
        PATIENCE,
        () -> {
          var answer = TcpRelayStage.connect(client, addressOf(peer));
          if (answer.isSuccess()) {
            ids.add(answer.uint32(Attributes.CONNECTION_ID));
          }
          return answer.isSuccess();
        },
        () -> "the same peer can be connected to again");
    return ids.getFirst();
  }

  @Test
  void aSideThatNeverTakesTheRestIsCutOff() throws Exception {
    try (var stage = stage(UdpMode.AUTO, 2);
        var client = stage.client();
        var peer = listen()) {
      client.allocateTcp();
      try (var data = client.bindConnection(client.connect(addressOf(peer)));
          var accepted = accept(peer)) {
        var torrent = new Torrent(MUCH, bytes -> sendQuietly(data, bytes));
        torrent.awaitStandstill();
        data.reset();
        client.binding();
        assertEquals(1, stage.livePeerConnections());
        assertTrue(accepted.isConnected());
        Await.until(
            PATIENCE,
            () -> {
              stage.clock.advance(Duration.ofSeconds(10));
              return stage.livePeerConnections() == 0;
            },
            () -> "the peer is cut off");
        assertEquals(1, stage.server.telemetry().get(DropReason.CONNECTION_TIMED_OUT));
      }
    }
  }

  private static void sendQuietly(StreamWire data, byte[] bytes) {
    try {
      data.send(Bytes.of(bytes));
    } catch (UncheckedIOException _) {
      // cut off, which is the point
    }
  }

  @Test
  void itWorksWithinTls(@TempDir Path directory) throws Exception {
    var certificate = TestCertificate.ec(directory, "turn.example.org");
    var files = new StreamSettings.CertificateFiles(certificate.file(), certificate.key());
    try (var stage =
            new TcpRelayStage(
                s ->
                    s.allowingPeers("127.0.0.0/8")
                        .but(
                            d -> {
                              d.listeners = List.of(ListenUrl.parse("tls://127.0.0.1:0"));
                              d.streams = d.streams.withCertificates(List.of(files));
                            }));
        var client =
            TestTurnClient.over(stage.wire().secured(TlsProfile.trusting(certificate)))
                .withSecret(SECRET)
                .as("alice");
        var peer = listen()) {
      client.allocateTcp();
      long id = client.connect(addressOf(peer));
      try (var accepted = accept(peer)) {
        var torrent = new Torrent(MUCH, accepted.getOutputStream()::write);
        assertTrue(torrent.awaitStandstill() < KERNEL / 2);
        try (var data = client.bindConnection(id)) {
          long taken = torrent.awaitStandstill();
          assertTrue(taken < KERNEL, () -> "taken: " + taken);
          Torrent.assertArrives(MUCH, count -> data.receiveBytes(count).toArray());
          var up = new Torrent(MEBIBYTE, bytes -> data.send(Bytes.of(bytes)));
          Torrent.assertArrives(MEBIBYTE, count -> accepted.getInputStream().readNBytes(count));
          up.awaitStandstill();
          end(accepted);
          assertEquals(StreamEnd.Manner.CLOSED, data.awaitEnd());
        }
      }
    }
  }
}
