package dev.hairpin.credentialapi.operations;

import dev.hairpin.turnserver.net.IpAddress;
import dev.hairpin.turnserver.net.ListenUrl;
import dev.hairpin.turnserver.net.TransportAddress;
import dev.hairpin.turnserver.transport.StreamSettings;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;

/// STUN over TCP or TLS to a listener of this very process. Its certificate bears a name that
/// clients know and this machine may not, so it is not judged.
final class StreamWire implements Wire {
  private static final int PATIENCE_MILLIS = 1500;
  private static final int HEADER_BYTES = 20;
  private static final byte[] PROXY_HEADER =
      "PROXY UNKNOWN\r\n".getBytes(StandardCharsets.US_ASCII);

  private final Socket socket;
  private final DataInputStream in;

  StreamWire(ListenUrl listener, StreamSettings settings) throws IOException {
    var plain = new Socket();
    try {
      plain.connect(listener.address().toInetSocketAddress(), PATIENCE_MILLIS);
      plain.setSoTimeout(PATIENCE_MILLIS);
      plain.setTcpNoDelay(true);
      var own = IpAddress.of(plain.getLocalAddress());
      if (settings.proxies().stream().anyMatch(proxy -> proxy.contains(own))) {
        plain.getOutputStream().write(PROXY_HEADER); // we come from where load balancers do
      }
      socket = listener.transport().isEncrypted() ? encrypted(plain, listener.address()) : plain;
      in = new DataInputStream(socket.getInputStream());
    } catch (IOException e) {
      plain.close();
      throw e;
    }
  }

  private static SSLSocket encrypted(Socket plain, TransportAddress server) throws IOException {
    try {
      var context = SSLContext.getInstance("TLS");
      context.init(null, new TrustManager[] {new AnyCertificate()}, new SecureRandom());
      var socket =
          (SSLSocket)
              context
                  .getSocketFactory()
                  .createSocket(plain, server.ip().toString(), server.port(), true);
      socket.startHandshake();
      return socket;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("this Java has no TLS", e);
    }
  }

  @Override
  public void send(byte[] bytes, int length) throws IOException {
    socket.getOutputStream().write(bytes, 0, length);
  }

  @Override
  public byte[] receive() throws IOException {
    try {
      return readMessage();
    } catch (EOFException e) {
      throw new IOException("the connection was closed in place of an answer", e);
    }
  }

  private byte[] readMessage() throws IOException {
    var bytes = new byte[MAX_BYTES];
    in.readFully(bytes, 0, HEADER_BYTES);
    int length = HEADER_BYTES + (((bytes[2] & 0xff) << 8) | (bytes[3] & 0xff));
    if (length > MAX_BYTES) {
      throw new IOException("the answer is no STUN message");
    }
    in.readFully(bytes, HEADER_BYTES, length - HEADER_BYTES);
    return Arrays.copyOf(bytes, length);
  }

  @Override
  public int attempts() {
    return 1;
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }

  private static final class AnyCertificate implements X509TrustManager {
    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType) {}

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return new X509Certificate[0];
    }
  }
}
