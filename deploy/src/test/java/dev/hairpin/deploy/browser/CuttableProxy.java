package dev.hairpin.deploy.browser;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.StandardSocketOptions;
import java.net.URI;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/// Hands connections on to a server on loopback, until they are cut, as by a network that breaks.
final class CuttableProxy implements AutoCloseable {
  private final ServerSocket listener;
  private final int target;
  private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();

  CuttableProxy(URI server) throws IOException {
    target = server.getPort();
    listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    Thread.ofVirtual().start(this::accept);
  }

  /// What the server's page is by the proxy.
  URI page() {
    return URI.create("http://127.0.0.1:" + listener.getLocalPort() + "/");
  }

  /// Resets every connection; new ones are taken.
  ///
  /// @return how many there were
  int cut() {
    int count = 0;
    for (var socket : sockets) {
      try (socket) {
        socket.setOption(StandardSocketOptions.SO_LINGER, 0);
        count++;
      } catch (IOException _) {
        // it ends with the other end of its connection
      }
    }
    return count;
  }

  private void accept() {
    try {
      while (true) {
        var near = listener.accept();
        var far = new Socket(InetAddress.getLoopbackAddress(), target);
        sockets.add(near);
        sockets.add(far);
        Thread.ofVirtual().start(() -> pump(near, far));
        Thread.ofVirtual().start(() -> pump(far, near));
      }
    } catch (IOException _) {
      // closed
    }
  }

  private void pump(Socket from, Socket to) {
    try (from;
        to) {
      from.getInputStream().transferTo(to.getOutputStream());
    } catch (IOException _) {
      // cut, or ended by either side
    } finally {
      sockets.remove(from);
      sockets.remove(to);
    }
  }

  @Override
  public void close() throws IOException {
    listener.close();
    cut();
  }
}
