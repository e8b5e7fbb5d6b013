package dev.hairpin.deploy.check;

import dev.hairpin.turnserver.net.IpAddress;
import dev.hairpin.turnserver.net.TransportAddress;
import dev.hairpin.turnserver.stun.Attribute;
import dev.hairpin.turnserver.stun.MessageClass;
import dev.hairpin.turnserver.stun.Method;
import dev.hairpin.turnserver.stun.StunMessage;
import dev.hairpin.turnserver.stun.StunWriter;
import dev.hairpin.turnserver.stun.TransactionId;
import dev.hairpin.turnserver.stun.XorAddress;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.security.SecureRandom;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// One UDP port from which Binding requests go to any server, and to which answers may come from
/// any. Blocks.
final class BindingSocket implements AutoCloseable {
  /// Flags of CHANGE-REQUEST (RFC 5780 §7.2).
  static final int CHANGE_PORT = 2;

  static final int CHANGE_IP = 4;

  // Sends at 0, 300, 900 and 2100 ms, and gives up 1.2 s later.
  private static final int[] WAIT_MILLIS = {300, 600, 1200, 1200};

  private static final int MAX_BYTES = 1500;
  private static final int IPV4_BYTES = 8;
  private static final int IPV6_BYTES = 20;

  private final SecureRandom random = new SecureRandom();
  private final DatagramSocket socket;

  /// What a server says.
  ///
  /// @param from where the answer came from
  /// @param mapped whom the server sees; null where it refused
  /// @param other its second address and port, or null
  record Answer(
      TransportAddress from,
      @Nullable TransportAddress mapped,
      @Nullable TransportAddress other,
      int errorCode) {}

  /// A free port of the address from which a server is reached.
  BindingSocket(InetSocketAddress server) throws IOException {
    try (var probe = new DatagramSocket()) {
      probe.connect(server);
      socket = new DatagramSocket(0, probe.getLocalAddress());
    }
  }

  TransportAddress localAddress() {
    return TransportAddress.of((InetSocketAddress) socket.getLocalSocketAddress());
  }

  /// Null where no answer came.
  ///
  /// @param change flags of CHANGE-REQUEST; 0 for none
  @Nullable Answer ask(TransportAddress server, int change) throws IOException {
    var id = new TransactionId(random.nextInt(), random.nextLong());
    ByteBuf request = Unpooled.buffer();
    var writer = new StunWriter(request, MessageClass.REQUEST, Method.BINDING, id);
    if (change != 0) {
      writer.integer(Attribute.CHANGE_REQUEST, change);
    }
    byte[] bytes = Arrays.copyOf(request.array(), request.readableBytes());
    for (int wait : WAIT_MILLIS) {
      socket.send(new DatagramPacket(bytes, bytes.length, server.toInetSocketAddress()));
      var answer = receive(id, wait);
      if (answer != null) {
        return answer;
      }
    }
    return null;
  }

  private @Nullable Answer receive(TransactionId id, int waitMillis) throws IOException {
    long end = System.nanoTime() + waitMillis * 1_000_000L;
    for (long left = waitMillis; left > 0; left = (end - System.nanoTime()) / 1_000_000) {
      socket.setSoTimeout((int) left);
      var packet = new DatagramPacket(new byte[MAX_BYTES], MAX_BYTES);
      try {
        socket.receive(packet);
      } catch (SocketTimeoutException e) {
        return null;
      }
      var message = new StunMessage();
      if (message.decode(Unpooled.wrappedBuffer(packet.getData()), 0, packet.getLength())
          && message.transactionId().equals(id)) {
        return read(message, (InetSocketAddress) packet.getSocketAddress());
      }
    }
    return null;
  }

  private static Answer read(StunMessage message, InetSocketAddress from) {
    byte[] error = message.bytesOf(Attribute.ERROR_CODE);
    int code = error.length < 4 ? 0 : error[2] * 100 + error[3];
    int mapped = message.find(Attribute.XOR_MAPPED_ADDRESS);
    return new Answer(
        TransportAddress.of(from),
        mapped < 0 ? null : XorAddress.decode(message, mapped),
        plainAddress(message.bytesOf(Attribute.OTHER_ADDRESS)),
        code);
  }

  /// An address as MAPPED-ADDRESS has it (RFC 8489 §14.1).
  private static @Nullable TransportAddress plainAddress(byte[] value) {
    if (value.length != IPV4_BYTES && value.length != IPV6_BYTES) {
      return null;
    }
    int port = ((value[2] & 0xff) << 8) | (value[3] & 0xff);
    return new TransportAddress(IpAddress.of(Arrays.copyOfRange(value, 4, value.length)), port);
  }

  @Override
  public void close() {
    socket.close();
  }
}
