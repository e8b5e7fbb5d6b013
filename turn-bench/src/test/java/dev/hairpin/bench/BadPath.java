package dev.hairpin.bench;

import dev.hairpin.turnserver.net.TransportAddress;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.Selector;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/// A path to a server by UDP that does something to the ChannelData on its way there. Requests and
/// what comes back pass untouched.
final class BadPath implements AutoCloseable {
  private static final int BUFFER_BYTES = 4 << 20;

  private final Selector selector = Selector.open();
  private final DatagramChannel front = open();
  private final Map<SocketAddress, DatagramChannel> backs = new HashMap<>();
  private final InetSocketAddress server;
  private final Fault fault;
  private final ByteBuffer packet = ByteBuffer.allocate(4_096);
  private final Thread thread;
  private final AtomicLong touched = new AtomicLong();
  private volatile boolean closed;

  /// What happens to a packet.
  @FunctionalInterface
  interface Fault {
    /// Sends it on or not, and tells whether it was touched.
    boolean pass(long number, ByteBuffer packet, Way way) throws IOException;
  }

  /// On to the server.
  @FunctionalInterface
  interface Way {
    void send(ByteBuffer packet) throws IOException;
  }

  private long number;

  BadPath(TransportAddress server, Fault fault) throws IOException {
    this.server = server.toInetSocketAddress();
    this.fault = fault;
    this.thread = Thread.ofPlatform().name("bad-path").start(this::run);
  }

  private DatagramChannel open() throws IOException {
    var channel = DatagramChannel.open();
    channel.setOption(StandardSocketOptions.SO_RCVBUF, BUFFER_BYTES);
    channel.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    channel.configureBlocking(false);
    channel.register(selector, java.nio.channels.SelectionKey.OP_READ);
    return channel;
  }

  InetSocketAddress address() throws IOException {
    return (InetSocketAddress) front.getLocalAddress();
  }

  /// How many packets something was done to.
  long touched() {
    return touched.get();
  }

  private void run() {
    try {
      while (!closed) {
        selector.select(50);
        selector.selectedKeys().clear();
        forward();
        for (var back : backs.entrySet()) {
          backward(back.getKey(), back.getValue());
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void forward() throws IOException {
    for (var from = receive(front); from != null; from = receive(front)) {
      var back = backs.get(from);
      if (back == null) {
        back = open();
        backs.put(from, back);
      }
      var way = back;
      if ((packet.get(0) & 0xc0) != 0x40) {
        way.send(packet, server);
      } else if (fault.pass(number++, packet, bytes -> way.send(bytes, server))) {
        touched.incrementAndGet();
      }
    }
  }

  private void backward(SocketAddress client, DatagramChannel back) throws IOException {
    while (receive(back) != null) {
      front.send(packet, client);
    }
  }

  private @org.jspecify.annotations.Nullable SocketAddress receive(DatagramChannel from)
      throws IOException {
    packet.clear();
    var source = from.receive(packet);
    packet.flip();
    return source;
  }

  @Override
  public void close() throws IOException {
    closed = true;
    selector.wakeup();
    try {
      thread.join(TimeUnit.SECONDS.toMillis(5));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    front.close();
    for (var back : backs.values()) {
      back.close();
    }
    selector.close();
  }
}
