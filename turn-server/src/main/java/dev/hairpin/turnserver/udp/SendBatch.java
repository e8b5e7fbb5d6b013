package dev.hairpin.turnserver.udp;

import static dev.hairpin.turnserver.udp.SocketStructs.*;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_SHORT_UNALIGNED;

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
  private static final int HEADER_BYTES = 4;
  private static final int MAX_REPETITIONS = 3;
  private static final int CMSG_LEN_SHORT = CMSG_DATA + 2;
  private static final int CMSG_SPACE_SHORT = CMSG_DATA + 8;

  private final Libc libc;
  private final MemorySegment structs;
  private final long iovecs = (long) MESSAGES * MMSGHDR_BYTES;
  private final long names = iovecs + (long) IOVECS * IOVEC_BYTES;
  private final long controls = names + (long) MESSAGES * SOCKADDR_BYTES;
  private final long headers = controls + (long) MESSAGES * CONTROL_BYTES;

  private @Nullable NativeUdpSocket socket;
  private int messages;
  private int usedIovecs;

  /// The message that is being gathered.
  private long high;

  private long low;
  private long fromHigh;
  private long fromLow;
  private int port;
  private int segment;
  private int run;
  private int runBytes;
  private int parts;
  private boolean mayGrow;

  /// The sizes of the runs that are gathered, for what fails.
  private final int[] runs = new int[MESSAGES];

  private final int[] partsOf = new int[MESSAGES];
  private final int[] sourceBytesOf = new int[MESSAGES];

  /// Cleared for good where the kernel turns out not to cut.
  private boolean cuts = true;

  SendBatch(Libc libc) {
    this.libc = libc;
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
      socket = from;
    }
    boolean extend =
        mayGrow
            && wireBytes <= segment
            && wireBytes > 0
            && parts == iovecsNeeded
            && run < MAX_RUN
            && runBytes + wireBytes <= MAX_RUN_BYTES
            && this.port == port
            && this.low == low
            && this.high == high
            && fromLow == from.fromLow
            && fromHigh == from.fromHigh;
    if (!extend) {
      if (messages == MESSAGES) {
        flush();
        socket = from;
      }
      fromHigh = from.fromHigh;
      fromLow = from.fromLow;
      open(wireBytes, iovecsNeeded, high, low, port);
    }
    run++;
    runBytes += wireBytes;
    runs[messages - 1] = run;
    mayGrow = wireBytes == segment && cuts && segment <= MAX_SEGMENT;
  }

  private void open(int wireBytes, int iovecsNeeded, long high, long low, int port) {
    this.high = high;
    this.low = low;
    this.port = port;
    seal();
    long message = (long) messages * MMSGHDR_BYTES;
    long name = names + (long) messages * SOCKADDR_BYTES;
    structs.set(JAVA_LONG_UNALIGNED, message + MSG_NAME, structs.address() + name);
    structs.set(
        JAVA_INT_UNALIGNED, message + MSG_NAMELEN, writeSockaddr(structs, name, high, low, port));
    structs.set(JAVA_LONG_UNALIGNED, message + MSG_IOV, iovecAddress(usedIovecs));
    structs.set(JAVA_LONG_UNALIGNED, message + MSG_IOVLEN, 0);
    long control = controls + (long) messages * CONTROL_BYTES;
    structs.set(JAVA_LONG_UNALIGNED, message + MSG_CONTROL, structs.address() + control);
    int source = (fromLow | fromHigh) == 0 ? 0 : writeSource(structs, control, fromHigh, fromLow);
    structs.set(JAVA_LONG_UNALIGNED, message + MSG_CONTROLLEN, source);
    sourceBytesOf[messages] = source;
    partsOf[messages] = iovecsNeeded;
    messages++;
    segment = wireBytes;
    parts = iovecsNeeded;
    run = 0;
    runBytes = 0;
  }

  private void iovec(long address, int length) {
    long at = iovecs + (long) usedIovecs * IOVEC_BYTES;
    structs.set(JAVA_LONG_UNALIGNED, at, address);
    structs.set(JAVA_LONG_UNALIGNED, at + IOV_LEN, length);
    usedIovecs++;
    long count = (long) (messages - 1) * MMSGHDR_BYTES + MSG_IOVLEN;
    structs.set(JAVA_LONG_UNALIGNED, count, structs.get(JAVA_LONG_UNALIGNED, count) + 1);
  }

  /// Tells the kernel where to cut the run that was gathered last.
  private void seal() {
    if (messages == 0 || run < 2) {
      return;
    }
    long message = (long) (messages - 1) * MMSGHDR_BYTES;
    int before = sourceBytesOf[messages - 1];
    long control = controls + (long) (messages - 1) * CONTROL_BYTES + before;
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
    seal();
    if (messages == 1 && usedIovecs == 1 && sourceBytesOf[0] == 0) {
      sendOne(from);
    } else {
      sendAll(from);
    }
    messages = 0;
    usedIovecs = 0;
    run = 0;
    mayGrow = false;
    socket = null;
  }

  /// A single datagram in one piece goes the shortest way.
  private void sendOne(NativeUdpSocket from) {
    long address = structs.get(JAVA_LONG_UNALIGNED, iovecs);
    int nameLength = structs.get(JAVA_INT_UNALIGNED, MSG_NAMELEN);
    long sent;
    int tries = 0;
    do {
      sent = libc.sendto(from.number(), address, segment, structs.address() + names, nameLength);
    } while (sent < 0 && again(from, tries++));
    if (sent < 0) {
      from.lost(lossOf(libc.errno()), 1);
    }
  }

  /// Whether a failed call is to be repeated: it was interrupted, or it may have told of an ICMP
  /// error that an earlier datagram met, of which this one must not die.
  private boolean again(NativeUdpSocket from, int tries) {
    int errno = libc.errno();
    return errno == Libc.EINTR
        || (errno != Libc.EAGAIN && from.hearsIcmp() && tries < MAX_REPETITIONS);
  }

  private void sendAll(NativeUdpSocket from) {
    int done = 0;
    int tries = 0;
    while (done < messages) {
      long first = structs.address() + (long) done * MMSGHDR_BYTES;
      int sent = libc.sendmmsg(from.number(), first, messages - done);
      if (sent > 0) {
        done += sent;
        tries = 0;
        continue;
      }
      if (again(from, tries++)) {
        continue;
      }
      int errno = libc.errno();
      if (errno == Libc.EAGAIN) {
        int datagrams = 0;
        for (int i = done; i < messages; i++) {
          datagrams += runs[i];
        }
        from.lost(UdpTrouble.Loss.SEND_BUFFER_FULL, datagrams);
        return;
      }
      failed(from, done, errno);
      done++;
      tries = 0;
    }
  }

  /// One message was refused. A run is sent again datagram by datagram: not every route can cut.
  private void failed(NativeUdpSocket from, int index, int errno) {
    if (runs[index] == 1) {
      from.lost(lossOf(errno), 1);
      return;
    }
    if (errno == Libc.EIO) {
      cuts = false;
    }
    long message = (long) index * MMSGHDR_BYTES;
    long iovec = structs.get(JAVA_LONG_UNALIGNED, message + MSG_IOV);
    structs.set(JAVA_LONG_UNALIGNED, message + MSG_CONTROLLEN, sourceBytesOf[index]);
    structs.set(JAVA_LONG_UNALIGNED, message + MSG_IOVLEN, partsOf[index]);
    for (int i = 0; i < runs[index]; i++) {
      structs.set(JAVA_LONG_UNALIGNED, message + MSG_IOV, iovec);
      int tries = 0;
      long sent;
      do {
        sent = libc.sendmsg(from.number(), structs.address() + message);
      } while (sent < 0 && again(from, tries++));
      if (sent < 0) {
        from.lost(lossOf(libc.errno()), 1);
      }
      iovec += (long) partsOf[index] * IOVEC_BYTES;
    }
  }

  private static UdpTrouble.Loss lossOf(int errno) {
    return errno == Libc.EAGAIN ? UdpTrouble.Loss.SEND_BUFFER_FULL : UdpTrouble.Loss.SEND_REFUSED;
  }

  private long iovecAddress(int index) {
    return structs.address() + iovecs + (long) index * IOVEC_BYTES;
  }

  /// Sends what is gathered from a socket that is about to be closed.
  void flush(NativeUdpSocket closing) {
    if (socket == closing) {
      flush();
    }
  }

  void close() {
    libc.unmap(structs);
  }
}
