package dev.hairpin.turnserver.transport.dtls;

import dev.hairpin.turnserver.net.TransportAddress;
import io.netty.buffer.Unpooled;
import java.io.InterruptedIOException;
import java.util.Arrays;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.bouncycastle.tls.DatagramTransport;
import org.jspecify.annotations.Nullable;

/// The datagrams of one session as BouncyCastle sees them. While the handshake runs, its thread
/// waits here for what the loop brings; from then on the loop alone reads and writes, and never
/// waits.
final class DtlsWire implements DatagramTransport {
  /// Fits into IPv6's smallest MTU, so that no flight depends on fragments.
  private static final int HANDSHAKE_SEND_BYTES = 1_280 - 40 - 8;

  private static final int HANDSHAKE_RECEIVE_BYTES = 2_048;
  private static final int SEND_BYTES = 65_507;
  private static final int QUEUE_LENGTH = 32;

  /// Handshakes compute on half of the cores at most: the loops need the others.
  static final Semaphore CORES =
      new Semaphore(Math.max(1, Runtime.getRuntime().availableProcessors() / 2));

  @SuppressWarnings("StaticAssignmentOfThrowable") // whence it comes interests nobody
  private static final InterruptedIOException NOTHING_MORE = new InterruptedIOException();

  private final DtlsListener listener;
  private final TransportAddress client;
  private final long fromHigh;
  private final long fromLow;

  /// What the loop has brought; full where too many wait.
  final BlockingQueue<byte[]> arrived = new ArrayBlockingQueue<>(QUEUE_LENGTH);

  private int lastLength;

  /// Whether anything has been sent.
  boolean sent;

  /// Whether the session was ended in its handshake, whose last words would reach the next one.
  boolean muted;

  /// Whether BouncyCastle has ended the session, by its own will or the client's.
  volatile boolean closed;

  /// @param fromHigh with `fromLow`, the address that the client knows the server by; zero where
  ///   that is the socket's own
  DtlsWire(DtlsListener listener, TransportAddress client, long fromHigh, long fromLow) {
    this.listener = listener;
    this.client = client;
    this.fromHigh = fromHigh;
    this.fromLow = fromLow;
  }

  /// After the handshake as long as the datagram that is read next, or of which a record is left.
  @Override
  public int getReceiveLimit() {
    if (!listener.loop.inEventLoop()) {
      return HANDSHAKE_RECEIVE_BYTES;
    }
    byte[] next = arrived.peek();
    return next == null ? lastLength : Math.max(lastLength, next.length);
  }

  /// On the loop, an exception that BouncyCastle lets pass ends the reading of what has arrived.
  @Override
  public int receive(byte[] buffer, int offset, int length, int waitMillis)
      throws InterruptedIOException {
    boolean onLoop = listener.loop.inEventLoop();
    byte[] datagram = onLoop ? arrived.poll() : await(waitMillis);
    if (datagram == null && onLoop) {
      throw NOTHING_MORE;
    }
    if (datagram == null || datagram.length > length) {
      return -1;
    }
    lastLength = datagram.length;
    System.arraycopy(datagram, 0, buffer, offset, datagram.length);
    return datagram.length;
  }

  private byte @Nullable [] await(int waitMillis) throws InterruptedIOException {
    CORES.release();
    try {
      return arrived.poll(waitMillis, TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw (InterruptedIOException) new InterruptedIOException().initCause(e);
    } finally {
      CORES.acquireUninterruptibly();
    }
  }

  @Override
  public int getSendLimit() {
    return listener.loop.inEventLoop() ? SEND_BYTES : HANDSHAKE_SEND_BYTES;
  }

  @Override
  public void send(byte[] bytes, int offset, int length) {
    if (listener.loop.inEventLoop()) {
      sendNow(bytes, offset, length);
      return;
    }
    byte[] copy = Arrays.copyOfRange(bytes, offset, offset + length);
    listener.events.post(() -> sendNow(copy, 0, copy.length));
  }

  private void sendNow(byte[] bytes, int offset, int length) {
    sent = true;
    if (!muted && !listener.socket.isClosed()) {
      var message = Unpooled.wrappedBuffer(bytes, offset, length);
      listener.socket.sendFrom(fromHigh, fromLow);
      listener.socket.send(message, client.ip().high(), client.ip().low(), client.port());
    }
  }

  @Override
  public void close() {
    closed = true;
  }
}
