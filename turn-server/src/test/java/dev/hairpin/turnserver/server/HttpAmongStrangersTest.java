package dev.hairpin.turnserver.server;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.hairpin.turnserver.net.TransportAddress;
import dev.hairpin.turnserver.telemetry.DropReason;
import dev.hairpin.turnserver.testkit.Bytes;
import dev.hairpin.turnserver.testkit.StreamWire;
import dev.hairpin.turnserver.testkit.TestCertificate;
import dev.hairpin.turnserver.testkit.TlsProfile;
import dev.hairpin.turnserver.transport.HttpBackend;
import dev.hairpin.turnserver.transport.StreamSettings;
import dev.hairpin.turnserver.transport.StreamSettings.Strangers;
import dev.hairpin.turnserver.udp.UdpMode;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What an HTTP server keeps of what came by a TLS port does not give way to strangers, up to half
/// of all places.
class HttpAmongStrangersTest {
  private static final int PLACES = 4;

  @TempDir private Path folder = Path.of("");

  @Test
  void strangersTakeNoPlaceFromWhatTheHttpServerKeeps() throws IOException {
    var certificate = TestCertificate.ec(folder, "localhost");
    var profile = TlsProfile.trusting(certificate);
    try (var backend = new Backend();
        var scene = scene(certificate, backend)) {
      var one = http(scene, profile);
      var keptOne = backend.accept();
      var two = http(scene, profile);
      var keptTwo = backend.accept();
      var beyond = http(scene, profile);
      var _ = backend.accept();
      scene.tcp();
      scene.tcp();
      beyond.awaitEnd();
      for (int i = 0; i < PLACES; i++) {
        scene.over(scene.tcp()).binding();
      }
      assertEquals(PLACES + 1, scene.dropped(DropReason.TOO_MANY_STRANGERS));
      assertAnswered(keptOne, one);
      keptOne.close();
      one.awaitEnd();
      var next = http(scene, profile);
      var keptNext = backend.accept();
      for (int i = 0; i < PLACES; i++) {
        scene.over(scene.tcp()).binding();
      }
      assertAnswered(keptTwo, two);
      assertAnswered(keptNext, next);
    }
  }

  private static StreamScene scene(TestCertificate certificate, HttpBackend backend) {
    return StreamScene.start(
        UdpMode.AUTO,
        List.of("tcp://127.0.0.1:0", "tls://127.0.0.1:0"),
        d -> {
          var rest = StreamSettings.DEFAULT;
          d.loops = 1;
          d.http = backend;
          d.streams =
              new StreamSettings(
                  StreamScene.shown(certificate).certificates(),
                  List.of(),
                  new Strangers(0, PLACES, 0, Strangers.DEFAULT.patience()),
                  rest.timeouts(),
                  rest.backlogBytes());
        });
  }

  private static StreamWire http(StreamScene scene, TlsProfile profile) {
    var wire = scene.tls(profile);
    wire.send(Bytes.utf8("GET / HTTP/1.1\r\n"));
    return wire;
  }

  private static void assertAnswered(Socket kept, StreamWire wire) throws IOException {
    kept.getOutputStream().write(Bytes.utf8("HTTP/1.1 204").toArray());
    assertEquals(Bytes.utf8("HTTP/1.1 204"), wire.receiveBytes(12));
  }

  /// An HTTP server that says nothing by itself.
  private static final class Backend implements HttpBackend, AutoCloseable {
    private final ServerSocket socket = new ServerSocket();

    Backend() throws IOException {
      socket.bind(new InetSocketAddress(StreamScene.LOOPBACK, 0));
      socket.setSoTimeout((int) StreamScene.PATIENCE.toMillis());
    }

    /// A connection whose first bytes have come.
    Socket accept() throws IOException {
      var accepted = socket.accept();
      var _ = accepted.getInputStream().read();
      return accepted;
    }

    @Override
    public TransportAddress address() {
      return TransportAddress.of((InetSocketAddress) socket.getLocalSocketAddress());
    }

    @Override
    public void opened(TransportAddress via, TransportAddress client) {}

    @Override
    public void closed(TransportAddress via) {}

    @Override
    public void close() throws IOException {
      socket.close();
    }
  }
}
