package dev.hairpin.turnserver.udp;

import static dev.hairpin.turnserver.udp.SocketStructs.*;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_SHORT_UNALIGNED;

import dev.hairpin.turnserver.telemetry.DropReason;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/// What a loop is about to send from one socket: gathered until the turn ends, the socket changes
/// or there is no more room, then handed to the kernel in one call.
///
/// A run of datagrams of one size to one destination becomes a single message that the kernel cuts
/// apart (UDP_SEGMENT); the last of a run may be shorter.
final class SendBatch {
  private static final int MESSAGES = 64;
  private static final int IOVECS = 512;
  private static final int MAX_RUN = 64; // UDP_MAX_SEGMENTS of older kernels
  private static final int MAX_RUN_BYTES = 64_000;
  private static final int MAX_SEGMENT = 1_400; // longer ones could exceed the path's MTU
  private static final int HEADER_BYTES = Integer.BYTES;
  private static final int MAX_REPETITIONS = 3;
  private static final int CMSG_LEN_SHORT = CMSG_DATA + 2;
  private static final int CMSG_SPACE_SHORT = CMSG_DATA + 8;

  private final Libc libc;
  private final MemorySegment structs;
  private final long iovecs = (long) MESSAGES * MMSGHDR_BYTES;
  private final long names = iovecs + (long) IOVECS * IOVEC_BYTES;
  private final long controls = names + (long) MESSAGES * SOCKADDR_BYTES;
  private final long headers = controls + (long) MESSAGES * CONTROL_BYTES;
  private final UdpEngine.Events events;
  private @Nullable NativeUdpSocket socket;
  private int messages;
  private int usedIovecs;

  /// How many datagrams each message is made of.
  private final int[] runs = new int[MESSAGES];

  /// The message that is being gathered.
  private long high;

  private long low;
  private long fromHigh;
  private long fromLow;
  private int port;
  private int segment;
  private int parts;
  private boolean mayGrow;

  /// Cleared for good where the kernel turns out not to cut.
  private boolean cuts = true;

  SendBatch(Libc libc, UdpEngine.Events events) {
    this.libc = libc;
    this.events = events;
    this.structs = libc.map(headers + (long) IOVECS * HEADER_BYTES);
  }

  /// Adds a datagram: `length` bytes at `address`, which stay in place until the flush.
  void add(NativeUdpSocket from, long address, int length, long high, long low, int port) {
    start(from, length, 1, high, low, port);
    iovec(address, length);
  }

  /// Adds a datagram whose four-byte header stands apart from its payload.
  void addBehind(
      int header, NativeUdpSocket from, long address, int length, long high, long low, int port) {
    start(from, HEADER_BYTES + length, 2, high, low, port);
    long at = headers + (long) usedIovecs * HEADER_BYTES;
    structs.set(BE_INT, at, header);
    iovec(structs.address() + at, HEADER_BYTES);
    iovec(address, length);
  }

  private void start(
      NativeUdpSocket from, int wireBytes, int iovecsNeeded, long high, long low, int port) {
    if (from != socket || usedIovecs + iovecsNeeded > IOVECS) {
      flush();
    }
    socket = from;
    boolean extend =
        mayGrow
            && wireBytes <= segment
            && wireBytes > 0
            && parts == iovecsNeeded
            && runs[messages - 1] < MAX_RUN
            && runs[messages - 1] * segment + wireBytes <= MAX_RUN_BYTES
            && this.port == port
            && this.low == low
            && this.high == high
            && fromLow == from.fromLow
            && fromHigh == from.fromHigh;
    if (!extend) {
      if (messages == MESSAGES) {
        flush();
      }
      open(from, wireBytes, iovecsNeeded, high, low, port);
    }
    if (++runs[messages - 1] == 2) {
      cut(messages - 1);
    }
    mayGrow = wireBytes == segment && cuts && segment <= MAX_SEGMENT;
  }

  private void open(
      NativeUdpSocket from, int wireBytes, int iovecsNeeded, long high, long low, int port) {
    this.high = high;
    this.low = low;
    this.port = port;
    fromHigh = from.fromHigh;
    fromLow = from.fromLow;
    long message = (long) messages * MMSGHDR_BYTES;
    long name = names + (long) messages * SOCKADDR_BYTES;
    int nameLength = writeSockaddr(structs, name, high, low, port);
    setPointer(structs, message + MSG_NAME, name);
    structs.set(JAVA_INT_UNALIGNED, message + MSG_NAMELEN, nameLength);
    setPointer(structs, message + MSG_IOV, iovecs + (long) usedIovecs * IOVEC_BYTES);
    structs.set(JAVA_LONG_UNALIGNED, message + MSG_IOVLEN, 0);
    long control = controls + (long) messages * CONTROL_BYTES;
    setPointer(structs, message + MSG_CONTROL, control);
    int source = (fromLow | fromHigh) == 0 ? 0 : writeSource(structs, control, fromHigh, fromLow);
    structs.set(JAVA_LONG_UNALIGNED, message + MSG_CONTROLLEN, source);
    runs[messages++] = 0;
    segment = wireBytes;
    parts = iovecsNeeded;
  }

