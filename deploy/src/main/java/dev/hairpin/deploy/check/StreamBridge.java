package dev.hairpin.deploy.check;

import java.io.DataInputStream;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketAddress;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;

/// Puts STUN messages from the datagrams of one socket on this machine onto a TCP or TLS
/// connection, and back: ice4j's own stream sockets frame messages by RFC 4571, which TURN does
/// not.
final class StreamBridge implements AutoCloseable {
  private static final int PATIENCE_MILLIS = 5000;
  private static final int HEADER_BYTES = 20;
  private static final int MAX_BYTES = HEADER_BYTES + 65_535;

  private final Socket stream;
  private final DatagramSocket near;
  private volatile @Nullable SocketAddress client;

  private StreamBridge(Socket stream, DatagramSocket near) {
    this.stream = stream;
    this.near = near;
    Thread.ofVirtual().start(this::towardsServer);
    Thread.ofVirtual().start(this::towardsClient);
  }

  /// Connects, and speaks TLS where the URL says so.
  ///
  /// @param server what the URL's host was resolved to
  static StreamBridge to(IceUrl url, InetSocketAddress server, SSLContext trust)
      throws CheckException {
    var plain = new Socket();
    try {
      plain.connect(server, PATIENCE_MILLIS);
      plain.setTcpNoDelay(true);
      var stream = url.transport().isEncrypted() ? encrypted(plain, url, trust) : plain;
      return new StreamBridge(stream, new DatagramSocket(0, InetAddress.getLoopbackAddress()));
    } catch (IOException e) {
      close(plain);
      throw failure(e);
    }
  }

  /// Why TLS came to nothing.
  static CheckException failure(SSLException e) {
    boolean unknown = String.valueOf(e.getMessage()).contains("PKIX path");
    return new CheckException(
        "TLS fails: " + (unknown ? "nobody known vouches for the certificate" : e.getMessage()),
        "does the certificate bear this name, and is its authority known? name it by --trust");
  }

  private static CheckException failure(IOException e) {
    return e instanceof SSLException tls
        ? failure(tls)
        : new CheckException(
            "cannot connect: " + e.getMessage(),
            "is the server up, and does every firewall on the way let its TCP port pass?");
  }

  private static SSLSocket encrypted(Socket plain, IceUrl url, SSLContext trust)
      throws IOException {
    var socket =
        (SSLSocket) trust.getSocketFactory().createSocket(plain, url.host(), url.port(), true);
    var parameters = socket.getSSLParameters();
    parameters.setEndpointIdentificationAlgorithm("HTTPS"); // the URL's host, as RFC 8489 §6.2.3
    parameters.setApplicationProtocols(new String[] {"stun.turn"}); // RFC 7443
    socket.setSSLParameters(parameters);
    socket.setSoTimeout(PATIENCE_MILLIS);
    socket.startHandshake();
    socket.setSoTimeout(0);
    return socket;
  }

  InetSocketAddress near() {
    return (InetSocketAddress) near.getLocalSocketAddress();
  }

  /// What the connection is made of, where there is something to tell.
  String describe() {
    return stream instanceof SSLSocket tls ? ", " + tls.getSession().getProtocol() : "";
  }

  private void towardsServer() {
    try {
      var packet = new DatagramPacket(new byte[MAX_BYTES], MAX_BYTES);
      while (true) {
        packet.setLength(MAX_BYTES);
        near.receive(packet);
        client = packet.getSocketAddress();
        stream.getOutputStream().write(packet.getData(), 0, packet.getLength());
      }
    } catch (IOException e) {
      // closed, by us or by the server: then no answer comes
    }
  }

  private void towardsClient() {
    try {
      var in = new DataInputStream(stream.getInputStream());
      var message = new byte[MAX_BYTES];
      while (true) {
        in.readFully(message, 0, HEADER_BYTES);
        int length = ((message[2] & 0xff) << 8) | (message[3] & 0xff);
        in.readFully(message, HEADER_BYTES, length);
        var to = client;
        if (to != null) {
          near.send(new DatagramPacket(message, HEADER_BYTES + length, to));
        }
      }
    } catch (IOException e) {
      // closed, by us or by the server: then no answer comes
    }
  }

  @Override
  public void close() {
    near.close();
    close(stream);
  }

  private static void close(Socket socket) {
    try {
      socket.close();
    } catch (IOException e) {
      // it is of no more use anyway
    }
  }
}
