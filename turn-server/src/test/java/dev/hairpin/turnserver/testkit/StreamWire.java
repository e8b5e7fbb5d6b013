package dev.hairpin.turnserver.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.security.cert.X509Certificate;
import java.time.Duration;
import javax.net.ssl.SSLSession;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;

/// A TCP connection to a server, with or without TLS in it.
///
/// It finds the messages in the stream by itself (RFC 8656 §3.2, §12.5), or hands out the bytes as
/// they come, once the connection carries the data of a peer (RFC 6062 §4.3).
public final class StreamWire implements Wire {
  private static final Duration PATIENCE = Duration.ofSeconds(10);
  private static final int BUFFER_BYTES = 1 << 17;
  private static final int LITTLE_ROOM_BYTES = 4_096;
  private static final int STUN_HEADER = 20;
  private static final int CHANNEL_DATA_HEADER = 4;

  private final Socket socket;
  private final @Nullable TlsProfile tls;

  /// What has arrived and has not been asked for yet, between position and limit.
  private final ByteBuffer unread;

  private StreamWire(Socket socket, @Nullable TlsProfile tls) {
    this.socket = socket;
    this.tls = tls;
    this.unread = ByteBuffer.allocate(BUFFER_BYTES).flip();
  }

  /// A plain connection from a free port of the address that the server listens at.
  public static StreamWire to(InetSocketAddress server) {
    return to(server, server.getAddress());
  }

  public static StreamWire to(InetSocketAddress server, InetAddress local) {
    var socket = new Socket();
    try {
      socket.setTcpNoDelay(true);
      socket.bind(new InetSocketAddress(local, 0));
      socket.connect(server, (int) PATIENCE.toMillis());
    } catch (IOException e) {
      closeQuietly(socket);
      throw new UncheckedIOException("no connection to " + server, e);
    }
    return new StreamWire(socket, null);
  }

  /// Begins TLS on this connection, behind whatever has been sent so far, and gives the wire to go
  /// on with. Fails with an `UncheckedIOException` where the handshake does.
  public StreamWire secured(TlsProfile profile) {
    Expect.that(!unread.hasRemaining(), "the server spoke before TLS began: ", this);
    try {
      socket.setSoTimeout((int) PATIENCE.toMillis());
      return new StreamWire(profile.handshake(socket), profile);
    } catch (IOException e) {
      close();
      throw new UncheckedIOException(e);
    }
  }

  /// Another connection of the same kind to the same server.
  public StreamWire another() {
    var plain = to(server(), localAddress().getAddress());
    return tls == null ? plain : plain.secured(tls);
  }

  @Override
  public InetSocketAddress server() {
    return (InetSocketAddress) socket.getRemoteSocketAddress();
  }

  @Override
  public InetSocketAddress localAddress() {
    return (InetSocketAddress) socket.getLocalSocketAddress();
  }

  /// The certificate that the server showed for itself.
  public X509Certificate servedCertificate() {
    try {
      return (X509Certificate) session().getPeerCertificates()[0];
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// The version of TLS that both agreed on, such as `TLSv1.3`.
  public String tlsVersion() {
    return session().getProtocol();
  }

  /// The application protocol that both agreed on (RFC 7301); empty where there is none.
  public String applicationProtocol() {
    return sslSocket().getApplicationProtocol();
  }

  @Override
  public boolean isStream() {
    return true;
  }

  @Override
  public void send(Bytes bytes) {
    try {
      var output = socket.getOutputStream();
      output.write(bytes.toArray());
      output.flush();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// Sends in pieces of this size, each by a write of its own: over TCP a segment, over TLS a
  /// record.
  public void sendInPieces(Bytes bytes, int size) {
    for (int from = 0; from < bytes.length(); from += size) {
      send(bytes.slice(from, Math.min(from + size, bytes.length())));
    }
  }

  @Override
  public @Nullable Bytes receive(Duration timeout) {
    long deadline = System.nanoTime() + timeout.toNanos();
    while (true) {
      int length = lengthOfNext();
      if (length <= unread.remaining()) {
        return take(length);
      }
      if (!read(deadline)) {
        return null;
      }
    }
  }

  /// The length of the next message with its padding, as far as is known by now.
  private int lengthOfNext() {
    if (unread.remaining() < CHANNEL_DATA_HEADER) {
      return CHANNEL_DATA_HEADER;
    }
    int first = unread.get(unread.position()) & 0xff;
    int length = unread.getShort(unread.position() + 2) & 0xffff;
    Expect.that(first < 0x80, "neither STUN nor ChannelData: ", this);
    return first < 0x40 ? STUN_HEADER + length : CHANNEL_DATA_HEADER + (length + 3 & ~3);
  }

  /// The next bytes, which must come within some seconds.
  public Bytes receiveBytes(int count) {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (unread.remaining() < count) {
      Expect.that(read(deadline), "fewer than " + count + " bytes came: ", this);
    }
    return take(count);
  }

  /// Waits for the end of the connection, before which nothing may come.
  public StreamEnd.Manner awaitEnd() {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    try {
      boolean more = read(deadline) || unread.hasRemaining();
      throw new AssertionError((more ? "more came instead of the end: " : "no end: ") + this);
    } catch (StreamEnd end) {
      Expect.that(!unread.hasRemaining(), "something came before the end: ", this);
      return end.manner();
    }
  }

  /// From now on there is little room for what has come and is not read.
  public void haveLittleRoom() {
    try {
      socket.setReceiveBufferSize(LITTLE_ROOM_BYTES);
    } catch (SocketException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// Says that the client sends no more, and goes on listening. Over TLS by a close_notify.
  public void closeOutput() {
    try {
      socket.shutdownOutput();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// Breaks the connection off by a RST; use it on a connection without TLS.
  public void reset() {
    try {
      socket.setSoLinger(true, 0);
      socket.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    closeQuietly(socket);
  }

  private Bytes take(int count) {
    var bytes = new byte[count];
    unread.get(bytes);
    return Bytes.of(bytes);
  }

  /// Waits for more; false where none came in time.
  private boolean read(long deadline) {
    long millis = Duration.ofNanos(deadline - System.nanoTime()).toMillis();
    if (millis <= 0) {
      return false;
    }
    unread.compact();
    int count = 0;
    try {
      socket.setSoTimeout((int) millis);
      count = socket.getInputStream().read(unread.array(), unread.position(), unread.remaining());
    } catch (SocketTimeoutException _) {
      return false;
    } catch (SocketException e) {
      throw new StreamEnd(StreamEnd.Manner.RESET, this + ", " + e.getMessage());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } finally {
      unread.position(unread.position() + Math.max(count, 0)).flip();
    }
    if (count < 0) {
      throw new StreamEnd(StreamEnd.Manner.CLOSED, toString());
    }
    return true;
  }

  private SSLSession session() {
    return sslSocket().getSession();
  }

  private SSLSocket sslSocket() {
    if (socket instanceof SSLSocket secure) {
      return secure;
    }
    throw new IllegalStateException("there is no TLS on this connection");
  }

  private static void closeQuietly(Socket socket) {
    try {
      socket.close();
    } catch (IOException _) {
      // it is of no use any more either way
    }
  }

  @Override
  public String toString() {
    var held = Bytes.of(unread.array(), unread.limit()).slice(unread.position(), unread.limit());
    return "connection from " + localAddress() + ", unread " + held;
  }
}