  private void iovec(long address, int length) {
    long at = iovecs + (long) usedIovecs * IOVEC_BYTES;
    structs.set(JAVA_LONG_UNALIGNED, at, address);
    structs.set(JAVA_LONG_UNALIGNED, at + IOV_LEN, length);
    usedIovecs++;
    long count = (long) (messages - 1) * MMSGHDR_BYTES + MSG_IOVLEN;
    structs.set(JAVA_LONG_UNALIGNED, count, structs.get(JAVA_LONG_UNALIGNED, count) + 1);
  }

  /// Tells the kernel where to cut a run, behind the source where that is told.
  private void cut(int index) {
    long message = (long) index * MMSGHDR_BYTES;
    long before = structs.get(JAVA_LONG_UNALIGNED, message + MSG_CONTROLLEN);
    long control = controls + (long) index * CONTROL_BYTES + before;
    structs.set(JAVA_LONG_UNALIGNED, control, CMSG_LEN_SHORT);
    structs.set(JAVA_INT_UNALIGNED, control + CMSG_LEVEL, SOL_UDP);
    structs.set(JAVA_INT_UNALIGNED, control + CMSG_TYPE, UDP_SEGMENT);
    structs.set(JAVA_SHORT_UNALIGNED, control + CMSG_DATA, (short) segment);
    structs.set(JAVA_LONG_UNALIGNED, message + MSG_CONTROLLEN, before + CMSG_SPACE_SHORT);
  }

  /// Hands everything to the kernel.
  void flush() {
    var from = socket;
    if (from == null || messages == 0) {
      return;
    }
    for (int done = 0; done < messages; ) {
      int sent = send(from, done, messages - done);
      if (sent > 0) {
        done += sent;
      } else if (libc.errno() == Libc.EAGAIN) {
        while (done < messages) {
          lost(from, runs[done++]);
        }
      } else {
        refused(from, done++);
      }
    }
    messages = 0;
    usedIovecs = 0;
    mayGrow = false;
  }

  /// The number of messages sent from an index on, or -1 where the first failed. A single datagram
  /// in one piece goes the shortest way.
  private int send(NativeUdpSocket from, int index, int count) {
    boolean isPlain = usedIovecs == 1 && structs.get(JAVA_LONG_UNALIGNED, MSG_CONTROLLEN) == 0;
    long first = structs.address() + (long) index * MMSGHDR_BYTES;
    int sent;
    int tries = 0;
    do {
      sent =
          isPlain
              ? sendOne(from.fd().intValue())
              : libc.sendmmsg(from.fd().intValue(), first, count);
    } while (sent < 0 && again(from, tries++));
    return sent;
  }

  private int sendOne(int fd) {
    long address = structs.get(JAVA_LONG_UNALIGNED, iovecs);
    int nameLength = structs.get(JAVA_INT_UNALIGNED, MSG_NAMELEN);
    return libc.sendto(fd, address, segment, structs.address() + names, nameLength) < 0 ? -1 : 1;
  }

  /// Whether a failed call is to be repeated: it was interrupted, or it may have told of an ICMP
  /// error that an earlier datagram met, of which this one must not die.
  private boolean again(NativeUdpSocket from, int tries) {
    int errno = libc.errno();
    return errno == Libc.EINTR
        || (errno != Libc.EAGAIN && from.hearsIcmp && tries < MAX_REPETITIONS);
  }

  /// One message was refused. A run is sent again datagram by datagram: not every route can cut.
  private void refused(NativeUdpSocket from, int index) {
    int run = runs[index];
    if (run == 1) {
      lost(from, 1);
      return;
    }
    if (libc.errno() == Libc.EIO) {
      cuts = false;
    }
    long message = (long) index * MMSGHDR_BYTES;
    long control = structs.get(JAVA_LONG_UNALIGNED, message + MSG_CONTROLLEN);
    long iovec = structs.get(JAVA_LONG_UNALIGNED, message + MSG_IOV);
    long each = structs.get(JAVA_LONG_UNALIGNED, message + MSG_IOVLEN) / run;
    structs.set(JAVA_LONG_UNALIGNED, message + MSG_CONTROLLEN, control - CMSG_SPACE_SHORT);
    structs.set(JAVA_LONG_UNALIGNED, message + MSG_IOVLEN, each);
    for (int i = 0; i < run; i++) {
      structs.set(JAVA_LONG_UNALIGNED, message + MSG_IOV, iovec + i * each * IOVEC_BYTES);
      if (send(from, index, 1) < 0) {
        lost(from, 1);
      }
    }
  }

  private void lost(NativeUdpSocket from, int datagrams) {
    boolean isFull = libc.errno() == Libc.EAGAIN;
    events.onLoss(from, isFull ? DropReason.SEND_BUFFER_FULL : DropReason.SEND_REFUSED, datagrams);
  }
}
