package dev.hairpin.turnserver.transport.dtls;

import dev.hairpin.turnserver.net.TransportAddress;
import dev.hairpin.turnserver.udp.UdpSocket;
import io.netty.buffer.Unpooled;
import io.netty.channel.IoEventLoop;
import java.io.InterruptedIOException;
import java.util.Arrays;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.RejectedExecutionException;
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
  private static final Semaphore CORES =
      new Semaphore(Math.max(1, Runtime.getRuntime().availableProcessors() / 2));

  private final UdpSocket socket;
  private final IoEventLoop loop;
  private final TransportAddress client;
  private final BlockingQueue<byte[]> arrived = new ArrayBlockingQueue<>(QUEUE_LENGTH);
  private final InterruptedIOException nothingMore = new NothingMore();
  private int lastLength;
  private boolean sent;
  private volatile boolean closed;

  DtlsWire(UdpSocket socket, IoEventLoop loop, TransportAddress client) {
    this.socket = socket;
    this.loop = loop;
    this.client = client;
  }

  /// Brings a datagram, or says that too many wait.
  boolean offer(byte[] datagram) {
    return arrived.offer(datagram);
  }

  boolean isEmpty() {
    return arrived.isEmpty();
  }

  /// Whether BouncyCastle has ended the session, by its own will or the client's.
  boolean isClosed() {
    return closed;
  }

  /// Whether anything has been sent.
  boolean hasSent() {
    return sent;
  }

  /// Begins to compute on a handshake's thread.
  static void takeCore() {
    CORES.acquireUninterruptibly();
  }

  static void leaveCore() {
    CORES.release();
  }

  /// Runs something on the loop, unless the server has stopped.
  void onLoop(Runnable task) {
    try {
      loop.execute(task);
    } catch (RejectedExecutionException _) {
      closed = true;
    }
  }

  /// After the handshake as long as the datagram that is read next, or of which a record is left.
  @Override
  public int getReceiveLimit() {
    if (!loop.inEventLoop()) {
      return HANDSHAKE_RECEIVE_BYTES;
    }
    byte[] next = arrived.peek();
    return next == null ? lastLength : Math.max(lastLength, next.length);
  }

  /// On the loop, an exception that BouncyCastle lets pass ends the reading of what has arrived.
  @Override
  public int receive(byte[] buffer, int offset, int length, int waitMillis)
      throws InterruptedIOException {
    boolean onLoop = loop.inEventLoop();
    byte[] datagram = onLoop ? arrived.poll() : await(waitMillis);
    if (datagram == null) {
      if (onLoop) {
        throw nothingMore;
      }
      return -1;
    }
    if (datagram.length > length) {
      return -1;
    }
    lastLength = datagram.length;
    System.arraycopy(datagram, 0, buffer, offset, datagram.length);
    return datagram.length;
  }

  private byte @Nullable [] await(int waitMillis) throws InterruptedIOException {
    leaveCore();
    try {
      return arrived.poll(waitMillis, TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw (InterruptedIOException) new InterruptedIOException().initCause(e);
    } finally {
      takeCore();
    }
  }

  @Override
  public int getSendLimit() {
    return loop.inEventLoop() ? SEND_BYTES : HANDSHAKE_SEND_BYTES;
  }

  @Override
  public void send(byte[] bytes, int offset, int length) {
    if (loop.inEventLoop()) {
      sendNow(bytes, offset, length);
      return;
    }
    byte[] copy = Arrays.copyOfRange(bytes, offset, offset + length);
    onLoop(() -> sendNow(copy, 0, copy.length));
  }

  private void sendNow(byte[] bytes, int offset, int length) {
    sent = true;
    if (!socket.isClosed()) {
      var message = Unpooled.wrappedBuffer(bytes, offset, length);
      socket.send(message, client.ip().high(), client.ip().low(), client.port());
    }
  }

  @Override
  public void close() {
    closed = true;
  }

  /// Without a stack trace, for it tells of nothing exceptional.
  private static final class NothingMore extends InterruptedIOException {
    private static final long serialVersionUID = 1;

    @Override
    public Throwable fillInStackTrace() {
      return this;
    }
  }
}
