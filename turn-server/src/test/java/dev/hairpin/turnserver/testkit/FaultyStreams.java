package dev.hairpin.turnserver.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/// A way of TCP connections to a server and back that drips, stalls and breaks off.
public final class FaultyStreams implements AutoCloseable {
  private static final int BUFFER_BYTES = 8 << 10;
  private static final int MAX_DRIP_BYTES = 7;

  private final InetSocketAddress server;
  private final Random random;
  private final ServerSocket front;
  private final Set<Socket> open = ConcurrentHashMap.newKeySet();
  private volatile Fault fault = Fault.NONE;

  /// What befalls every connection.
  public enum Fault {
    NONE,
    /// A few bytes at a time.
    DRIP,
    /// Nothing passes.
    STALL
  }

  public FaultyStreams(InetSocketAddress server, long seed) {
    this.server = server;
    this.random = new Random(seed);
    try {
      this.front = new ServerSocket(0, 64, server.getAddress());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    Thread.ofPlatform().daemon().start(this::accept);
  }

  /// Where clients are to connect to.
  public InetSocketAddress address() {
    return (InetSocketAddress) front.getLocalSocketAddress();
  }

  public void fail(Fault newFault) {
    fault = newFault;
  }

  /// Breaks off every connection by a reset, on both sides.
  public void reset() {
    for (var socket : Set.copyOf(open)) {
      try {
        socket.setSoLinger(true, 0);
      } catch (IOException _) {
        // closed already
      }
      close(socket);
    }
  }

  private void accept() {
    while (!front.isClosed()) {
      try {
        var client = front.accept();
        open.add(client);
        Thread.ofPlatform().daemon().start(() -> join(client));
      } catch (IOException _) {
        // closed: the loop's condition tells
      }
    }
  }

  private void join(Socket client) {
    try {
      var back = new Socket(server.getAddress(), server.getPort());
      open.add(back);
      Thread.ofPlatform().daemon().start(() -> pump(back, client));
      pump(client, back);
    } catch (IOException _) {
      close(client);
    }
  }

  private void pump(Socket from, Socket to) {
    try {
      var buffer = new byte[BUFFER_BYTES];
      to.setTcpNoDelay(true);
      while (true) {
        int count =
            from.getInputStream().read(buffer, 0, fault == Fault.DRIP ? drop() : BUFFER_BYTES);
        if (count < 0) {
          break;
        }
        while (fault == Fault.STALL && !front.isClosed()) {
          Thread.sleep(5);
        }
        to.getOutputStream().write(buffer, 0, count);
      }
    } catch (IOException _) {
      // its end is the other's
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
    close(from);
    close(to);
  }

  private synchronized int drop() {
    return 1 + random.nextInt(MAX_DRIP_BYTES);
  }

  private void close(Socket socket) {
    open.remove(socket);
    try {
      socket.close();
    } catch (IOException _) {
      // it is of no use any more either way
    }
  }

  @Override
  public void close() {
    try {
      front.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    reset();
  }
}
