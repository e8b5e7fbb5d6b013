package dev.hairpin.turnserver.udp;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.util.ArrayList;
import java.util.List;

/// The calls into Linux's C library that batches need: the one place where foreign functions are
/// called. Pointers are passed as longs, so that a call makes no object.
///
/// The socket calls never block (`MSG_DONTWAIT`), which allows the cheap, critical form of call.
@SuppressWarnings("restricted") // this is what the class is for
final class Libc {
  static final int EINTR = 4;
  static final int EAGAIN = 11;
  static final int EIO = 5;
  static final int MSG_ERRQUEUE = 0x2000;

  private static final int PROT_READ_WRITE = 3;
  private static final int MAP_PRIVATE_ANONYMOUS = 0x22;
  private static final int MSG_DONTWAIT = 0x40;
  private static final int MSG_NOSIGNAL = 0x4000;

  private static final Linker LINKER = Linker.nativeLinker();

  private static final MethodHandle RECVMMSG =
      handle("recvmmsg", JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_INT, JAVA_INT, JAVA_LONG);
  private static final MethodHandle SENDMMSG =
      handle("sendmmsg", JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_INT, JAVA_INT);
  private static final MethodHandle SENDTO =
      handle("sendto", JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_INT);
  private static final MethodHandle MMAP =
      handle("mmap", JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_LONG);
  private static final MethodHandle MUNMAP = handle("munmap", JAVA_INT, JAVA_LONG, JAVA_LONG);

  /// `sched_setattr`, which the C library knows by its number alone, and behind it `sched_getattr`.
  private static final long SCHED_SETATTR =
      System.getProperty("os.arch", "").equals("amd64") ? 314 : 274;

  private static final long SCHED_ATTR_BYTES = 48;
  private static final long SCHED_ATTR_RUNTIME = 24;
  static final long SLICE_NANOS = 100_000; // the least that the kernel takes

  /// Where a call leaves its errno, which is all that Linux has to tell; one a loop.
  private final MemorySegment errno = Arena.ofAuto().allocate(Linker.Option.captureStateLayout());

  private final List<MemorySegment> mapped = new ArrayList<>();

  private static MethodHandle handle(String name, MemoryLayout result, MemoryLayout... arguments) {
    var symbol = LINKER.defaultLookup().findOrThrow(name);
    return LINKER.downcallHandle(
        symbol,
        FunctionDescriptor.of(result, arguments),
        Linker.Option.captureCallState("errno"),
        Linker.Option.critical(false));
  }

  /// The number of datagrams received, or of errors taken from the socket's error queue, or -1.
  ///
  /// @param queue [#MSG_ERRQUEUE], or 0
  int recvmmsg(int fd, long messages, int count, int queue) {
    try {
      return (int) RECVMMSG.invokeExact(errno, fd, messages, count, MSG_DONTWAIT | queue, 0L);
    } catch (Throwable e) {
      throw impossible(e);
    }
  }

  /// The number of messages sent, or -1 where the first failed.
  int sendmmsg(int fd, long messages, int count) {
    try {
      return (int) SENDMMSG.invokeExact(errno, fd, messages, count, MSG_DONTWAIT | MSG_NOSIGNAL);
    } catch (Throwable e) {
      throw impossible(e);
    }
  }

  /// The number of bytes sent, or -1.
  long sendto(int fd, long bytes, int length, long address, int addressLength) {
    try {
      return (long)
          SENDTO.invokeExact(
              errno, fd, bytes, (long) length, MSG_DONTWAIT | MSG_NOSIGNAL, address, addressLength);
    } catch (Throwable e) {
      throw impossible(e);
    }
  }

  int errno() {
    return errno.get(JAVA_INT, 0);
  }

  /// Memory that costs nothing until it is touched, and stays until this is closed.
  MemorySegment map(long bytes) {
    long address;
    try {
      address =
          (long) MMAP.invokeExact(errno, 0L, bytes, PROT_READ_WRITE, MAP_PRIVATE_ANONYMOUS, -1, 0L);
    } catch (Throwable e) {
      throw impossible(e);
    }
    if (address == -1) {
      throw new OutOfMemoryError("mmap of " + bytes + " bytes, errno " + errno());
    }
    mapped.add(MemorySegment.ofAddress(address).reinterpret(bytes));
    return mapped.getLast();
  }

  void close() {
    try {
      for (var memory : mapped) {
        int _ = (int) MUNMAP.invokeExact(errno, memory.address(), memory.byteSize());
      }
    } catch (Throwable e) {
      throw impossible(e);
    }
  }

  /// Asks the scheduler to let this thread run sooner and for a shorter time at once; it does not
  /// get more. Otherwise a packet waits until the thread that has the core has had its share of a
  /// millisecond. Older kernels than 6.12 pass over it, and who is not allowed to ask goes without.
  void askForShortSlices() {
    var syscall =
        LINKER.downcallHandle(
            LINKER.defaultLookup().findOrThrow("syscall"),
            FunctionDescriptor.of(JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG),
            Linker.Option.firstVariadicArg(1));
    try (var arena = Arena.ofConfined()) {
      var mine = arena.allocate(SCHED_ATTR_BYTES, Long.BYTES);
      long at = mine.address();
      long got = (long) syscall.invokeExact(SCHED_SETATTR + 1, 0L, at, SCHED_ATTR_BYTES, 0L);
      if (got == 0) {
        mine.set(JAVA_LONG, SCHED_ATTR_RUNTIME, SLICE_NANOS);
        long _ = (long) syscall.invokeExact(SCHED_SETATTR, 0L, at, 0L, 0L);
      }
    } catch (Throwable e) {
      throw impossible(e);
    }
  }

  private static AssertionError impossible(Throwable e) {
    return new AssertionError("a foreign call does not throw", e);
  }
}
