package dev.hairpin.turnserver.transport;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.hairpin.turnserver.net.IpAddress;
import dev.hairpin.turnserver.net.TransportAddress;
import dev.hairpin.turnserver.transport.StreamSettings.Strangers;
import org.junit.jupiter.api.Test;

/// What a listener keeps of its connections, and who gives way where there are too many.
class StreamListenerTest {
  private static final int PER_SOURCE = 2;
  private static final Strangers LIMITS =
      new Strangers(PER_SOURCE, 1, 0, Strangers.DEFAULT.patience());

  private final StreamGate gate = new StreamGate(LIMITS);
  private final StreamListener listener = listener();

  private StreamListener listener() {
    return StreamTarget.closedListener(
        StreamSettings.DEFAULT, gate, new StreamTarget.Events(), () -> 0);
  }

  private static EmbeddedSocket connect(StreamListener to, String source) {
    var socket = new EmbeddedSocket();
    to.accept(socket, new TransportAddress(IpAddress.parse(source), 4711));
    return socket;
  }

  @Test
  void nothingIsKeptOfAConnectionThatIsClosed() {
    for (int i = 0; i < 5_000; i++) { // no sweep comes in between
      var _ = connect(listener, "127.0.0.1").close();
    }
    assertEquals(0, listener.connections.size());
  }

  /// The places may all be taken by connections of other loops.
  @Test
  void whoComesToALoopWithoutOthersToCloseIsLetInAndCountedWhileItStays() {
    connect(listener(), "198.51.100.7");
    for (int i = 0; i < 3 * PER_SOURCE; i++) {
      var socket = connect(listener, "198.51.100.8");
      assertTrue(socket.isOpen());
      var next = connect(listener, "198.51.100.8");
      assertFalse(socket.isOpen());
      var _ = next.close();
    }
  }
}
