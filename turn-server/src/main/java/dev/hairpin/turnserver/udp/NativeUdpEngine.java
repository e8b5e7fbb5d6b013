package dev.hairpin.turnserver.udp;

import dev.hairpin.turnserver.net.Sharing;
import dev.hairpin.turnserver.net.TransportAddress;
import dev.hairpin.turnserver.telemetry.DropReason;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelException;
import io.netty.channel.IoEventLoop;
import io.netty.channel.epoll.LinuxSocket;
import io.netty.channel.unix.Errors;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.net.BindException;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/// UDP by `recvmmsg` and `sendmmsg`. Within one turn of the loop, what is received stays in the
/// ring and what is sent is gathered; the turn's end sends it and empties the ring.
final class NativeUdpEngine implements UdpEngine {
  private static final int IPV6_V6ONLY = 26;
  private static final int SOCKET_BUFFER_BYTES = 4 << 20; // the kernel caps it at its own limit
  private static final int COPIES_BYTES = 256 << 10;

  /// What the first sockets of a turn have brought leaves at once: under a light load nothing more
  /// comes, and it would only wait for the turn's end.
  private static final int PROMPT = 2;

  /// A turn that has read so many sockets has lasted longer than the rest after it.
  private static final int MANY = 64;

  private static final long REST_NANOS = 50_000;

  private final IoEventLoop loop;
  final Events events;
  private final Libc libc = new Libc();
  final ReceiveRing ring = new ReceiveRing(libc);
  final SendBatch batch;
  private final Packet packet = new Packet();
  private final Runnable endTurn = this::endTurn;

  /// Messages that were made here, until they are sent.
  private final MemorySegment copies = libc.map(COPIES_BYTES);

  private final ByteBuf copiesBuffer = Unpooled.wrappedBuffer(copies.asByteBuffer());
  private int copied;
  private boolean inTurn;
  private int reads;
  private boolean moreWaits;
  private boolean closed;

  NativeUdpEngine(IoEventLoop loop, Events events) {
    this.loop = loop;
    this.events = events;
    this.batch = new SendBatch(libc, events);
    libc.askForShortSlices();
  }

  @Override
  public UdpSocket open(TransportAddress local, Sharing sharing, UdpHandler handler)
      throws IOException {
    if (closed) {
      throw new IOException("the loop has stopped");
    }
    var descriptor = create(local);
    try {
      if (sharing == Sharing.SHARED) {
        descriptor.setReusePort(true);
      }
      descriptor.setReceiveBufferSize(SOCKET_BUFFER_BYTES);
      descriptor.setSendBufferSize(SOCKET_BUFFER_BYTES);
      descriptor.setIntOpt(SocketStructs.SOL_UDP, SocketStructs.UDP_GRO, 1);
      bind(descriptor, local);
      var socket = new NativeUdpSocket(this, descriptor, handler);
      socket.watchBy(loop);
      return socket;
    } catch (IOException | RuntimeException e) {
      descriptor.close();
      throw e;
    }
  }

  private static LinuxSocket create(TransportAddress local) throws IOException {
    try {
      return LinuxSocket.newSocketDgram(!local.ip().isIpv4());
    } catch (ChannelException e) {
      throw new IOException("no socket to be had", e);
    }
  }

  /// Binds a socket that speaks the family of the address, and no other. Netty's exception for a
  /// refused address becomes Java's own.
  private static void bind(LinuxSocket descriptor, TransportAddress local) throws IOException {
    if (!local.ip().isIpv4()) {
      descriptor.setIntOpt(SocketStructs.IPPROTO_IPV6, IPV6_V6ONLY, 1);
    }
    try {
      descriptor.bind(local.toInetSocketAddress());
    } catch (Errors.NativeIoException e) {
      throw (BindException) new BindException(local + ": " + e.getMessage()).initCause(e);
    }
  }

  /// Tells of some ICMP errors, one for a run of equal ones; of what is left the kernel tells
  /// again.
  void receiveErrors(NativeUdpSocket socket) {
    makeRoom();
    int count = ring.receiveErrors(socket.fd().intValue());
    UdpHandler.Icmp last = null;
    for (int i = 0; i < count; i++) {
      var icmp = ring.loadError(i, packet);
      if (icmp != null && !icmp.equals(last)) {
        deliver(socket, icmp);
      }
      last = icmp;
    }
  }

  /// Begins a turn unless one is under way, and sends on what is there where a batch would not fit.
  private void makeRoom() {
    beginTurn();
    if (ring.isNearlyFull()) {
      batch.flush();
      ring.reset();
      moreWaits = true;
    }
  }

  void receive(NativeUdpSocket socket) {
    makeRoom();
    int count = ring.receive(socket.fd().intValue());
    reads++;
    if (ring.mayHaveLeft()) {
      moreWaits = true;
      socket.listen();
    }
    int[] slots = ring.bySource(count);
    for (int i = 0; i < count; i++) {
      deliver(socket, slots[i]);
    }
    if (reads <= PROMPT) {
      batch.flush();
    }
  }

  /// Hands on one by one what the kernel joined. Only the first has free room in front.
  private void deliver(NativeUdpSocket socket, int slot) {
    int size = ring.load(slot, packet);
    if (size < 0) {
      events.onLoss(socket, DropReason.TRUNCATED, 1);
      return;
    }
    int offset = packet.offset;
    int end = offset + packet.length;
    int at = offset;
    do {
      packet.offset = at;
      packet.length = Math.min(size, end - at);
      packet.hasHeadroom = at == offset;
      deliver(socket, null);
      at += size;
    } while (at < end);
  }

  /// Hands on an error, or else the packet.
  private void deliver(NativeUdpSocket socket, UdpHandler.@Nullable Icmp icmp) {
    try {
      if (socket.isClosed()) {
        return;
      }
      if (icmp == null) {
        socket.handler.onPacket(socket, packet);
      } else if (socket.handler instanceof UdpHandler.OfIcmp owner) {
        owner.onIcmp(socket, icmp);
      }
    } catch (RuntimeException | Error fault) {
      events.onFault(fault);
    }
  }

  @Override
  public void beginTurn() {
    if (!inTurn) {
      inTurn = true;
      loop.execute(endTurn);
      events.onTurnStarted();
    }
  }

  /// Under a flood from many sockets a loop that is as quick as its senders finds one message on
  /// each, which is the dearest way: a short rest lets a few come together.
  private void endTurn() {
    inTurn = false;
    batch.flush();
    copied = 0;
    boolean rest = !moreWaits && reads >= MANY;
    ring.reset();
    moreWaits = false;
    reads = 0;
    if (rest) {
      LockSupport.parkNanos(REST_NANOS);
    }
  }

  /// Gathers a copy of what does not stay where it is.
  void copy(
      NativeUdpSocket from, ByteBuf bytes, int start, int length, long high, long low, int port) {
    beginTurn();
    if (copied + length > COPIES_BYTES) {
      batch.flush();
      copied = 0;
    }
    bytes.getBytes(start, copiesBuffer.writerIndex(copied), length);
    batch.add(from, copies.address() + copied, length, high, low, port);
    copied += length;
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      libc.close();
    }
  }
}
