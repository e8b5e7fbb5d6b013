package dev.hairpin.turnserver.udp;

import static dev.hairpin.turnserver.udp.SocketStructs.*;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/// Where a loop receives: slots in a row, filled batch by batch until the turn ends, so that what
/// was received stays in place until it has been sent on.
///
/// A slot holds the largest datagram, or a run of datagrams that the kernel has joined (UDP GRO),
/// with room in front for a header.
final class ReceiveRing {
  static final int SLOTS = 256;
  private static final int MIN_FREE = 16;
  private static final int HEADROOM = 64;
  private static final int PAYLOAD = 65_536;
  private static final int STRIDE = HEADROOM + PAYLOAD + 64;

  private final Libc libc;
  private final MemorySegment bytes;
  private final MemorySegment structs;
  private final ByteBuf buffer;
  private final long names;
  private final long controls;
  private final SourceOrder sources;
  private int used;
  private boolean mayHaveLeft;

  ReceiveRing(Libc libc) {
    this.libc = libc;
    this.bytes = libc.map((long) SLOTS * STRIDE);
    this.buffer = Unpooled.wrappedBuffer(bytes.asByteBuffer());
    long iovecs = (long) SLOTS * MMSGHDR_BYTES;
    this.names = iovecs + (long) SLOTS * IOVEC_BYTES;
    this.controls = names + (long) SLOTS * SOCKADDR_BYTES;
    this.structs = libc.map(controls + (long) SLOTS * CONTROL_BYTES);
    this.sources = new SourceOrder(structs, names, SLOTS);
    for (int slot = 0; slot < SLOTS; slot++) {
      long message = (long) slot * MMSGHDR_BYTES;
      long iovec = iovecs + (long) slot * IOVEC_BYTES;
      structs.set(JAVA_LONG_UNALIGNED, iovec, bytes.address() + payload(slot));
      structs.set(JAVA_LONG_UNALIGNED, iovec + IOV_LEN, PAYLOAD);
      setPointer(structs, message + MSG_NAME, names + (long) slot * SOCKADDR_BYTES);
      setPointer(structs, message + MSG_IOV, iovec);
      structs.set(JAVA_LONG_UNALIGNED, message + MSG_IOVLEN, 1);
      setPointer(structs, message + MSG_CONTROL, controls + (long) slot * CONTROL_BYTES);
      arm(slot);
    }
  }

  /// Undoes what the kernel wrote.
  private void arm(int slot) {
    long message = (long) slot * MMSGHDR_BYTES;
    structs.set(JAVA_INT_UNALIGNED, message + MSG_NAMELEN, SOCKADDR_BYTES);
    structs.set(JAVA_LONG_UNALIGNED, message + MSG_CONTROLLEN, CONTROL_BYTES);
  }

  /// Whether what was received has to be sent on before there is room for a batch.
  boolean isNearlyFull() {
    return SLOTS - used < MIN_FREE;
  }

  /// Everything received has been sent on.
  void reset() {
    used = 0;
  }

  /// The slots of the last batch, which is so large, those of one source together.
  int[] bySource(int count) {
    return sources.of(used - count, count);
  }

  /// Receives a batch and returns its size. What is left on the socket then, `mayHaveLeft` says.
  int receive(int fd) {
    long messages = structs.address() + (long) used * MMSGHDR_BYTES;
    int received = libc.recvmmsg(fd, messages, SLOTS - used, 0);
    mayHaveLeft = received == SLOTS - used || (received < 0 && libc.errno() != Libc.EAGAIN);
    used += Math.max(received, 0);
    return Math.max(received, 0);
  }

  /// Whether the last batch ended for another reason than that the socket was empty: there was no
  /// more room, or an error came first.
  boolean mayHaveLeft() {
    return mayHaveLeft;
  }

  /// Takes some of a socket's errors into free slots and returns their number.
  int receiveErrors(int fd) {
    long messages = structs.address() + (long) used * MMSGHDR_BYTES;
    return Math.max(libc.recvmmsg(fd, messages, MIN_FREE, Libc.MSG_ERRQUEUE), 0);
  }

  /// One of the errors that were taken last, or null where clients are not told it.
  UdpHandler.@Nullable Icmp loadError(int index, Packet packet) {
    int slot = used + index;
    long message = (long) slot * MMSGHDR_BYTES;
    boolean named = structs.get(JAVA_INT_UNALIGNED, message + MSG_NAMELEN) > 0;
    boolean told = structs.get(JAVA_LONG_UNALIGNED, message + MSG_CONTROLLEN) > CMSG_DATA;
    readSockaddr(structs, names + (long) slot * SOCKADDR_BYTES, packet);
    arm(slot);
    if (!named || !told) {
      return null;
    }
    return readError(structs, controls + (long) slot * CONTROL_BYTES, packet.source());
  }

  /// Points the packet at a slot and makes the slot ready for use again. Returns the length of each
  /// datagram there but the last, which may be shorter; -1 where it was cut off.
  int load(int slot, Packet packet) {
    long message = (long) slot * MMSGHDR_BYTES;
    packet.buffer = buffer;
    packet.offset = payload(slot);
    packet.length = structs.get(JAVA_INT_UNALIGNED, message + MSG_LEN);
    packet.hasHeadroom = true;
    packet.inRing = true;
    readSockaddr(structs, names + (long) slot * SOCKADDR_BYTES, packet);
    boolean truncated = (structs.get(JAVA_INT_UNALIGNED, message + MSG_FLAGS) & MSG_TRUNC) != 0;
    int size = packet.length;
    packet.localHigh = 0;
    packet.localLow = 0;
    long control = controls + (long) slot * CONTROL_BYTES;
    long end = control + structs.get(JAVA_LONG_UNALIGNED, message + MSG_CONTROLLEN);
    for (; control + CMSG_DATA < end; control = nextControl(structs, control)) {
      if (structs.get(JAVA_INT_UNALIGNED, control + CMSG_LEVEL) == SOL_UDP
          && structs.get(JAVA_INT_UNALIGNED, control + CMSG_TYPE) == UDP_GRO) {
        size = structs.get(JAVA_INT_UNALIGNED, control + CMSG_DATA);
      } else {
        readDestination(structs, control, packet);
      }
    }
    arm(slot);
    return truncated ? -1 : size;
  }

  private static int payload(int slot) {
    return slot * STRIDE + HEADROOM;
  }

  long addressOf(int offset) {
    return bytes.address() + offset;
  }
}
