package dev.hairpin.turnserver.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.Arrays;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/// A way of datagrams to a server and back that loses, repeats and reorders them as a seed says. To
/// the server each client is a socket of its own.
public final class FaultyDatagrams implements AutoCloseable {
  private static final int MAX_DATAGRAM = 65_535;
  private static final int MAX_DELAY_MILLIS = 100;

  private final InetSocketAddress server;
  private final Random random;
  private final DatagramSocket front;
  private final Map<SocketAddress, DatagramSocket> backs = new ConcurrentHashMap<>();
  private final ScheduledExecutorService late =
      Executors.newSingleThreadScheduledExecutor(Thread.ofPlatform().daemon().factory());
  private volatile int faultPercent;

  public FaultyDatagrams(InetSocketAddress server, long seed) {
    this.server = server;
    this.random = new Random(seed);
    try {
      this.front = new DatagramSocket(0, server.getAddress());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    Thread.ofPlatform().daemon().start(() -> pass(front, this::toServer));
  }

  /// Where clients are to send to.
  public InetSocketAddress address() {
    return (InetSocketAddress) front.getLocalSocketAddress();
  }

  /// How many of a hundred are lost, how many repeated, and how many delayed; 0 ends the fault.
  public void fail(int percent) {
    faultPercent = percent;
  }

  private interface Passage {
    void pass(DatagramPacket packet) throws IOException;
  }

  private static void pass(DatagramSocket from, Passage passage) {
    var packet = new DatagramPacket(new byte[MAX_DATAGRAM], MAX_DATAGRAM);
    while (!from.isClosed()) {
      try {
        packet.setLength(MAX_DATAGRAM);
        from.receive(packet);
        passage.pass(packet);
      } catch (IOException _) {
        // closed, or nobody is there: the loop's condition tells which
      }
    }
  }

  private void toServer(DatagramPacket packet) {
    var client = packet.getSocketAddress();
    forward(packet, backs.computeIfAbsent(client, this::open), server);
  }

  private DatagramSocket open(SocketAddress client) {
    try {
      var back = new DatagramSocket(0, server.getAddress());
      back.connect(server);
      Thread.ofPlatform().daemon().start(() -> pass(back, p -> forward(p, front, client)));
      return back;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void forward(DatagramPacket packet, DatagramSocket by, SocketAddress to) {
    var copy = Arrays.copyOf(packet.getData(), packet.getLength());
    if (strikes()) {
      return;
    }
    for (int copies = strikes() ? 2 : 1; copies > 0; copies--) {
      if (strikes()) {
        int delay = roll(MAX_DELAY_MILLIS);
        var _ = late.schedule(() -> send(copy, by, to), delay, TimeUnit.MILLISECONDS);
      } else {
        send(copy, by, to);
      }
    }
  }

  private boolean strikes() {
    return faultPercent > 0 && roll(100) < faultPercent;
  }

  private synchronized int roll(int bound) {
    return random.nextInt(bound);
  }

  private static void send(byte[] bytes, DatagramSocket by, SocketAddress to) {
    try {
      by.send(new DatagramPacket(bytes, bytes.length, to));
    } catch (IOException _) {
      // lost
    }
  }

  @Override
  public void close() {
    late.shutdownNow();
    front.close();
    backs.values().forEach(DatagramSocket::close);
  }
}
