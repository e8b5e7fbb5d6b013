package dev.hairpin.turnserver.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Asks for Binding responses from other addresses than it asked (RFC 5780 §4), and tells where
/// each of them came from.
public final class DiscoveryClient implements AutoCloseable {
  private static final Duration TIMEOUT = Duration.ofSeconds(1);
  private static final int TRANSMISSIONS = 3;
  private static final int MAX_DATAGRAM = 65_535;
  private static final int CHANGE_IP = 4;
  private static final int CHANGE_PORT = 2;

  private final DatagramSocket socket;

  /// Which of its own addresses the server is asked to answer from (RFC 5780 §7.2).
  public enum Change {
    IP,
    PORT
  }

  /// A response and the address that it came from.
  public record Answer(Message message, InetSocketAddress source) {
    public InetSocketAddress mapped() {
      return message.address(Attributes.XOR_MAPPED_ADDRESS);
    }

    /// Where the server says that this answer came from.
    public InetSocketAddress origin() {
      return message.plainAddress(Attributes.RESPONSE_ORIGIN);
    }

    /// The other address and port of the server.
    public InetSocketAddress other() {
      return message.plainAddress(Attributes.OTHER_ADDRESS);
    }
  }

  private DiscoveryClient(DatagramSocket socket) {
    this.socket = socket;
  }

  public static DiscoveryClient at(InetAddress local) {
    try {
      return new DiscoveryClient(new DatagramSocket(0, local));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public InetSocketAddress localAddress() {
    return (InetSocketAddress) socket.getLocalSocketAddress();
  }

  /// Asks, and expects an answer from wherever.
  public Answer ask(InetSocketAddress server, Change... changes) {
    var request = MessageBuilder.request(Methods.BINDING);
    if (changes.length > 0) {
      request.attribute(Attributes.CHANGE_REQUEST, flags(Set.of(changes)));
    }
    var answer = exchange(server, request.build());
    if (answer == null) {
      throw new AssertionError("no answer from " + server);
    }
    return answer;
  }

  /// Sends a request and gives the answer to it, or null where there is none.
  public @Nullable Answer exchange(InetSocketAddress server, Bytes request) {
    var question = Message.decode(request);
    for (int i = 0; i < TRANSMISSIONS; i++) {
      tell(server, request);
      var answer = receive();
      if (answer != null) {
        Expect.that(
            answer.message().transaction().equals(question.transaction()),
            "the answer to something else: ",
            answer);
        ResponseRules.check(question, answer.message(), null);
        return answer;
      }
    }
    return null;
  }

  /// Sends without waiting for an answer.
  public void tell(InetSocketAddress server, Bytes request) {
    try {
      socket.send(new DatagramPacket(request.toArray(), request.length(), server));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private @Nullable Answer receive() {
    var packet = new DatagramPacket(new byte[MAX_DATAGRAM], MAX_DATAGRAM);
    try {
      socket.setSoTimeout((int) TIMEOUT.toMillis());
      socket.receive(packet);
    } catch (SocketTimeoutException _) {
      return null;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    var message = Message.decode(Bytes.of(packet.getData(), packet.getLength()));
    return new Answer(message, (InetSocketAddress) packet.getSocketAddress());
  }

  private static Bytes flags(Set<Change> changes) {
    int ip = changes.contains(Change.IP) ? CHANGE_IP : 0;
    int port = changes.contains(Change.PORT) ? CHANGE_PORT : 0;
    return Bytes.uint32(ip | port);
  }

  @Override
  public void close() {
    socket.close();
  }
}
